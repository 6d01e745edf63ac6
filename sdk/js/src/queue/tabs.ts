/** The tabs of one origin: only one of them sends at a time, and all of them hear what came of it. */

import type { DeadLetter } from "./store.ts";

/** What happened to a queued request. Only plain data, so that it can go from tab to tab. */
export type QueueNews =
  | { readonly what: "delivered"; readonly key: string; readonly note: unknown; readonly result: unknown }
  | { readonly what: "dead"; readonly letter: DeadLetter }
  | { readonly what: "dropped"; readonly key: string }
  | ({ readonly what: "postponed"; readonly id: string } & Postponed)
  | { readonly what: "cleared" };

/** When a request that failed may be sent again. */
export interface Postponed {
  readonly failures: number;
  readonly due: number;
}

export class Tabs {
  readonly #name: string;
  readonly #locks: LockManager | undefined;
  #channel: BroadcastChannel | undefined;

  constructor(name: string, locks: LockManager | undefined, hear: (news: QueueNews) => void) {
    this.#name = name;
    this.#locks = locks;
    this.#channel = globalThis.BroadcastChannel && new BroadcastChannel(name);
    this.#channel?.addEventListener("message", ({ data }) => hear(data));
    // In Node, an open channel would keep the process alive.
    (this.#channel as { unref?(): void } | undefined)?.unref?.();
  }

  /** Without Web Locks two tabs may send the same request; its key makes the gatehouse do it once. */
  async alone(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    if (this.#locks) await this.#locks.request(this.#name, { signal }, work);
    else await work();
  }

  tell(news: QueueNews): void {
    this.#channel?.postMessage(news);
  }

  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }
}
