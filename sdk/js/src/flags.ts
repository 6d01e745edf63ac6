/**
 * Feature flags: an OpenFeature provider over the gatehouse's OFREP route.
 *
 * Cache first: a page starts with the flags that it knew, and asks for news with their ETag. Flags older than the maximum
 * age are not trusted: each then has its closed value, so that nobody keeps a switched-off agent alive by being offline.
 */

import { attempt } from "./attempt.ts";
import type { Client } from "./client.ts";
import { GatehouseError } from "./errors.ts";
import { checked } from "./replies.ts";

/** Who asks, for rules that depend on it; OpenFeature's `EvaluationContext`. */
export interface FlagContext {
  readonly targetingKey?: string | undefined;
  readonly [attribute: string]: unknown;
}

/** What a flag is, and why; OpenFeature's `ResolutionDetails`. */
export interface Resolution<Value> {
  value: Value;
  reason: string;
  variant?: string;
  /** One of the strings of an enumeration that only OpenFeature itself can name as a type. */
  errorCode?: any;
}

/** As much of OpenFeature's event emitter as is used; `any`, for its events are an enumeration of its own. */
export interface Emitter {
  emit(event: any, details?: { flagsChanged?: string[] }): void;
}

/** How old flags may be, how often to ask, and what holds while nothing is known. */
export interface FlagOptions<Events = unknown> {
  /** How old a flag may be; 60 unless given. */
  readonly maxAgeSeconds?: number | undefined;
  /** How often to ask; 20 unless given. */
  readonly pollSeconds?: number | undefined;
  /** What a flag is while nothing recent is known of it. Unless given, a boolean is false, and any other what the code asks with. */
  readonly closed?: Readonly<Record<string, unknown>> | undefined;
  /** `localStorage` unless given; null for none. */
  readonly storage?: Pick<Storage, "getItem" | "setItem"> | null | undefined;
  /** `new OpenFeatureEventEmitter()`, for screens that change with the flags. */
  readonly events?: (Events & Emitter) | undefined;
}

interface Flag {
  readonly key: string;
  readonly value?: unknown;
  readonly reason?: string;
  readonly variant?: string;
  readonly errorCode?: string;
}

interface Known {
  readonly etag: string | null;
  readonly checkedAt: number;
  readonly flags: readonly Flag[];
}

/** An OpenFeature provider for `@openfeature/web-sdk`. */
export class GatehouseProvider<Events = never> {
  readonly metadata = { name: "agent-gatehouse" } as const;
  readonly runsOn = "client";
  readonly events?: Events;
  readonly #client: Client;
  readonly #options: FlagOptions<Events>;
  #context: FlagContext = {};
  #known: Known | undefined;
  #polling = new AbortController();

  constructor(client: Client, options: FlagOptions<Events> = {}) {
    this.#client = client;
    this.#options = options;
    if (options.events) this.events = options.events;
  }

  /** Ready at once when the cache is fresh enough, else after one try: without an answer the flags are closed, not broken. */
  async initialize(context: FlagContext = {}): Promise<void> {
    await this.onContextChange({}, context);
    void this.#poll(this.#polling.signal);
  }

