/**
 * One logical request over HTTP: the same body, key and trace over all attempts, until there is an answer, a failure
 * that stays, or the deadline.
 */

import {
  GatehouseError,
  isTriedAgain,
  malformedReply,
  malformedRequest,
  ConnectionFailed,
  problemError,
  Unauthenticated,
} from "./errors.ts";
import { type CallInfo, type Hooks, watch } from "./hooks.ts";
import { newTraceparent } from "./ids.ts";
import { type Clock, pauseSeconds, retryAfterSeconds, systemClock } from "./waiting.ts";

/** Where the gatehouse is, who calls, how long to try; and what tests replace. */
export interface TransportOptions {
  /** Such as `https://eu.gatehouse.example.com`, or a path of the page's own origin, such as `/gatehouse`. */
  readonly baseUrl: string;
  /** A token, or how to get one: asked once, and again (with `true`) when the gatehouse no longer takes it. */
  readonly token: string | ((refresh: boolean) => string | Promise<string>);
  /** For a whole call with all its attempts and pauses; 60 unless given. */
  readonly deadlineSeconds?: number | undefined;
  /** For one attempt; 35 unless given, for the gatehouse itself answers within 29. */
  readonly attemptSeconds?: number | undefined;
  /** No limit unless given: the deadline ends a call. */
  readonly maxAttempts?: number | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly clock?: Clock | undefined;
  /** In [0, 1), for the jitter. */
  readonly random?: (() => number) | undefined;
  readonly hooks?: Hooks | undefined;
}

/** Choices for one call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly deadlineSeconds?: number | undefined;
  readonly maxAttempts?: number | undefined;
  /** W3C trace context to go on with; a new trace unless given. */
  readonly traceparent?: string | undefined;
}

/** A request that can be kept and sent again later: its body is text from here on. */
export interface FrozenRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** What the gatehouse answered to one request. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What stays the same over the attempts of one call. */
interface Attempts {
  readonly request: FrozenRequest;
  readonly headers: Readonly<Record<string, string>>;
  readonly info: CallInfo;
  readonly signal: AbortSignal | undefined;
  readonly deadline: number;
}

