/** Time that passes only when somebody sleeps, and a server that answers from a list. */

import type { Clock } from "../src/core.ts";

export class FakeClock implements Clock {
  readonly sleeps: number[] = [];
  #now: number;

  constructor(start = "2026-11-02T09:30:00Z") {
    this.#now = Date.parse(start);
  }

  now(): number {
    return this.#now;
  }

  pass(seconds: number): void {
    this.#now += seconds * 1000;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleeps.push(milliseconds / 1000);
    this.#now += milliseconds;
  }
}

/** Time that a test moves; sleepers wake when it has come. */
export class ManualClock implements Clock {
  #now = Date.parse("2026-11-02T09:30:00Z");
  #sleepers: { due: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { due: this.#now + milliseconds, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      });
    });
  }

  /** Seconds until the next sleeper wakes. */
  get next(): number {
    return Math.min(...this.#sleepers.map(({ due }) => due - this.#now)) / 1000;
  }

  pass(seconds: number): void {
    this.#now += seconds * 1000;
    const woken = this.#sleepers.filter(({ due }) => due <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ due }) => due > this.#now);
    for (const { wake } of woken) wake();
  }
}

export interface Sent {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
}

export type Answer = (sent: Sent) => Response | Promise<Response>;

/** A `fetch` whose answers are given one by one, or by one function for all. */
export function fakeFetch(answers: Answer | Answer[]): { fetch: typeof fetch; sent: Sent[] } {
  const sent: Sent[] = [];
  const answer: typeof fetch = async (url, options) => {
    const request: Sent = {
      url: new URL(url as string),
      method: options?.method ?? "GET",
      headers: new Headers(options?.headers),
      body: (options?.body ?? undefined) as string | undefined,
      signal: options?.signal ?? undefined,
    };
    sent.push(request);
    const next = Array.isArray(answers) ? answers[sent.length - 1] : answers;
    if (!next) throw new Error(`Request number ${sent.length} was not expected.`);
    return next(request);
  };
  return { fetch: answer, sent };
}

export const OUTCOME = { id: "run_1", agent: "ticket_summary", output: { summary: "Late order." }, cost_micro_usd: 42 };

export function outcome(): Response {
  return Response.json(OUTCOME);
}

export function problem(
  status: number,
  slug: string,
  headers: Record<string, string> = {},
  more: object = {},
): Response {
  const body = { type: `urn:gatehouse:problem:${slug}`, title: "t", status, detail: "d", request_id: "req-1", ...more };
  return Response.json(body, { status, headers });
}

export function networkFailure(): Promise<never> {
  return Promise.reject(new TypeError("fetch failed"));
}

/** Lets everything else go on until something is so; a test that waits in vain fails. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 20_000; turn++) {
    if (await isSo()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`It never came to: ${isSo}`);
}
