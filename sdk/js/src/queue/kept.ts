/** The disk, and memory for what the disk does not take: storage that fails is told to the hooks and to nobody else. */

import { MemoryStore } from "./memory.ts";
import type { DeadLetter, Item, Limits, Place, Store } from "./store.ts";

export class Kept {
  readonly #disk: Store;
  readonly #memory: Store = new MemoryStore();
  readonly #failed: (error: Error) => void;

  constructor(disk: Store, failed: (error: Error) => void) {
    this.#disk = disk;
    this.#failed = failed;
  }

  async add(item: Item, limits: Limits): Promise<{ where: "disk" | "memory"; dropped: readonly Place[] }> {
    const dropped = await this.#guarded(this.#disk.add(item, limits));
    if (dropped) return { where: "disk", dropped };
    return { where: "memory", dropped: await this.#memory.add(item, limits) };
  }

  /** All that waits, with where it waits. */
  async places(): Promise<[Store, Place][]> {
    const found: [Store, Place][] = [];
    for (const store of this.#stores) {
      for (const place of (await this.#guarded(store.places())) ?? []) found.push([store, place]);
    }
    return found;
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    const found = await Promise.all(this.#stores.map((store) => this.#guarded(store.deadLetters())));
    return found.flatMap((letters) => letters ?? []);
  }

  async discard(letter: DeadLetter): Promise<void> {
    for (const store of this.#stores) await this.#guarded(store.discard(letter));
  }

  async clear(): Promise<void> {
    await this.#guarded(this.#disk.clear());
    await this.forgetMemory();
  }

  /** Another tab has cleared the disk; only this one can clear its own memory. */
  forgetMemory(): Promise<void> {
    return this.#memory.clear();
  }

  close(): void {
    this.#disk.close();
  }

  get #stores(): Store[] {
    return [this.#disk, this.#memory];
  }

  async #guarded<Result>(work: Promise<Result>): Promise<Result | undefined> {
    try {
      return await work;
    } catch (error) {
      this.#failed(error as Error);
      return undefined;
    }
  }
}
