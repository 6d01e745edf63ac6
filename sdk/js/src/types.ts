/** What goes over the wire, in the names of the wire: one vocabulary with the HTTP interface and its documents. */

import type { GatehouseError } from "./errors.ts";

/** What an agent answered, what it cost, and where to follow it. */
export interface Outcome<Output = unknown> {
  readonly id: string;
  readonly agent: string;
  readonly version: string;
  readonly output: Output;
  readonly model: string | null;
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number };
  readonly cost_micro_usd: number;
  readonly cache: string;
  readonly age_seconds: number | null;
  readonly trace_id: string | null;
}

/** A run that is done later, as it stands. */
export interface RunStatus<Output = unknown> {
  readonly id: string;
  readonly agent: string;
  readonly status: "queued" | "running" | "succeeded" | "failed";
  readonly accepted_at: string;
  readonly changed_at: string;
  readonly outcome?: Outcome<Output>;
  readonly problem?: unknown;
  /** When to look again; from the reply's header. */
  readonly retryAfterSeconds?: number | undefined;
}

/** An event (CloudEvents 1.0); what is absent of `specversion`, `id` and `time` is filled in. */
export interface CloudEvent {
  readonly source: string;
  readonly type: string;
  readonly specversion?: "1.0";
  readonly id?: string;
  readonly time?: string;
  readonly data?: unknown;
  readonly [attribute: string]: unknown;
}

/** What became of one event, in the order in which they were given. */
export interface PublishResult {
  readonly id?: string;
  readonly status: number;
  readonly error?: GatehouseError;
}

/** What became of one input of a batch: an outcome or an error. */
export interface BatchResult<Output = unknown> {
  readonly status: number;
  readonly outcome?: Outcome<Output>;
  readonly error?: GatehouseError;
}

/** An agent in the catalogue. */
export interface AgentLine {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly roles: readonly string[];
  readonly enabled: boolean;
  readonly run: string;
}

/** All that a caller may know of an agent; the schemas are JSON Schema. */
export interface AgentPage extends AgentLine {
  readonly owner: string;
  readonly consumes: readonly string[];
  readonly emits: string | null;
  readonly timeout_seconds: number;
  readonly max_input_bytes: number;
  readonly input_schema: object;
  readonly output_schema: object;
}
