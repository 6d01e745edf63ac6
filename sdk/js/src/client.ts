/** The gatehouse as an object: run an agent now or later, many at once, publish events, look around. */

import { ConnectionFailed, problemError } from "./errors.ts";
import {
  agentPath,
  counted,
  frozenEvents,
  frozenRun,
  json,
  present,
  type RunRequestOptions,
  segment,
} from "./freeze.ts";
import { newKey } from "./ids.ts";
import { checked, outcomeOf, results } from "./replies.ts";
import { type CallOptions, type FrozenRequest, type Reply, Transport, type TransportOptions } from "./transport.ts";
import type { AgentLine, AgentPage, BatchResult, CloudEvent, Outcome, PublishResult, RunStatus } from "./types.ts";
import { retryAfterSeconds } from "./waiting.ts";

/** Where the gatehouse is, who calls, and how long to try. */
export interface ClientOptions extends TransportOptions {
  /** What runs are charged to unless a call names another. */
  readonly workflow?: string | undefined;
}

/** Choices for one run. */
export interface RunOptions extends CallOptions, RunRequestOptions {}

/** Choices for publishing events. */
export interface PublishOptions extends CallOptions {
  /** What the events are charged to, beside the team. */
  readonly workflow?: string | undefined;
}

/** Choices for a batch. */
export interface BatchOptions extends PublishOptions {
  /** An idempotency key for each input; a new one where there is none. */
  readonly keys?: readonly (string | null | undefined)[] | undefined;
}

/** How long to wait for a run that is done later. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for the run's end; 300 unless given. */
  readonly deadlineSeconds?: number | undefined;
}

const LOOK_AGAIN_SECONDS = 2;

/** Runs agents, publishes events and looks around; one client serves a whole application. */
export class Client {
  /** For the queue and other ways to send; an application calls the methods below. */
  readonly transport: Transport;
  /** What runs are charged to unless a call names another. */
  readonly workflow: string | undefined;

  constructor(options: ClientOptions) {
    this.transport = new Transport(options);
    this.workflow = options.workflow;
  }

  /** Runs an agent and gives its outcome. */
  async run<Output = unknown>(agent: string, input: object, options: RunOptions = {}): Promise<Outcome<Output>> {
    return outcomeOf<Output>(await this.#send(frozenRun(agent, input, this.#charged(options)), options));
  }

  /** Has an agent run later, and gives its place in the line; `wait` or `watch` it. */
  async runAsync<Output = unknown>(agent: string, input: object, options: RunOptions = {}): Promise<RunStatus<Output>> {
    const reply = await this.#send(frozenRun(agent, input, this.#charged(options), "respond-async"), options);
    return this.#status(reply);
  }

  /** How a run that is done later stands now. */
  async status<Output = unknown>(id: string, options?: CallOptions): Promise<RunStatus<Output>> {
    return this.#status(await this.#send({ method: "GET", path: `/v1/runs/${segment(id)}` }, options));
  }

  /** Every look at a run until it is over; the last one has its outcome or its problem. */
  async *watch<Output = unknown>(
    run: string | RunStatus<Output>,
    options: WaitOptions = {},
  ): AsyncGenerator<RunStatus<Output>> {
    const { clock } = this.transport;
    const end = clock.now() + (options.deadlineSeconds ?? 300) * 1000;
    const id = typeof run === "string" ? run : run.id;
    for (let status = typeof run === "string" ? undefined : run; ;) {
      if (status) {
        yield status;
        if (status.outcome || status.problem) return;
        const pause = Math.max(0.5, status.retryAfterSeconds ?? LOOK_AGAIN_SECONDS) * 1000;
        if (clock.now() + pause >= end) throw notOver();
        await clock.sleep(pause, options.signal);
      }
      const left = (end - clock.now()) / 1000;
      status = await this.status<Output>(id, { ...options, deadlineSeconds: Math.min(60, left) });
    }
  }

  /** Waits for a run that is done later. @throws its problem, when it failed. */
  async wait<Output = unknown>(run: string | RunStatus<Output>, options?: WaitOptions): Promise<Outcome<Output>> {
    for await (const { outcome, problem } of this.watch(run, options)) {
      if (outcome) return outcome;
      if (problem) throw problemError((problem as { status: number }).status, problem);
    }
    throw notOver();
  }

  /** Runs an agent on up to 25 small inputs in one request; each has its own result, in order. */
  async batch<Output = unknown>(
    agent: string,
    inputs: readonly object[],
    options: BatchOptions = {},
  ): Promise<BatchResult<Output>[]> {
    const items = counted(inputs, 25, "inputs").map((input, at) => ({ input, key: options.keys?.[at] ?? newKey() }));
    const headers = present({ "X-Workflow": options.workflow ?? this.workflow });
    const reply = await this.#send(
      { method: "POST", path: `${agentPath(agent)}/batch`, body: json({ items }), headers },
      options,
    );
    return results<BatchResult<Output>>(reply, "items", items.length);
  }

  /** Publishes one event or up to 10; each has its own result, in order. */
  async publish(events: CloudEvent | readonly CloudEvent[], options: PublishOptions = {}): Promise<PublishResult[]> {
    const request = frozenEvents(events, this.transport.clock.now(), options.workflow ?? this.workflow);
    const reply = await this.#send(request, options);
    return results<PublishResult>(reply, "results", Array.isArray(events) ? events.length : 1);
  }

  /** The agents of this zone, or those that a query finds. */
  async agents(query?: string, options?: CallOptions): Promise<AgentLine[]> {
    const path = query === undefined ? "/v1/agents" : `/v1/agents/search?q=${encodeURIComponent(query)}`;
    const reply = await this.#send({ method: "GET", path }, options);
    return checked<{ agents: AgentLine[] }>(reply, ({ agents }) => Array.isArray(agents)).agents;
  }

  /** One agent, with the JSON schemas of what it takes and gives. */
  async agent(name: string, options?: CallOptions): Promise<AgentPage> {
    return checked<AgentPage>(
      await this.#send({ method: "GET", path: agentPath(name) }, options),
      (body) => "name" in body,
    );
  }

  #send(request: FrozenRequest, options?: CallOptions): Promise<Reply> {
    return this.transport.request(request, options);
  }

  #charged(options: RunOptions): RunOptions {
    return { ...options, workflow: options.workflow ?? this.workflow };
  }

  #status<Output>(reply: Reply): RunStatus<Output> {
    const asked = retryAfterSeconds(reply.headers.get("retry-after"), this.transport.clock.now());
    const status = checked<RunStatus<Output>>(reply, (body) => "status" in body);
    return { ...status, retryAfterSeconds: asked };
  }
}

function notOver(): ConnectionFailed {
  return new ConnectionFailed({
    slug: "timeout",
    status: null,
    detail: "The run is not over yet; wait for its id again.",
  });
}
