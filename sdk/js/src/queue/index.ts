/** The offline queue: requests that survive the network, the page and the laptop's lid. */

export { DiskStore } from "./disk.ts";
export type { NoteOptions } from "./item.ts";
export { MemoryStore } from "./memory.ts";
export { Queue, type QueueOptions, type Receipt } from "./queue.ts";
export type { DeadLetter, Item, Limits, Place, Store } from "./store.ts";
