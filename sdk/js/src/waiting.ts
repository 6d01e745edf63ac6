/** When to try again: full jitter that grows, or longer when the server asks for it. */

/** Time in milliseconds, as everywhere in the platform; given from outside so that tests need not wait. */
export interface Clock {
  now(): number;
  /** Resolves after this time, or rejects with the signal's reason. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, milliseconds);
      if (signal?.aborted) stop();
      else signal?.addEventListener("abort", stop, { once: true });
    }),
};

const LONGEST_ASKED_SECONDS = 60;
const MOST_SECONDS = 31 * 24 * 3600;

/** The pause after the failed attempt number `attempt`, which counts from 0. */
export function pauseSeconds(attempt: number, random: () => number, asked = 0, longest = 8): number {
  return Math.max(random() * Math.min(longest, 0.5 * 2 ** attempt), Math.min(asked, LONGEST_ASKED_SECONDS));
}

/** A `Retry-After` header in either form (RFC 9110, 10.2.3), or undefined when it cannot be read. */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  const value = header?.trim() ?? "";
  let seconds = /^\d+$/.test(value) ? Number(value) : NaN;
  // The oldest of the three forms of a date names no zone and means GMT.
  if (/^[A-Z][a-z]{2}.* \d\d:/.test(value)) seconds = (Date.parse(value.replace(/( GMT)?$/, " GMT")) - now) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(0, seconds), MOST_SECONDS);
}
