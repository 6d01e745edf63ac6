/**
 * A store in IndexedDB, shared by all tabs of an origin.
 *
 * The schema only ever grows: an upgrade creates what is missing and touches nothing else. So a tab that still runs older
 * code goes on with a newer database, and nobody's requests are lost when a page is deployed or rolled back.
 */

import { type DeadLetter, type Item, LETTER_LIMITS, type Limits, overflow, type Place, type Store } from "./store.ts";

export const SCHEMA_VERSION = 1;
const ITEMS = "items";
const LETTERS = "letters";

/** Keeps requests in IndexedDB, for all tabs of an origin; each owner has a database of their own. */
export class DiskStore implements Store {
  readonly #name: string;
  readonly #factory: IDBFactory | undefined;
  readonly #version: number;
  #opened: Promise<IDBDatabase> | undefined;

  constructor(name: string, factory?: IDBFactory, version = SCHEMA_VERSION) {
    this.#name = name;
    this.#factory = factory;
    this.#version = version;
  }

  add(item: Item, limits: Limits): Promise<readonly Place[]> {
    return this.#within([ITEMS], "readwrite", async ([items]) => {
      const places = (await answer(items.getAllKeys())) as unknown as Place[];
      if (places.some((place) => place[2] === item.place[2])) return [];
      const dropped = overflow(places, item.place, limits);
      // First, for it throws when a note cannot be cloned, and then nothing may be dropped.
      items.put(item);
      for (const place of dropped) items.delete(place as unknown as IDBValidKey);
      return dropped;
    });
  }

  places(): Promise<readonly Place[]> {
    return this.#within(
      [ITEMS],
      "readonly",
      async ([items]) => (await answer(items.getAllKeys())) as unknown as Place[],
    );
  }

  read(place: Place): Promise<Item | undefined> {
    return this.#within([ITEMS], "readonly", ([items]) => answer(items.get(place as unknown as IDBValidKey)));
  }

  remove(place: Place, letter?: DeadLetter): Promise<void> {
    return this.#within([ITEMS, LETTERS], "readwrite", async ([items, letters]) => {
      items.delete(place as unknown as IDBValidKey);
      if (!letter) return;
      const keys = (await answer(letters.getAllKeys())) as [number, Place][];
      const gone = overflow(
        keys.map(([, other]) => other),
        place,
        LETTER_LIMITS,
      );
      for (const key of keys) if (gone.includes(key[1])) letters.delete(key as unknown as IDBValidKey);
      letters.put(letter);
    });
  }

  deadLetters(): Promise<readonly DeadLetter[]> {
    return this.#within([LETTERS], "readonly", ([letters]) => answer<DeadLetter[]>(letters.getAll()));
  }

  discard({ diedAt, place }: DeadLetter): Promise<void> {
    return this.#within(
      [LETTERS],
      "readwrite",
      async ([letters]) => void letters.delete([diedAt, place] as unknown as IDBValidKey),
    );
  }

  clear(): Promise<void> {
    return this.#within([ITEMS, LETTERS], "readwrite", async (stores) => stores.forEach((store) => store.clear()));
  }

  close(): void {
    this.#opened?.then((database) => database.close()).catch(() => undefined);
    this.#opened = undefined;
  }

  /** One transaction; what it gives counts only once it is on the disk. */
  async #within<Result>(
    names: string[],
    mode: IDBTransactionMode,
    work: (stores: [IDBObjectStore, IDBObjectStore]) => Promise<Result>,
  ): Promise<Result> {
    const database = await (this.#opened ??= this.#open());
    const transaction = database.transaction(names, mode, { durability: "strict" });
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("The browser gave the transaction up."));
    });
    const stores = names.map((name) => transaction.objectStore(name)) as [IDBObjectStore, IDBObjectStore];
    const [result] = await Promise.all([work(stores), done]);
    return result;
  }

  async #open(): Promise<IDBDatabase> {
    try {
      const database = await this.#atVersion(this.#version).catch((error: Error) => {
        if (error.name === "VersionError") return this.#atVersion(undefined);
        throw error;
      });
      // Another tab wants to upgrade, or the user deleted the site's data: the next use opens anew.
      database.onversionchange = () => this.close();
      database.onclose = () => this.close();
      return database;
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
  }

  #atVersion(version: number | undefined): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      // Looked up here, for where there is none this must fail like any other storage.
      const opening = (this.#factory ?? indexedDB).open(this.#name, version);
      opening.onupgradeneeded = () => {
        const missing = (name: string) => !opening.result.objectStoreNames.contains(name);
        if (missing(ITEMS)) opening.result.createObjectStore(ITEMS, { keyPath: "place" });
        if (missing(LETTERS)) opening.result.createObjectStore(LETTERS, { keyPath: ["diedAt", "place"] });
      };
      // A tab that does not let go of an older version must not hold up this one: it does without the disk for now.
      opening.onblocked = () => {
        reject(new Error("Another tab keeps an older version of the queue open."));
        opening.onsuccess = () => opening.result.close();
      };
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
  }
}

function answer<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
