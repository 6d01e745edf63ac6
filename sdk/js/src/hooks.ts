/** What an application may watch: ids and durations, never content. Nothing is sent anywhere by the client itself. */

/** One logical call; the same object for all of its attempts, so an adapter may use it as a key. */
export interface CallInfo {
  readonly method: string;
  /** Without the query, which may hold words of a person. */
  readonly path: string;
  readonly idempotencyKey?: string | undefined;
  readonly traceparent: string;
}

/** One answer, without its body. */
export interface ReplyInfo {
  /** 0 when a browser hides that of a redirect. */
  readonly status: number;
  /** `RateLimit`, `Age`, `Idempotent-Replayed` and the like. */
  readonly headers: Headers;
  readonly milliseconds: number;
  readonly requestId: string | undefined;
}

/** Functions that are called while calls go on; one that throws breaks nothing. */
export interface Hooks {
  /** The trace that a call shall go on with, unless the call names one; a new trace otherwise. */
  traceparent?(call: Pick<CallInfo, "method" | "path">): string | undefined;
  onRequest?(call: CallInfo, attempt: number): void;
  onResponse?(call: CallInfo, reply: ReplyInfo): void;
  onRetry?(call: CallInfo, retry: { attempt: number; pauseSeconds: number; error: Error }): void;
  /** The call has failed for good. */
  onError?(call: CallInfo, error: unknown): void;
  onQueue?(event: QueueHookEvent): void;
}

/** Something that happened in the queue. */
export interface QueueHookEvent {
  readonly what: "enqueued" | "delivered" | "postponed" | "dead" | "dropped" | "degraded";
  readonly key?: string;
  readonly error?: Error;
  /** Since it was enqueued. */
  readonly milliseconds?: number;
}

/** Runs a hook; one that throws must not break the call that it watches, so it is only shown. */
export function watch<Result>(hook: () => Result): Result | undefined {
  try {
    return hook();
  } catch (error) {
    console.error("A Gatehouse hook failed.", error);
    return undefined;
  }
}