  async onContextChange(_old: FlagContext, context: FlagContext): Promise<void> {
    this.#context = context;
    this.#known = this.#restored();
    const news = this.refresh();
    if (!this.#fresh) await news;
  }

  async onClose(): Promise<void> {
    this.#polling.abort();
    this.#polling = new AbortController();
  }

  resolveBooleanEvaluation(key: string, fallback: boolean): Resolution<boolean> {
    return this.#resolve(key, fallback, false);
  }

  resolveStringEvaluation(key: string, fallback: string): Resolution<string> {
    return this.#resolve(key, fallback, fallback);
  }

  resolveNumberEvaluation(key: string, fallback: number): Resolution<number> {
    return this.#resolve(key, fallback, fallback);
  }

  resolveObjectEvaluation<Value>(key: string, fallback: Value): Resolution<Value> {
    return this.#resolve(key, fallback, fallback);
  }

  /** Asks the gatehouse now; false when there was no answer. */
  async refresh(): Promise<boolean> {
    const context = this.#context;
    try {
      const news = await this.#ask(context);
      if (context === this.#context) this.#learn(news);
      return true;
    } catch (error) {
      if (error instanceof GatehouseError) return false;
      throw error;
    }
  }

  async #ask(context: FlagContext): Promise<Known> {
    const known = this.#known;
    const checkedAt = this.#client.transport.clock.now();
    const body = JSON.stringify({ context });
    const headers: Record<string, string> = known?.etag ? { "If-None-Match": known.etag } : {};
    try {
      const request = { method: "POST", path: "/ofrep/v1/evaluate/flags", body, headers } as const;
      const reply = await this.#client.transport.request(request, { maxAttempts: 1, deadlineSeconds: 10 });
      const { flags } = checked<{ flags: readonly Flag[] }>(reply, (answer) => Array.isArray(answer["flags"]));
      return { etag: reply.headers.get("etag"), checkedAt, flags };
    } catch (error) {
      if (known && error instanceof GatehouseError && error.status === 304) return { ...known, checkedAt };
      throw error;
    }
  }

  #learn(news: Known): void {
    const before = new Map(this.#known?.flags.map((flag) => [flag.key, JSON.stringify(flag.value)]));
    const after = new Map(news.flags.map((flag) => [flag.key, JSON.stringify(flag.value)]));
    const flagsChanged = [...new Set([...before.keys(), ...after.keys()])].filter(
      (key) => before.get(key) !== after.get(key),
    );
    this.#known = news;
    attempt(() => this.#storage?.setItem(this.#name, JSON.stringify(news)));
    if (flagsChanged.length) this.#options.events?.emit("PROVIDER_CONFIGURATION_CHANGED", { flagsChanged });
  }

  #resolve<Value>(key: string, fallback: Value, closed: Value): Resolution<Value> {
    // Told as stale and not as an error, for then OpenFeature would give the code's default instead.
    if (!this.#fresh) return { value: (this.#options.closed?.[key] as Value | undefined) ?? closed, reason: "STALE" };
    const flag = this.#known?.flags.find((found) => found.key === key);
    if (!flag) return { value: fallback, reason: "ERROR", errorCode: "FLAG_NOT_FOUND" };
    if (flag.errorCode) return { value: fallback, reason: "ERROR", errorCode: flag.errorCode };
    if (typeof flag.value !== typeof fallback) return { value: fallback, reason: "ERROR", errorCode: "TYPE_MISMATCH" };
    const { reason = "UNKNOWN", variant } = flag;
    return { value: flag.value as Value, reason, ...(variant === undefined ? {} : { variant }) };
  }

  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#client.transport.clock.sleep((this.#options.pollSeconds ?? 20) * 1000, signal).catch(() => undefined);
      const before = this.#fresh;
      if (!signal.aborted) await this.refresh();
      if (before && !this.#fresh) this.#options.events?.emit("PROVIDER_STALE");
    }
  }

  get #fresh(): boolean {
    const age = this.#client.transport.clock.now() - (this.#known?.checkedAt ?? -Infinity);
    return age >= 0 && age < (this.#options.maxAgeSeconds ?? 60) * 1000;
  }

  get #storage() {
    return this.#options.storage === undefined ? globalThis.localStorage : this.#options.storage;
  }

  /** A short hash, so that who asks cannot be read from a key of the storage. */
  get #name(): string {
    let hash = 0;
    for (const character of JSON.stringify(this.#context)) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0;
    return `gatehouse:flags:${(hash >>> 0).toString(36)}`;
  }

  #restored(): Known | undefined {
    return attempt(() => JSON.parse(this.#storage?.getItem(this.#name) ?? "null") as Known | null) ?? undefined;
  }
}
