/** A store that lives as long as the page: for private windows, full disks and tests. */

import { type DeadLetter, type Item, LETTER_LIMITS, type Limits, overflow, type Place, type Store } from "./store.ts";

/** Keeps requests for as long as the page lives. */
export class MemoryStore implements Store {
  readonly #items = new Map<string, Item>();
  #letters: DeadLetter[] = [];

  async add(item: Item, limits: Limits): Promise<readonly Place[]> {
    if (this.#items.has(item.place[2])) return [];
    const dropped = overflow(await this.places(), item.place, limits);
    for (const place of dropped) this.#items.delete(place[2]);
    this.#items.set(item.place[2], item);
    return dropped;
  }

  async places(): Promise<readonly Place[]> {
    return Array.from(this.#items.values(), (item) => item.place);
  }

  async read(place: Place): Promise<Item | undefined> {
    return this.#items.get(place[2]);
  }

  async remove(place: Place, letter?: DeadLetter): Promise<void> {
    this.#items.delete(place[2]);
    if (!letter) return;
    const gone = overflow(
      this.#letters.map((other) => other.place),
      place,
      LETTER_LIMITS,
    );
    this.#letters = [...this.#letters.filter((other) => !gone.includes(other.place)), letter];
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    return this.#letters;
  }

  async discard({ diedAt, key }: DeadLetter): Promise<void> {
    this.#letters = this.#letters.filter((letter) => letter.diedAt !== diedAt || letter.key !== key);
  }

  async clear(): Promise<void> {
    this.#items.clear();
    this.#letters = [];
  }

  close(): void {}
}
