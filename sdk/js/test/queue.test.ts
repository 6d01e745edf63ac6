/** The queue over a real implementation of IndexedDB in memory, real Web Locks, and time that the test moves. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { IDBFactory } from "fake-indexeddb";

import { Client, type QueueHookEvent } from "../src/core.ts";
import { type DeadLetter, DiskStore, MemoryStore, Queue, type QueueOptions } from "../src/queue/index.ts";
import { type Answer, fakeFetch, ManualClock, networkFailure, outcome, problem, until } from "./fakes.ts";

const AGENT = "ticket_summary";
const INPUT = { messages: [] };
const DAY_SECONDS = 24 * 3600;

const open: Queue[] = [];
afterEach(() => open.splice(0).forEach((queue) => queue.close()));

let owners = 0;

function world() {
  const clock = new ManualClock();
  const disk = new IDBFactory();
  const owner = `user-${owners++}`;
  const seen: QueueHookEvent[] = [];
  const tab = (answers: Answer | Answer[], options: Partial<QueueOptions> = {}) => {
    const { fetch, sent } = fakeFetch(answers);
    const hooks = { onQueue: (event: QueueHookEvent) => void seen.push(event) };
    const client = new Client({
      baseUrl: "https://eu.gatehouse.test",
      token: "t",
      fetch,
      clock,
      random: () => 1,
      hooks,
    });
    const delivered: string[] = [];
    const dead: DeadLetter[] = [];
    const dropped: string[] = [];
    const queue = new Queue(client, {
      owner,
      store: new DiskStore(`gatehouse:${owner}`, disk),
      onDelivered: (key) => delivered.push(key),
      onDead: (letter) => dead.push(letter),
      onDropped: (key) => dropped.push(key),
      ...options,
    });
    open.push(queue);
    return { queue, sent, delivered, dead, dropped };
  };
  return { clock, disk, owner, seen, tab };
}

test("a request waits for the network and is then sent with the same key and body", async () => {
  const { clock, tab } = world();
  let down = true;
  const { queue, sent, delivered } = tab(() => (down ? networkFailure() : outcome()));
  const { key, kept } = await queue.enqueue(AGENT, INPUT);
  assert.equal(kept, "disk");
  await queue.flush();
  assert.deepEqual(await queue.waiting(), [key]);
  down = false;
  clock.pass(clock.next);
  await until(() => delivered.length > 0);
  assert.deepEqual(await queue.waiting(), []);
  assert.ok(sent.length >= 2);
  assert.deepEqual(new Set(sent.map(({ headers }) => headers.get("Idempotency-Key"))), new Set([`"${key}"`]));
  assert.equal(new Set(sent.map(({ body }) => body)).size, 1);
});

test("a page that goes away before the answer leaves the request to the next page", async () => {
  const { tab } = world();
  const first = tab(() => new Promise<never>(() => {}));
  const { key } = await first.queue.enqueue(AGENT, INPUT, { note: { ticket: "T-1" } });
  first.queue.close();
  const notes: unknown[] = [];
  const second = tab(outcome, { onDelivered: (got, result, note) => notes.push([got, result, note]) });
  await second.queue.flush();
  assert.equal(notes.length, 1);
  assert.deepEqual((notes as [[string, { id: string }, object]])[0][2], { ticket: "T-1" });
  assert.equal(second.sent[0]?.headers.get("Idempotency-Key"), `"${key}"`);
});

test("of several tabs only one sends, and all hear of it", async () => {
  const { tab } = world();
  const sent: string[] = [];
  const slow: Answer = async (request) => {
    sent.push(request.headers.get("Idempotency-Key") ?? "");
    await new Promise((resolve) => setImmediate(resolve));
    return outcome();
  };
  const tabs = [tab(slow), tab(slow), tab(slow)];
  const keys = await Promise.all(
    tabs.flatMap(({ queue }) => [1, 2, 3].map(async () => (await queue.enqueue(AGENT, INPUT)).key)),
  );
  await Promise.all(tabs.map(({ queue }) => queue.flush()));
  await until(() => tabs.every(({ delivered }) => delivered.length >= keys.length));
  assert.deepEqual(sent.toSorted(), keys.map((key) => `"${key}"`).toSorted());
  for (const { delivered } of tabs) assert.deepEqual(delivered.toSorted(), keys.toSorted());
});

test("a double click is one request", async () => {
  const { tab } = world();
  const { queue, sent } = tab(outcome);
  const clicks = [1, 2].map(() => queue.enqueue(AGENT, INPUT, { idempotencyKey: "summary-of-T-1" }));
  await Promise.all(clicks);
  await queue.flush();
  assert.equal(sent.length, 1);
});

test("what will never succeed becomes a dead letter with its body, and the others go on", async () => {
  const { tab } = world();
  const { queue, dead, delivered } = tab([() => problem(422, "invalid-input"), outcome], { parallel: 1 });
  const bad = await queue.enqueue(AGENT, INPUT, { note: "mine" });
  const good = await queue.enqueue(AGENT, INPUT);
  await queue.flush();
  await queue.flush();
  assert.deepEqual(delivered, [good.key]);
  const [letter] = await queue.deadLetters();
  assert.deepEqual(dead, [letter]);
  assert.equal(letter?.key, bad.key);
  assert.equal(letter?.slug, "invalid-input");
  assert.equal(letter?.note, "mine");
  assert.equal(letter?.request.body, JSON.stringify({ input: INPUT }));
  assert.deepEqual(await queue.waiting(), []);
});

test("a server that asks for time gets it, while other requests go on", async () => {
  const { clock, tab } = world();
  const answers: Answer[] = [() => problem(429, "budget-exhausted", { "Retry-After": "7200" }), outcome, outcome];
  const { queue, sent, delivered } = tab(answers, { parallel: 1 });
  const first = await queue.enqueue(AGENT, INPUT);
  const second = await queue.enqueue(AGENT, INPUT);
  await queue.flush();
  await queue.flush();
  assert.deepEqual(delivered, [second.key]);
  clock.pass(7199);
  await queue.flush();
  assert.equal(sent.length, 2);
  clock.pass(1);
  await queue.flush();
  assert.deepEqual(delivered, [second.key, first.key]);
});

for (const [why, answer] of [
  ["a session that is over", () => problem(401, "unauthenticated", {}, { retryable: false })],
  ["a used-up quota", () => problem(429, "quota-exceeded", {}, { retryable: false })],
  ["a page of some proxy", () => new Response("<html>blocked</html>", { status: 403 })],
  ["a success of some proxy", () => new Response("<html>log in</html>")],
  ["a run that is still in progress", () => problem(409, "run-in-progress", {}, { retryable: true })],
  ["a broken gateway", () => problem(500, "internal")],
] satisfies [string, Answer][]) {
  test(`${why} loses nothing`, async () => {
    const { clock, tab } = world();
    let broken = true;
    const { queue, delivered, dead } = tab((sent) => (broken ? (answer as Answer)(sent) : outcome()));
    const { key } = await queue.enqueue(AGENT, INPUT);
    await queue.flush();
    assert.deepEqual(await queue.waiting(), [key]);
    broken = false;
    clock.pass(300);
    await queue.flush();
    assert.deepEqual(delivered, [key]);
    assert.deepEqual(dead, []);
  });
}

test("an event that is refused inside of a success is a dead letter", async () => {
  const { tab } = world();
  const refused = {
    id: "e-1",
    status: 422,
    problem: { type: "urn:gatehouse:problem:invalid-input", retryable: false },
  };
  const accepted = { id: "e-2", status: 202 };
  const answers = [refused, accepted].map((result) => () => Response.json({ results: [result] }, { status: 202 }));
  const { queue, dead, delivered, sent } = tab(answers, { parallel: 1 });
  for (const id of ["e-1", "e-2"]) await queue.publish({ id, source: "/helpdesk", type: "ticket.opened" });
  await queue.flush();
  await queue.flush();
  assert.deepEqual(
    dead.map(({ key, slug }) => [key, slug]),
    [["e-1", "invalid-input"]],
  );
  assert.deepEqual(delivered, ["e-2"]);
  assert.equal(JSON.parse(sent[0]?.body ?? "").time, "2026-11-02T09:30:00Z");
});

test("a request is given up after six days, before the gatehouse forgets its key", async () => {
  const { clock, tab } = world();
  const { queue, sent, dead } = tab(networkFailure);
  await queue.enqueue(AGENT, INPUT);
  await queue.flush();
  const attempts = sent.length;
  clock.pass(6 * DAY_SECONDS + 1);
  await queue.flush();
  assert.deepEqual(
    dead.map(({ slug }) => slug),
    ["expired"],
  );
  assert.equal(sent.length, attempts);
});

test("a full queue drops the oldest and says so", async () => {
  const { tab } = world();
  const { queue, dropped } = tab(networkFailure, { maxItems: 3 });
  const keys: string[] = [];
  for (let count = 0; count < 5; count++) keys.push((await queue.enqueue(AGENT, INPUT)).key);
  assert.deepEqual(dropped, keys.slice(0, 2));
  assert.deepEqual(await queue.waiting(), keys.slice(2));
});

test("a queue never holds more bytes than it may", async () => {
  const { tab } = world();
  const { queue, dropped } = tab(networkFailure, { maxBytes: 1000 });
  const sized = (length: number) => ({ text: "ü".repeat(length / 2) });
  const first = await queue.enqueue(AGENT, sized(400));
  const second = await queue.enqueue(AGENT, sized(400));
  await queue.enqueue(AGENT, sized(700));
  assert.deepEqual(dropped, [first.key, second.key]);
  const huge = await queue.enqueue(AGENT, sized(2000));
  assert.equal(huge.kept, "nowhere");
  assert.equal(dropped.at(-1), huge.key);
});

test("a dead letter may be sent again as it was, or forgotten", async () => {
  const { tab } = world();
  let refusing = true;
  const { queue, sent, delivered } = tab(() => (refusing ? problem(403, "access-denied") : outcome()));
  const [first, second] = [await queue.enqueue(AGENT, INPUT), await queue.enqueue(AGENT, INPUT)];
  await queue.flush();
  assert.equal(await queue.discard(second.key), true);
  refusing = false;
  assert.equal(await queue.revive(first.key), true);
  assert.equal(await queue.revive(first.key), false);
  await queue.flush();
  assert.deepEqual(delivered, [first.key]);
  assert.equal(sent.at(-1)?.headers.get("Idempotency-Key"), `"${first.key}"`);
  assert.deepEqual(await queue.deadLetters(), []);
});

for (const [kind, store] of [
  ["disk", undefined],
  ["memory", new MemoryStore()],
] as const) {
  test(`dead letters in ${kind} are the latest hundred`, async () => {
    const { tab } = world();
    const { queue } = tab(() => problem(422, "invalid-input"), store ? { store } : {});
    const keys: string[] = [];
    for (let count = 0; count < 103; count++) keys.push((await queue.enqueue(AGENT, INPUT)).key);
    await queue.flush();
    await queue.flush();
    const kept = (await queue.deadLetters()).map(({ key }) => key);
    assert.equal(kept.length, 100);
    assert.ok(!kept.includes(keys[0] as string));
    assert.ok(kept.includes(keys[102] as string));
  });
}

test("a few requests are under way at once, and no more", async () => {
  const { tab } = world();
  let [now, most] = [0, 0];
  const { queue } = tab(async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
    return outcome();
  });
  await Promise.all(Array.from({ length: 20 }, () => queue.enqueue(AGENT, INPUT)));
  await queue.flush();
  assert.equal(most, 4);
});

test("without IndexedDB the queue lives in memory", async () => {
  const { seen, tab } = world();
  const none = {
    open: () => {
      throw new DOMException("no storage here", "SecurityError");
    },
  } as unknown as IDBFactory;
  const { queue, delivered } = tab([networkFailure, outcome], { store: new DiskStore("x", none) });
  const { key, kept } = await queue.enqueue(AGENT, INPUT);
  assert.equal(kept, "memory");
  await queue.flush();
  await queue.flush();
  assert.deepEqual(delivered, [key]);
  assert.ok(seen.some(({ what }) => what === "degraded"));
});

test("in Node, where there is no IndexedDB, the queue lives in memory by itself", async () => {
  const { tab } = world();
  const { queue, delivered } = tab(outcome, { store: undefined });
  const { key, kept } = await queue.enqueue(AGENT, INPUT);
  await queue.flush();
  assert.equal(kept, "memory");
  assert.deepEqual(delivered, [key]);
});

test("a request that breaks every connection does not hold up the others", async () => {
  const { tab } = world();
  const { queue, delivered } = tab(({ body }) => (body?.includes("poison") ? networkFailure() : outcome()), {
    parallel: 1,
  });
  await queue.enqueue(AGENT, { text: "poison" });
  const good = [await queue.enqueue(AGENT, INPUT), await queue.enqueue(AGENT, INPUT)];
  for (let count = 0; count < 3; count++) await queue.flush();
  assert.deepEqual(
    delivered,
    good.map(({ key }) => key),
  );
});

test("while the network is down, a new request is no reason to try", async () => {
  const { tab } = world();
  const { queue, sent } = tab(networkFailure);
  await queue.enqueue(AGENT, INPUT);
  await queue.flush();
  const before = sent.length;
  for (let count = 0; count < 10; count++) await queue.enqueue(AGENT, INPUT);
  await queue.waiting();
  assert.equal(sent.length, before);
});

test("a disk that fills up later keeps what it has, and memory takes the rest", async () => {
  const { disk, owner, tab } = world();
  class FullDisk extends DiskStore {
    full = false;
    override add(...item: Parameters<DiskStore["add"]>) {
      return this.full ? Promise.reject(new DOMException("full", "QuotaExceededError")) : super.add(...item);
    }
  }
  let down = true;
  const store = new FullDisk(`gatehouse:${owner}`, disk);
  const { queue, delivered } = tab(() => (down ? networkFailure() : outcome()), { store, parallel: 1 });
  const first = await queue.enqueue(AGENT, INPUT);
  await queue.flush();
  store.full = true;
  const second = await queue.enqueue(AGENT, INPUT);
  assert.deepEqual([first.kept, second.kept], ["disk", "memory"]);
  down = false;
  await queue.flush();
  assert.deepEqual(delivered.toSorted(), [first.key, second.key].toSorted());
});

test("an older page goes on while a newer one upgrades the database, and nothing is lost", async () => {
  const { disk, owner, tab } = world();
  const older = tab(networkFailure);
  const kept = await older.queue.enqueue(AGENT, INPUT);
  await older.queue.flush();
  const newer = tab(networkFailure, { store: new DiskStore(`gatehouse:${owner}`, disk, 7) });
  assert.deepEqual(await newer.queue.waiting(), [kept.key]);
  const later = await older.queue.enqueue(AGENT, INPUT);
  assert.equal(later.kept, "disk");
  assert.deepEqual((await newer.queue.waiting()).toSorted(), [kept.key, later.key].toSorted());
});

test("a database without some of today's stores gets them and keeps its items", async () => {
  const { clock, disk, owner, tab } = world();
  const name = `gatehouse:${owner}`;
  const place = [clock.now(), 2, '["k","/p"]'];
  await new Promise<void>((resolve) => {
    const opening = disk.open(name, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("items", { keyPath: "place" }).add({ place, key: "k", request: {} });
    };
    opening.onsuccess = () => resolve(opening.result.close());
  });
  const { queue } = tab(networkFailure, { store: new DiskStore(name, disk, 2) });
  assert.deepEqual(await queue.waiting(), ["k"]);
  assert.deepEqual(await queue.deadLetters(), []);
});

test("signing out forgets everything, what other tabs have in memory too", async () => {
  const { tab } = world();
  const none = {} as IDBFactory;
  const [first, second] = [tab(networkFailure), tab(networkFailure, { store: new DiskStore("x", none) })];
  await first.queue.enqueue(AGENT, INPUT);
  assert.equal((await second.queue.enqueue(AGENT, INPUT)).kept, "memory");
  await first.queue.clear();
  assert.deepEqual(await first.queue.waiting(), []);
  await until(async () => !(await second.queue.waiting()).length);
});

test("a tab does not wake up for what another tab has sent", async () => {
  const { clock, tab } = world();
  let broken = true;
  const answer: Answer = () => (broken ? problem(503, "model-unavailable") : outcome());
  const [first, second] = [tab(answer), tab(answer)];
  await first.queue.enqueue(AGENT, INPUT);
  await first.queue.flush();
  await until(() => clock.next < 30);
  broken = false;
  clock.pass(300);
  await until(() => second.delivered.length > 0);
  await first.queue.flush();
  await second.queue.flush();
  assert.equal(clock.next, 30);
});

test("two users of one browser have two queues", async () => {
  const { disk, tab } = world();
  const store = (owner: string) => ({ owner, store: new DiskStore(`gatehouse:${owner}`, disk) });
  await tab(networkFailure, store("ada")).queue.enqueue(AGENT, INPUT);
  assert.deepEqual(await tab(networkFailure, store("bob")).queue.waiting(), []);
});

test("an application's callback that throws stops nothing", async (context) => {
  context.mock.method(console, "error", () => {});
  const { tab } = world();
  const { queue } = tab(outcome, {
    onDelivered: () => {
      throw new Error("the application's fault");
    },
  });
  await queue.enqueue(AGENT, INPUT);
  await queue.flush();
  assert.deepEqual(await queue.waiting(), []);
});

test("an input that is no JSON is refused at once", async () => {
  const { tab } = world();
  const { queue } = tab(outcome);
  await assert.rejects(queue.enqueue(AGENT, { big: 1n }), { slug: "malformed-request" });
  await assert.rejects(queue.enqueue(AGENT, INPUT, { idempotencyKey: "ü" }), { slug: "malformed-request" });
  await assert.rejects(queue.enqueue(AGENT, INPUT, { workflow: "a\r\nb" }), { slug: "malformed-request" });
  await assert.rejects(queue.enqueue("..", INPUT), { slug: "malformed-request" });
  assert.deepEqual(await queue.waiting(), []);
});

test("a token that cannot be sent is no reason to give a request up", async () => {
  const { clock } = world();
  const client = new Client({
    baseUrl: "https://eu.gatehouse.test",
    token: "line\nbreak",
    fetch: fakeFetch([]).fetch,
    clock,
  });
  const queue = new Queue(client, { owner: "ada", store: new MemoryStore() });
  open.push(queue);
  const { key } = await queue.enqueue(AGENT, INPUT);
  await queue.flush();
  assert.deepEqual(await queue.waiting(), [key]);
});

test("a queue that is closed sends nothing more", async () => {
  const { clock, tab } = world();
  const { queue, sent } = tab(networkFailure);
  await queue.enqueue(AGENT, INPUT);
  await queue.flush();
  const before = sent.length;
  queue.close();
  clock.pass(3600);
  await queue.flush();
  assert.equal(sent.length, before);
});

test("hooks see keys and durations, never content", async () => {
  const { seen, tab } = world();
  const { queue } = tab([() => problem(503, "model-unavailable"), outcome]);
  await queue.enqueue(AGENT, { text: "SECRET" });
  await queue.flush();
  assert.deepEqual(
    seen.map(({ what }) => what),
    ["enqueued", "postponed"],
  );
  assert.ok(!JSON.stringify(seen).includes("SECRET"));
});
