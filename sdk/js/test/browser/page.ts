/** What the tested page runs: a queue as an application would make it, and the news it heard. */

import { Client } from "../../src/core.ts";
import { DiskStore, Queue, type Receipt } from "../../src/queue/index.ts";

interface Heard {
  readonly delivered: string[];
  readonly dead: string[];
  readonly dropped: string[];
  readonly degraded: string[];
}

export interface Page {
  readonly heard: Heard;
  enqueue(intent: string, text?: string): Promise<Receipt>;
  waiting(): Promise<string[]>;
  deadLetters(): Promise<string[]>;
}

const { api, schema, maxItems } = Object.fromEntries(new URLSearchParams(location.search)) as Record<string, string>;
const heard: Heard = { delivered: [], dead: [], dropped: [], degraded: [] };
const client = new Client({
  baseUrl: api as string,
  token: () => "token",
  hooks: { onQueue: ({ what, error }) => void (what === "degraded" && heard.degraded.push(String(error?.name))) },
});
const queue = new Queue(client, {
  owner: "ada",
  onDelivered: (key) => heard.delivered.push(key),
  onDead: ({ key }) => heard.dead.push(key),
  onDropped: (key) => heard.dropped.push(key),
  ...(schema ? { store: new DiskStore("gatehouse:ada", indexedDB, Number(schema)) } : {}),
  ...(maxItems ? { maxItems: Number(maxItems) } : {}),
});

const page: Page = {
  heard,
  enqueue: (intent, text = "") => queue.enqueue("ticket_summary", { intent, text }),
  waiting: () => queue.waiting(),
  deadLetters: async () => (await queue.deadLetters()).map(({ key }) => key),
};
Object.assign(globalThis, { page });
