/** Replies as what their route promises; a proxy in between may answer 200 with something else. */

import { malformedReply, problemError } from "./errors.ts";
import type { Reply } from "./transport.ts";
import type { Outcome } from "./types.ts";

export function outcomeOf<Output>(reply: Reply): Outcome<Output> {
  return checked(reply, (body) => "output" in body);
}

/** @throws when the body is not what it should be. */
export function checked<Body>({ body, status }: Reply, fits: (body: Record<string, unknown>) => boolean): Body {
  if (typeof body === "object" && body && fits(body as Record<string, unknown>)) return body as Body;
  throw malformedReply(status, "The answer is not what this route gives.");
}

/** The results of many things in one reply, their problems as errors. */
export function results<Result>(reply: Reply, member: string, count: number): Result[] {
  const body = checked<Record<string, { status: number; problem?: unknown }[]>>(
    reply,
    ({ [member]: found }) => Array.isArray(found) && found.length === count,
  );
  return (body[member] ?? []).map(({ problem, ...result }) => ({
    ...result,
    ...(problem ? { error: problemError(result.status, problem) } : {}),
  })) as Result[];
}