/** Sends one request until it is answered, fails for good or runs out of time. */
export class Transport {
  readonly clock: Clock;
  readonly hooks: Hooks;
  readonly random: () => number;
  readonly #options: TransportOptions;
  #baseUrl: string;
  #token: Promise<string> | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#baseUrl = options.baseUrl;
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.hooks = options.hooks ?? {};
  }

  /** @throws {GatehouseError} and the signal's reason, when it is the signal that ended the call. */
  async request(request: FrozenRequest, options: CallOptions = {}): Promise<Reply> {
    const { method, idempotencyKey } = request;
    const path = request.path.replace(/\?.*/, "");
    const traceparent =
      options.traceparent ?? watch(() => this.hooks.traceparent?.({ method, path })) ?? newTraceparent();
    const info: CallInfo = { method, path, idempotencyKey, traceparent };
    const deadline = this.clock.now() + (options.deadlineSeconds ?? this.#options.deadlineSeconds ?? 60) * 1000;
    try {
      if (!isSafe(this.#baseUrl))
        throw malformedRequest("The base URL begins with https, or a token would be sent in the clear.");
      const headers = { ...fixedHeaders(request), traceparent };
      const attempts = { request, headers, info, signal: options.signal, deadline };
      return await this.#untilAnswered(attempts, options.maxAttempts ?? this.#options.maxAttempts ?? Infinity);
    } catch (error) {
      watch(() => this.hooks.onError?.(info, error));
      throw error;
    }
  }

  async #untilAnswered(call: Attempts, most: number): Promise<Reply> {
    let refreshed = typeof this.#options.token === "string";
    let moved = false;
    for (let attempt = 0; ;) {
      const token = this.#currentToken();
      try {
        return await this.#send(call, attempt, token);
      } catch (error) {
        if (!(error instanceof GatehouseError)) throw error;
        if (error.status === 401 && !refreshed) {
          refreshed = true;
          this.#refresh(token);
        } else if (error.status === 421 && !moved && this.#follow(error.baseUrl)) {
          moved = true;
        } else {
          await this.#pause(call, error, attempt++, most);
        }
      }
    }
  }

  /** Waits until the next attempt, or throws the error when there shall be none. */
  async #pause(call: Attempts, error: GatehouseError, attempt: number, most: number): Promise<void> {
    const asked = error.retryAfterSeconds ?? 0;
    const seconds = pauseSeconds(attempt, this.random, asked);
    const left = (call.deadline - this.clock.now()) / 1000;
    if (attempt + 1 >= most || !isTriedAgain(error) || Math.max(seconds, asked) >= left) throw error;
    watch(() => this.hooks.onRetry?.(call.info, { attempt, pauseSeconds: seconds, error }));
    await this.clock.sleep(seconds * 1000, call.signal);
  }

  async #send(call: Attempts, attempt: number, token: Promise<string>): Promise<Reply> {
    const { request, info } = call;
    const begun = this.clock.now();
    const most = Math.min((this.#options.attemptSeconds ?? 35) * 1000, call.deadline - begun);
    const late = AbortSignal.timeout(Math.max(0, most));
    const signal = call.signal ? AbortSignal.any([call.signal, late]) : late;
    let response: Response;
    let text: string;
    try {
      const headers = sendable({ ...call.headers, Authorization: `Bearer ${await unlessAborted(token, signal)}` });
      watch(() => this.hooks.onRequest?.(info, attempt));
      response = await (this.#options.fetch ?? fetch)(this.#baseUrl.replace(/\/+$/, "") + request.path, {
        method: request.method,
        body: request.body ?? null,
        headers,
        signal,
        // The token is the credential: neither cookies nor somebody else's redirect belong to a call.
        credentials: "omit",
        redirect: "manual",
      });
      text = await response.text();
    } catch (cause) {
      call.signal?.throwIfAborted();
      if (cause instanceof GatehouseError) throw cause;
      const slug = (cause as Error).name === "TimeoutError" ? "timeout" : "network-error";
      throw new ConnectionFailed({ slug, status: null, detail: "No answer came." }, { cause });
    }
    const requestId = response.headers.get("x-amzn-requestid") ?? undefined;
    const milliseconds = this.clock.now() - begun;
    watch(() =>
      this.hooks.onResponse?.(info, { status: response.status, headers: response.headers, milliseconds, requestId }),
    );
    return this.#read(response, text, requestId);
  }

  #read({ ok, status, headers }: Response, text: string, requestId: string | undefined): Reply {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      // The parser's own error quotes the text, so it does not become a cause.
      if (ok)
        throw malformedReply(status, "The answer is no JSON; is something between you and the gatehouse?", requestId);
    }
    if (ok) return { status, headers, body };
    // A browser hides a redirect's status.
    throw problemError(status || 302, body, retryAfterSeconds(headers.get("retry-after"), this.clock.now()), requestId);
  }

  #currentToken(refresh = false): Promise<string> {
    const { token } = this.#options;
    if (typeof token === "string") return Promise.resolve(token);
    return (this.#token ??= this.#ask(token, refresh));
  }

  #ask(token: (refresh: boolean) => string | Promise<string>, refresh: boolean): Promise<string> {
    const asked = Promise.resolve(refresh)
      .then(token)
      .catch((cause) => {
        if (this.#token === asked) this.#token = undefined;
        throw new Unauthenticated(
          { slug: "token-unavailable", status: null, detail: "The token callback failed." },
          { cause },
        );
      });
    return asked;
  }

  /** Asks for a new token, unless another call has already done so: the refused one is then no longer the current one. */
  #refresh(refused: Promise<string>): void {
    if (this.#token !== refused) return;
    this.#token = undefined;
    this.#currentToken(true).catch(() => undefined);
  }

  /** Goes to another zone from now on, but never from an encrypted connection to an open one. */
  #follow(baseUrl: string | undefined): boolean {
    if (!baseUrl || !isSafe(baseUrl) || (this.#baseUrl.startsWith("https:") && !baseUrl.startsWith("https:")))
      return false;
    this.#baseUrl = baseUrl;
    return true;
  }
}

/** A token callback that never answers must not hold up a call, and with it a queue, for ever. */
function unlessAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject);
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/** Encrypted, or this very machine, or the origin of the page itself. */
function isSafe(baseUrl: string): boolean {
  return /^(https:\/\/|http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?(\/|$)|\/(?!\/)|$)/.test(baseUrl);
}

/** A request's headers without those of one attempt. @throws when no header can carry them. */
export function fixedHeaders({ body, headers, idempotencyKey }: FrozenRequest): Record<string, string> {
  return sendable({
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...headers,
    ...(idempotencyKey === undefined ? {} : { "Idempotency-Key": quotedKey(idempotencyKey) }),
  });
}

/** A line break would begin another header, and the platform's own error would show the token. */
function sendable(headers: Record<string, string>): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[ -~]*$/.test(value)) throw malformedRequest(`${name} is visible ASCII characters only.`);
  }
  return headers;
}

/** A structured-field string (RFC 9651, 3.3.3). */
export function quotedKey(key: string): string {
  if (!/^[ -~]{1,255}$/.test(key)) throw malformedRequest("An idempotency key is 1 to 255 visible ASCII characters.");
  return `"${key.replace(/["\\]/g, "\\$&")}"`;
}
