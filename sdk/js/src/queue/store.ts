/** Where requests wait: what the queue needs of a store, whatever it is made of. */

import type { FrozenRequest } from "../transport.ts";

/**
 * An item's place in the line: when it was enqueued, its size, and what it is. It is the store's key too, so that limits
 * and ages are kept without reading a body; arrays sort in IndexedDB as they do here.
 */
export type Place = readonly [enqueuedAt: number, bytes: number, id: string];

/** A request that waits. */
export interface Item {
  readonly place: Place;
  /** The idempotency key, or the event's id. */
  readonly key: string;
  readonly request: FrozenRequest;
  /** What the application gave along, such as the ticket that a summary is for. */
  readonly note?: unknown;
}

/** A request that will never succeed as it is. */
export interface DeadLetter extends Item {
  readonly diedAt: number;
  /** `expired` when it waited longer than the gatehouse remembers keys. */
  readonly slug: string;
  readonly status: number | null;
  readonly message: string;
  readonly requestId: string | undefined;
}

/** How much a store may hold. */
export interface Limits {
  readonly items: number;
  readonly bytes: number;
}

/** What the queue needs of a place to keep requests. */
export interface Store {
  /** Adds an item unless it is there already, drops the oldest that no longer fit, and gives their places. */
  add(item: Item, limits: Limits): Promise<readonly Place[]>;
  /** All places, the oldest first. */
  places(): Promise<readonly Place[]>;
  read(place: Place): Promise<Item | undefined>;
  /** Takes an item out of the line, and keeps its letter if it died: both or neither. */
  remove(place: Place, letter?: DeadLetter): Promise<void>;
  deadLetters(): Promise<readonly DeadLetter[]>;
  /** Forgets a dead letter. */
  discard(letter: DeadLetter): Promise<void>;
  /** Forgets everything, dead letters too. */
  clear(): Promise<void>;
  close(): void;
}

/** Dead letters are bodies too. */
export const LETTER_LIMITS: Limits = { items: 100, bytes: 5_000_000 };

/** The oldest places that must go so that one more fits. */
export function overflow(places: readonly Place[], added: Place, limits: Limits): readonly Place[] {
  let bytes = places.reduce((sum, place) => sum + place[1], added[1]);
  let left = places.length + 1;
  return places.filter((place) => {
    const goes = left > limits.items || bytes > limits.bytes;
    if (goes) [left, bytes] = [left - 1, bytes - place[1]];
    return goes;
  });
}
