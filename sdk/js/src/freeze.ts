/** Requests as text: made once when the user acts, and the same over attempts, reloads and restarts. */

import { malformedRequest } from "./errors.ts";
import { newKey } from "./ids.ts";
import type { FrozenRequest } from "./transport.ts";
import type { CloudEvent } from "./types.ts";

/** What a run carries besides its input. */
export interface RunRequestOptions {
  /** One for each intent of a user; a new one unless given. */
  readonly idempotencyKey?: string | undefined;
  /** What the run is charged to, beside the team. */
  readonly workflow?: string | undefined;
  /** `no-cache` for a fresh answer, `no-store` to leave no trace of it in the cache. */
  readonly cacheControl?: "no-cache" | "no-store" | undefined;
}

export function agentPath(agent: string): string {
  return `/v1/agents/${segment(agent)}`;
}

/** A name as one part of a path. @throws when it would make another route of it. */
export function segment(name: string): string {
  if (/^\.*$/.test(name)) throw malformedRequest("A name in a path is neither empty nor only dots.");
  return encodeURIComponent(name);
}

export function frozenRun(agent: string, input: object, options: RunRequestOptions, prefer?: string): FrozenRequest {
  const headers = { Prefer: prefer, "X-Workflow": options.workflow, "Cache-Control": options.cacheControl };
  return {
    method: "POST",
    path: `${agentPath(agent)}/run`,
    body: json({ input }),
    headers: present(headers),
    idempotencyKey: options.idempotencyKey ?? newKey(),
  };
}

export function frozenEvents(
  events: CloudEvent | readonly CloudEvent[],
  now: number,
  workflow?: string,
): FrozenRequest {
  const time = new Date(now).toISOString().replace(/\.\d+/, "");
  const filled = (event: CloudEvent) => ({ specversion: "1.0", id: newKey(), time, ...event });
  const body = Array.isArray(events) ? counted(events, 10, "events").map(filled) : filled(events as CloudEvent);
  return { method: "POST", path: "/v1/events", body: json(body), headers: present({ "X-Workflow": workflow }) };
}

/** @throws when there are none, or more than the gatehouse takes at once. */
export function counted<Item>(items: readonly Item[], most: number, what: string): readonly Item[] {
  if (items.length < 1 || items.length > most) throw malformedRequest(`Send 1 to ${most} ${what} at once.`);
  return items;
}

export function json(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw malformedRequest("The input cannot be written as JSON.", cause);
  }
}

export function present(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}
