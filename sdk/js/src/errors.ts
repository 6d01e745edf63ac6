/**
 * Everything that can go wrong, as one class per family of problem types.
 *
 *     GatehouseError
 *     ├── ConnectionFailed      no answer: `network-error`, or `timeout`
 *     │   └── MalformedReply    an answer that says it is a success and cannot be read
 *     ├── CallerError           4xx, and `malformed-request` for what was never sent
 *     │   ├── Unauthenticated   401, and `token-unavailable` when the application's token callback failed
 *     │   ├── AccessDenied      403
 *     │   ├── NotFound          404
 *     │   ├── WrongZone         421
 *     │   ├── InvalidInput      422
 *     │   └── LimitReached      429
 *     └── UpstreamError         5xx, and redirects, which are never followed
 *
 * `slug` tells the members of a family apart. Messages hold what the gatehouse says about itself, and never what was
 * sent or what somebody else's error page says.
 */

/** One way in which an input does not fit its agent. */
export interface Violation {
  /** A JSON Pointer into the input. */
  readonly pointer: string;
  readonly detail: string;
}

/** What is known of a failure: a problem's members (RFC 9457) under the names of this language. */
export interface Failure {
  readonly slug: string;
  readonly status: number | null;
  readonly detail?: string | undefined;
  readonly retryable?: boolean | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly requestId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly violations?: readonly Violation[] | undefined;
}

/** Any failure that the client tells; `slug` says which, and the class to which family it belongs. */
export class GatehouseError extends Error implements Failure {
  /** The last part of the problem's type, such as `invalid-input`. */
  readonly slug!: string;
  /** The HTTP status, or null when there was no answer. */
  readonly status!: number | null;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;
  /** Quote it to the platform team. */
  readonly requestId: string | undefined;
  readonly traceId: string | undefined;
  /** Where a `wrong-zone` problem sends the caller. */
  readonly baseUrl: string | undefined;
  readonly violations: readonly Violation[] | undefined;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.slug + (failure.detail ? `: ${failure.detail}` : ""), options);
    this.name = "GatehouseError";
    this.retryable = failure.retryable ?? mayPass(failure.status);
    this.slug = failure.slug;
    this.status = failure.status;
    this.retryAfterSeconds = failure.retryAfterSeconds;
    this.requestId = failure.requestId;
    this.traceId = failure.traceId;
    this.baseUrl = failure.baseUrl;
    this.violations = failure.violations;
  }
}
/** There was no answer: `network-error`, or `timeout`. */
export class ConnectionFailed extends GatehouseError {}
/** An answer that says it is a success and cannot be read. */
export class MalformedReply extends ConnectionFailed {}
/** The request cannot be served as it is (4xx), or was never sent (`malformed-request`). */
export class CallerError extends GatehouseError {}
/** The token is missing or not accepted (401), or the application's token callback failed (`token-unavailable`). */
export class Unauthenticated extends CallerError {}
/** The caller may not do this (403). */
export class AccessDenied extends CallerError {}
/** There is no such agent, run, flag or route (404). */
export class NotFound extends CallerError {}
/** The caller's data belongs to another zone (421); `baseUrl` says where. */
export class WrongZone extends CallerError {}
/** The input does not fit its agent (422); `violations` say where. */
export class InvalidInput extends CallerError {}
/** A rate, a quota or a budget is used up (429); `retryAfterSeconds` says until when. */
export class LimitReached extends CallerError {}
/** The gatehouse or what is behind it failed (5xx), or it answered with a redirect, which is never followed. */
export class UpstreamError extends GatehouseError {}

const FAMILIES: Readonly<Record<number, typeof GatehouseError>> = {
  401: Unauthenticated,
  403: AccessDenied,
  404: NotFound,
  421: WrongZone,
  422: InvalidInput,
  429: LimitReached,
};

const PASSING = [408, 425, 429, 500, 502, 503, 504];

function mayPass(status: number | null): boolean {
  return status === null || (status >= 300 && status < 400) || PASSING.includes(status);
}

/** Whether a call tries again by itself; `retryable` alone is a hint for whoever keeps the request. */
export function isTriedAgain({ slug, status, retryable }: GatehouseError): boolean {
  const kind = slug === "run-in-progress" || slug === "network-error" || slug === "timeout";
  return retryable && (kind || PASSING.includes(status ?? 0));
}

/** What was never sent, because no server could have taken it. */
export function malformedRequest(detail: string, cause?: unknown): CallerError {
  return new CallerError({ slug: "malformed-request", status: null, detail, retryable: false }, { cause });
}

export function malformedReply(status: number, detail: string, requestId?: string): MalformedReply {
  return new MalformedReply({ slug: "malformed-reply", status, detail, retryable: true, requestId });
}

/** The error of a problem document; a member that is missing or of the wrong kind is left out. */
export function problemError(
  status: number,
  body: unknown,
  retryAfterSeconds?: number,
  requestId?: string,
): GatehouseError {
  const problem = (body ?? {}) as Record<string, unknown>;
  const slug = /^urn:gatehouse:problem:([a-z0-9-]+)$/.exec(`${problem["type"]}`)?.[1];
  const text = (name: string) => (slug && typeof problem[name] === "string" ? (problem[name] as string) : undefined);
  const family = FAMILIES[status] ?? (status >= 400 && status < 500 ? CallerError : UpstreamError);
  return new family({
    slug: slug ?? `http-${status}`,
    status,
    detail: text("detail") ?? text("title"),
    retryable: slug && typeof problem["retryable"] === "boolean" ? problem["retryable"] : undefined,
    retryAfterSeconds,
    requestId: text("request_id") ?? requestId,
    traceId: text("trace_id"),
    baseUrl: text("base_url"),
    violations: slug && Array.isArray(problem["violations"]) ? (problem["violations"] as Violation[]) : undefined,
  });
}
