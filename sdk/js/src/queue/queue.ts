/**
 * Requests that outlive the network, the page and the laptop's lid.
 *
 * A request is frozen and kept when the user acts, and goes away only with the gatehouse's answer. Its key stays the same,
 * so that the gatehouse does once whatever arrives twice. Storage that fails is replaced by memory: a queue never breaks
 * the page that it serves.
 */

import type { Client } from "../client.ts";
import { GatehouseError } from "../errors.ts";
import { frozenEvents, frozenRun, type RunRequestOptions } from "../freeze.ts";
import { type QueueHookEvent, watch } from "../hooks.ts";
import type { FrozenRequest } from "../transport.ts";
import type { CloudEvent } from "../types.ts";
import { DiskStore } from "./disk.ts";
import { isFinal, itemOf, keyOf, type NoteOptions, resultOf } from "./item.ts";
import { Kept } from "./kept.ts";
import { Schedule } from "./schedule.ts";
import type { DeadLetter, Item, Place, Store } from "./store.ts";
import { type QueueNews, Tabs } from "./tabs.ts";

/** Whose queue it is, who is told what became of a request, and how much is kept. */
export interface QueueOptions {
  /** Who is signed in. Each has a queue of its own, so nobody's requests are sent with somebody else's token. */
  readonly owner: string;
  /** Called in every open tab of the owner, as are the others; at least once for each request. */
  readonly onDelivered?: ((key: string, result: unknown, note: unknown) => void) | undefined;
  /** The request will never succeed as it is; it is kept among the dead letters. */
  readonly onDead?: ((letter: DeadLetter) => void) | undefined;
  /** The request was the oldest when the queue was full. */
  readonly onDropped?: ((key: string) => void) | undefined;
  /** How many requests are under way at once; 4 unless given, and 1 to keep them in order while nothing fails. */
  readonly parallel?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly maxBytes?: number | undefined;
  /** Six days unless given: the gatehouse remembers keys for seven. */
  readonly maxAgeSeconds?: number | undefined;
  /** IndexedDB unless given. */
  readonly store?: Store | undefined;
  /** Web Locks unless given; null for none. */
  readonly locks?: LockManager | null | undefined;
}

/** What an application knows of a request that was just enqueued. */
export interface Receipt {
  /** What identifies the request from here on: its idempotency key, or the event's id. */
  readonly key: string;
  /** `memory` is lost with the page; `nowhere`: it alone is larger than the queue may be. */
  readonly kept: "disk" | "memory" | "nowhere";
}

const DAY_SECONDS = 24 * 3600;

/** Keeps requests until the gatehouse has answered them, over reloads, restarts and spells without a network. */
export class Queue {
  readonly #client: Client;
  readonly #options: QueueOptions;
  readonly #kept: Kept;
  readonly #tabs: Tabs;
  readonly #closing = new AbortController();
  readonly #schedule: Schedule;
  #latest = 0;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #timer = new AbortController();

  constructor(client: Client, options: QueueOptions) {
    const name = `gatehouse:${options.owner}`;
    const locks = options.locks === undefined ? globalThis.navigator?.locks : options.locks;
    this.#client = client;
    this.#options = options;
    this.#schedule = new Schedule(client.transport.clock, client.transport.random);
    this.#kept = new Kept(options.store ?? new DiskStore(name), (error) => this.#degraded(error));
    this.#tabs = new Tabs(name, locks ?? undefined, (news) => this.#hear(news));
    const { signal } = this.#closing;
    for (const [target, event] of [
      [globalThis, "online"],
      [globalThis.document, "visibilitychange"],
    ] as const) {
      target?.addEventListener?.(event, () => void this.flush(), { signal });
    }
    void this.#wake();
  }

