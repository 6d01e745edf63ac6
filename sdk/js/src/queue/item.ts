/** What a queued request is, and what the gatehouse's answer to it means. */

import type { GatehouseError } from "../errors.ts";
import { outcomeOf, results } from "../replies.ts";
import { fixedHeaders, type FrozenRequest, type Reply } from "../transport.ts";
import type { PublishResult } from "../types.ts";
import type { Item, Place } from "./store.ts";

/** What the application gives along, such as the ticket that a summary is for; it comes back with the answer. */
export interface NoteOptions {
  readonly note?: unknown;
}

/** What is kept of a request from the moment in which the user acts. */
export function itemOf(request: FrozenRequest, now: number, note: unknown): Item {
  const body = request.body ?? "";
  const event = request.idempotencyKey ? undefined : (JSON.parse(body) as { id: string; source: string });
  const key = event?.id ?? (request.idempotencyKey as string);
  fixedHeaders(request);
  const id = JSON.stringify([key, event?.source ?? request.path]);
  return { place: [now, new TextEncoder().encode(body).length, id], key, request, note };
}

/** What the request came to; an event that was refused inside of a success is a failure too. */
export function resultOf(request: FrozenRequest, reply: Reply): unknown {
  if (request.path !== "/v1/events") return outcomeOf(reply);
  const [result] = results<PublishResult>(reply, "results", 1);
  if (result?.error) throw result.error;
  return result;
}

/**
 * Whether the gatehouse has said that the request will never succeed. A token may be renewed, a quota begins anew, and an
 * answer that is no problem of the gatehouse comes from something in between: none of these is its answer.
 */
export function isFinal({ retryable, status, slug }: GatehouseError): boolean {
  return !retryable && status !== null && status !== 401 && status !== 429 && !slug.startsWith("http-");
}

export function keyOf(place: Place): string {
  return (JSON.parse(place[2]) as [string])[0];
}
