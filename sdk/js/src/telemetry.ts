/** Ways to use the hooks: several at once, as OpenTelemetry spans, and what is left of the team's limits. */

import type { CallInfo, Hooks } from "./hooks.ts";

export type { CallInfo, Hooks, QueueHookEvent, ReplyInfo } from "./hooks.ts";

/** One set of hooks that calls all of them; the first that knows a trace gives it. */
export function combinedHooks(...all: readonly Hooks[]): Hooks {
  return {
    traceparent: (call) => first(all, (hooks) => hooks.traceparent?.(call)),
    onRequest: (...about) => all.forEach((hooks) => hooks.onRequest?.(...about)),
    onResponse: (...about) => all.forEach((hooks) => hooks.onResponse?.(...about)),
    onRetry: (...about) => all.forEach((hooks) => hooks.onRetry?.(...about)),
    onError: (...about) => all.forEach((hooks) => hooks.onError?.(...about)),
    onQueue: (...about) => all.forEach((hooks) => hooks.onQueue?.(...about)),
  };
}

function first<From, Found>(all: readonly From[], find: (from: From) => Found | undefined): Found | undefined {
  for (const one of all) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** As much of OpenTelemetry's `Tracer` and `Span` as is used, so that nobody needs OpenTelemetry who does not have it. */
export interface TracerLike {
  startSpan(name: string, options: { kind: number; attributes: Record<string, string> }): SpanLike;
}

/** As much of OpenTelemetry's `Span` as is used. */
export interface SpanLike {
  spanContext(): { traceId: string; spanId: string; traceFlags: number };
  setAttribute(name: string, value: string | number): unknown;
  addEvent(name: string, attributes: Record<string, string | number>): unknown;
  setStatus(status: { code: number }): unknown;
  end(): void;
}

const CLIENT_SPAN = 2;
const STATUS_ERROR = 2;

/** One span for each call, with its retries as events; the gatehouse's own spans hang below it. */
export function openTelemetryHooks(tracer: TracerLike): Hooks {
  const spans = new Map<string, SpanLike>();
  const end = ({ traceparent }: CallInfo) => {
    spans.get(traceparent)?.end();
    spans.delete(traceparent);
  };
  return {
    traceparent({ method, path }) {
      const attributes = { "http.request.method": method, "url.path": path };
      const span = tracer.startSpan(`gatehouse ${method}`, { kind: CLIENT_SPAN, attributes });
      const { traceId, spanId, traceFlags } = span.spanContext();
      const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
      spans.set(traceparent, span);
      return traceparent;
    },
    onResponse(call, { status, requestId }) {
      const span = spans.get(call.traceparent);
      span?.setAttribute("http.response.status_code", status);
      if (requestId) span?.setAttribute("gatehouse.request_id", requestId);
      if (status >= 200 && status < 300) end(call);
    },
    onRetry({ traceparent }, { attempt, pauseSeconds, error }) {
      spans.get(traceparent)?.addEvent("retry", { attempt, pause_seconds: pauseSeconds, "error.type": slugOf(error) });
    },
    onError(call, error) {
      spans.get(call.traceparent)?.setAttribute("error.type", slugOf(error));
      spans.get(call.traceparent)?.setStatus({ code: STATUS_ERROR });
      end(call);
    },
  };
}

function slugOf(error: unknown): string {
  const { slug, name } = error as { slug?: string; name?: string };
  return slug ?? name ?? "unknown";
}

/** The parameters of one limit, such as `r` (what remains), `t` (seconds until it is reset), `q` and `w`. */
export type Limit = Readonly<Record<string, number | string>>;

const NAME = /"((?:[ !#-[\]-~]|\\["\\])*)"/y;
const PARAMETER =
  /; *([a-z*][a-z0-9_.*-]*)=(?:"((?:[ !#-[\]-~]|\\["\\])*)"|(-?\d{1,15})(?!\d)|([A-Za-z*:?][^\s;,"]*))/y;
const COMMA = /[ \t]*,[ \t]*/y;

/**
 * A `RateLimit` or `RateLimit-Policy` header (draft-ietf-httpapi-ratelimit-headers-10), by the limit's name. It is a list
 * of structured-field strings (RFC 9651) with parameters; a header that is not well-formed gives no limits at all.
 */
export function rateLimits(header: string | null): ReadonlyMap<string, Limit> {
  const text = header?.replace(/^ +| +$/g, "") ?? "";
  const limits = new Map<string, Limit>();
  let at = 0;
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  do {
    const name = next(NAME);
    if (!name) return new Map();
    const limit: Record<string, number | string> = {};
    for (let found = next(PARAMETER); found; found = next(PARAMETER)) {
      const [, parameter, quoted, integer, other] = found;
      limit[parameter as string] = integer ? Number(integer) : (other ?? unescaped(quoted as string));
    }
    limits.set(unescaped(name[1] as string), limit);
  } while (next(COMMA));
  return at === text.length ? limits : new Map();
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}