  /**
   * Keeps a run of an agent until the gatehouse has answered it, and sends it as soon as may be. A key that is in the queue
   * already is the same request: nothing is added.
   * @throws {CallerError} when the input is no JSON or the key no key, and for no other reason.
   */
  async enqueue(agent: string, input: object, options: RunRequestOptions & NoteOptions = {}): Promise<Receipt> {
    return this.#accept(frozenRun(agent, input, { ...options, workflow: this.#charged(options) }), options.note);
  }

  /** Keeps an event until the gatehouse has taken it. */
  async publish(
    event: CloudEvent,
    options: { readonly workflow?: string | undefined } & NoteOptions = {},
  ): Promise<Receipt> {
    return this.#accept(frozenEvents(event, this.#client.transport.clock.now(), this.#charged(options)), options.note);
  }

  /** Sends what is due, though the network was down a moment ago; resolves when this tab or another has tried it. */
  flush(): Promise<void> {
    this.#schedule.endQuiet();
    return this.#wake();
  }

  /** The keys of what waits, the oldest first. */
  async waiting(): Promise<string[]> {
    return (await this.#kept.places()).map(([, place]) => keyOf(place));
  }

  /** What will never succeed as it is, with its body, so that an application may offer it to its user again. */
  deadLetters(): Promise<readonly DeadLetter[]> {
    return this.#kept.deadLetters();
  }

  /** Puts a dead letter back into the line, with its key and its body as they were; false when there is none. */
  async revive(key: string): Promise<boolean> {
    const letter = await this.#letter(key);
    if (!letter) return false;
    await this.#accept(letter.request, letter.note);
    return this.discard(key);
  }

  /** Forgets a dead letter; false when there is none. */
  async discard(key: string): Promise<boolean> {
    const letter = await this.#letter(key);
    if (letter) await this.#kept.discard(letter);
    return !!letter;
  }

  /** Forgets everything that is kept for this owner, dead letters too; for signing out. */
  async clear(): Promise<void> {
    await this.#kept.clear();
    this.#tell({ what: "cleared" });
  }

  /** Stops sending; what waits is sent by another tab or another day. */
  close(): void {
    this.#closing.abort();
    this.#timer.abort();
    this.#tabs.close();
    this.#kept.close();
  }

  #wake(): Promise<void> {
    this.#next ??= this.#running = this.#running.then(async () => {
      this.#next = undefined;
      if (this.#closing.signal.aborted) return;
      await this.#tabs.alone(this.#closing.signal, () => this.#round()).catch((error) => this.#degraded(error));
      void this.#sleep();
    });
    return this.#next;
  }

  async #letter(key: string): Promise<DeadLetter | undefined> {
    return (await this.deadLetters()).find((letter) => letter.key === key);
  }

  get #limits() {
    return { items: this.#options.maxItems ?? 1000, bytes: this.#options.maxBytes ?? 5_000_000 };
  }

  #charged({ workflow }: { workflow?: string | undefined }): string | undefined {
    return workflow ?? this.#client.workflow;
  }

  async #accept(request: FrozenRequest, note: unknown): Promise<Receipt> {
    // Two requests of one millisecond keep their order.
    this.#latest = Math.max(this.#client.transport.clock.now(), this.#latest + 0.001);
    const item = itemOf(request, this.#latest, note);
    const { key, place } = item;
    if (place[1] > this.#limits.bytes) {
      this.#tell({ what: "dropped", key });
      return { key, kept: "nowhere" };
    }
    const { where, dropped } = await this.#kept.add(item, this.#limits);
    for (const gone of dropped) this.#tell({ what: "dropped", key: keyOf(gone) });
    this.#watch({ what: "enqueued", key });
    void this.#wake();
    return { key, kept: where };
  }

  /**
   * Everything that is due, once, a few at a time; a network that is down ends it early. The oldest come first, behind
   * those that never failed: a request that by itself breaks every connection must not hold up the others.
   */
  async #round(): Promise<void> {
    if (this.#schedule.isQuiet) return;
    const places = await this.#kept.places();
    this.#schedule.keepOnly(new Set(places.map(([, place]) => place[2])));
    const failures = ([, place]: [Store, Place]) => this.#schedule.failures(place[2]);
    const line = places.toSorted((one, other) => failures(one) - failures(other)).values();
    let gotThrough = true;
    const sendOneByOne = async () => {
      for (const [store, place] of line) {
        if (!gotThrough || this.#closing.signal.aborted) return;
        const item = this.#schedule.isDue(place[2]) ? await store.read(place) : undefined;
        if (item) gotThrough = (await this.#treat(store, item)) && gotThrough;
      }
    };
    await Promise.all(Array.from({ length: this.#options.parallel ?? 4 }, sendOneByOne));
    this.#schedule.endRound(gotThrough);
  }

  /** Sends one request, or gives it up when it is too old; false when nothing gets through. */
  async #treat(store: Store, item: Item): Promise<boolean> {
    const age = this.#client.transport.clock.now() - item.place[0];
    const expired = age > (this.#options.maxAgeSeconds ?? 6 * DAY_SECONDS) * 1000;
    if (expired) return this.#bury(store, item, { slug: "expired", status: null, message: "It waited too long." });
    try {
      const { signal } = this.#closing;
      const result = resultOf(
        item.request,
        await this.#client.transport.request(item.request, { maxAttempts: 1, signal }),
      );
      this.#tell({ what: "delivered", key: item.key, note: item.note, result });
      this.#watch({ what: "delivered", key: item.key, milliseconds: age });
      await this.#forget(store, item);
      return true;
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      return isFinal(error) ? this.#bury(store, item, error) : this.#postpone(item, error);
    }
  }

  #postpone(item: Item, error: GatehouseError): boolean {
    const [, , id] = item.place;
    this.#watch({ what: "postponed", key: item.key, error });
    const gotThrough = error.status !== null && error.status !== 401;
    if (gotThrough) this.#tell({ what: "postponed", id, ...this.#schedule.postponed(id, error.retryAfterSeconds) });
    else this.#schedule.failed(id);
    return gotThrough;
  }

  async #bury(
    store: Store,
    item: Item,
    error: Pick<DeadLetter, "slug" | "status" | "message"> & { requestId?: string | undefined },
  ): Promise<true> {
    const { slug, status, message, requestId } = error;
    const letter: DeadLetter = {
      ...item,
      diedAt: this.#client.transport.clock.now(),
      slug,
      status,
      message,
      requestId,
    };
    await this.#forget(store, item, letter);
    this.#tell({ what: "dead", letter });
    this.#watch({ what: "dead", key: item.key });
    return true;
  }

  async #forget(store: Store, item: Item, letter?: DeadLetter): Promise<void> {
    await store.remove(item.place, letter);
    this.#schedule.forget(item.place[2]);
  }

  async #sleep(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#timer.abort();
    this.#timer = new AbortController();
    const { clock } = this.#client.transport;
    await clock.sleep(this.#schedule.pauseMilliseconds, this.#timer.signal).then(
      () => this.#wake(),
      () => undefined,
    );
  }

  #degraded(error: Error): void {
    if (!this.#closing.signal.aborted) this.#watch({ what: "degraded", error });
  }

  #tell(news: QueueNews): void {
    this.#hear(news);
    watch(() => this.#tabs.tell(news));
  }

  #hear(news: QueueNews): void {
    const { onDelivered, onDead, onDropped } = this.#options;
    switch (news.what) {
      case "delivered":
        return watch(() => onDelivered?.(news.key, news.result, news.note));
      case "dead":
        return watch(() => onDead?.(news.letter));
      case "dropped":
        return watch(() => onDropped?.(news.key));
      case "postponed":
        return this.#schedule.learn(news.id, news);
      case "cleared":
        this.#schedule.keepOnly(new Set());
        return void this.#kept.forgetMemory();
    }
  }

  #watch(event: QueueHookEvent): void {
    watch(() => this.#client.transport.hooks.onQueue?.(event));
  }
}
