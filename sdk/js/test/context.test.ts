/** Conversation context: its budget, its end, and what it never stores. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { clearConversations, Conversation } from "../src/context.ts";

class FakeStorage {
  readonly items = new Map<string, string>();
  failing = false;

  get length() {
    return this.items.size;
  }
  key(at: number) {
    return [...this.items.keys()][at] ?? null;
  }
  getItem(name: string) {
    return this.items.get(name) ?? null;
  }
  setItem(name: string, value: string) {
    if (this.failing) throw new DOMException("full", "QuotaExceededError");
    this.items.set(name, value);
  }
  removeItem(name: string) {
    this.items.delete(name);
  }
  clear() {
    this.items.clear();
  }
}

const texts = (context: Conversation) => context.messages().map(({ text }) => text);
const words = (text: string) => text.split(" ").filter(Boolean).length;

test("what was said is there after a reload", () => {
  const storage = new FakeStorage();
  const now = () => Date.parse("2026-11-02T09:30:00Z");
  new Conversation("T-1", { storage, now }).add("customer", "Where is my order?");
  const again = new Conversation("T-1", { storage, now });
  assert.deepEqual(again.messages(), [
    { role: "customer", at: "2026-11-02T09:30:00.000Z", text: "Where is my order?" },
  ]);
  assert.deepEqual(new Conversation("T-2", { storage, now }).messages(), []);
});

test("the oldest messages go when the budget is spent", () => {
  const context = new Conversation("T-1", { storage: new FakeStorage(), tokenBudget: 5, countTokens: words });
  for (const text of ["one two", "three four", "five six seven"]) context.add("customer", text);
  assert.deepEqual(texts(context), ["three four", "five six seven"]);
  context.add("customer", "eight nine ten");
  assert.deepEqual(texts(context), ["eight nine ten"]);
});

test("a message that is too long by itself is cut to the budget, between characters", () => {
  const context = new Conversation("T-1", { storage: new FakeStorage(), tokenBudget: 10 });
  context.add("customer", "😀".repeat(50));
  assert.deepEqual(texts(context), ["😀".repeat(10)]);
});

test("the budget holds for every sequence of messages", () => {
  const count = (text: string) => Math.ceil(new TextEncoder().encode(text).length / 4);
  const context = new Conversation("T-1", { storage: new FakeStorage(), tokenBudget: 50 });
  for (let length = 0; length < 400; length += 7) {
    context.add("customer", "ä".repeat(length));
    assert.ok(texts(context).reduce((sum, text) => sum + count(text), 0) <= 50);
  }
});

test("a session is forgotten some time after its last message", () => {
  const storage = new FakeStorage();
  let now = 1e12;
  const context = new Conversation("T-1", { storage, expirySeconds: 60, now: () => now });
  context.add("customer", "one");
  now += 59_000;
  context.add("customer", "two");
  now += 59_000;
  assert.deepEqual(texts(context), ["one", "two"]);
  now += 1_000;
  assert.deepEqual(texts(context), []);
  assert.equal(storage.items.size, 0);
});

test("whoever opts out has no word stored, and what was stored before is gone", () => {
  const storage = new FakeStorage();
  new Conversation("T-1", { storage }).add("customer", "before");
  const context = new Conversation("T-1", { storage, keepText: false });
  context.add("customer", "after");
  assert.deepEqual(texts(context), ["after"]);
  assert.equal(storage.items.size, 0);
});

test("a text is redacted before it is kept anywhere, or not kept at all", () => {
  const storage = new FakeStorage();
  const context = new Conversation("T-1", { storage, redact: (text) => text.replaceAll(/\d/g, "#") });
  context.add("customer", "card 4111");
  assert.deepEqual(texts(context), ["card ####"]);
  assert.ok(![...storage.items.values()].join().includes("4111"));
  const broken = new Conversation("T-2", {
    storage,
    redact: () => {
      throw new Error("no");
    },
  });
  assert.throws(() => broken.add("customer", "card 4111"));
  assert.deepEqual(texts(broken), []);
});

test("clear forgets one session, clearConversations all of them and nothing else", () => {
  const storage = new FakeStorage();
  storage.setItem("theirs", "1");
  const [one, two] = ["T-1", "T-2"].map((session) => new Conversation(session, { storage })) as [
    Conversation,
    Conversation,
  ];
  one.add("customer", "one");
  two.add("customer", "two");
  one.clear();
  assert.deepEqual([texts(one), texts(two)], [[], ["two"]]);
  clearConversations(storage);
  assert.deepEqual([...storage.items.keys()], ["theirs"]);
});

test("a storage that fails, or that something else wrote into, is replaced by memory", () => {
  const storage = new FakeStorage();
  const context = new Conversation("T-1", { storage });
  context.add("customer", "one");
  storage.failing = true;
  context.add("customer", "two");
  assert.deepEqual(texts(context), ["one", "two"]);
  storage.failing = false;
  storage.setItem("gatehouse:context:T-1", "{broken");
  assert.deepEqual(texts(context), ["one", "two"]);
});

test("without any storage, as in Node, a context lives in memory", () => {
  const context = new Conversation("T-1");
  context.add("customer", "one");
  assert.deepEqual(texts(context), ["one"]);
});
