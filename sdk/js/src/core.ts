/** Agent Gatehouse in a few kilobytes. The offline queue, context, flags and telemetry are entries of their own. */

export {
  type BatchOptions,
  Client,
  type ClientOptions,
  type PublishOptions,
  type RunOptions,
  type WaitOptions,
} from "./client.ts";
export {
  AccessDenied,
  CallerError,
  ConnectionFailed,
  type Failure,
  GatehouseError,
  InvalidInput,
  LimitReached,
  MalformedReply,
  NotFound,
  Unauthenticated,
  UpstreamError,
  type Violation,
  WrongZone,
} from "./errors.ts";
export type { RunRequestOptions } from "./freeze.ts";
export type { CallInfo, Hooks, QueueHookEvent, ReplyInfo } from "./hooks.ts";
export type { CallOptions, FrozenRequest, Reply, Transport, TransportOptions } from "./transport.ts";
export type * from "./types.ts";
export type { Clock } from "./waiting.ts";
