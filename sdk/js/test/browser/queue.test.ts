/** The queue in a real Chromium: what fakes cannot show about networks, tabs, disks and processes that die. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";

import { enqueue, hears, waiting, World } from "./chromium.ts";

let world: World;
beforeEach(async () => void (world = await World.create()));
afterEach(() => world.close());

const once = (...intents: string[]) => new Map(intents.map((intent) => [intent, 1]));

test("what is asked offline is sent as soon as the browser is online, with nobody's help", async () => {
  const tab = await world.open();
  await world.context.setOffline(true);
  const receipts = [await enqueue(tab, "a"), await enqueue(tab, "b")];
  assert.deepEqual(
    receipts.map(({ kept }) => kept),
    ["disk", "disk"],
  );
  assert.equal(world.gatehouse.requests, 0);
  await world.context.setOffline(false);
  await hears(
    tab,
    "delivered",
    receipts.map(({ key }) => key),
  );
  assert.deepEqual(world.gatehouse.done, once("a", "b"));
  assert.deepEqual(await waiting(tab), []);
});

test("a page that is reloaded while its answer is under way asks again with the same key", async () => {
  world.gatehouse.fate = (number) => (number === 0 ? "hang" : "answer");
  const tab = await world.open();
  const { key } = await enqueue(tab, "a");
  await world.hasDone();
  await tab.reload();
  await hears(tab, "delivered", [key]);
  assert.deepEqual(world.gatehouse.done, once("a"));
  assert.equal(world.gatehouse.requests, 2);
  assert.deepEqual(world.gatehouse.conflicts, []);
});

test("a browser that is killed sends after its restart what it had kept", async () => {
  const tab = await world.open();
  await world.context.setOffline(true);
  await enqueue(tab, "a");
  await world.kill();
  await world.startBrowser();
  await world.open();
  await world.hasDone();
  assert.deepEqual(world.gatehouse.done, once("a"));
});

test("of five tabs one sends, everything once, and all of them hear of it", async () => {
  const fates = ["answer", "lose", 503, "answer", "refuse"] as const;
  world.gatehouse.fate = (number) => fates[number % fates.length] ?? "answer";
  world.gatehouse.delayMilliseconds = 5;
  const tabs = await Promise.all([1, 2, 3, 4, 5].map(() => world.open()));
  const intents = tabs.flatMap((_, tab) => [0, 1, 2].map((count) => `${tab}-${count}`));
  const receipts = await Promise.all(intents.map((intent, at) => enqueue(tabs[at % tabs.length]!, intent)));
  await Promise.all(
    tabs.map((tab) =>
      hears(
        tab,
        "delivered",
        receipts.map(({ key }) => key),
      ),
    ),
  );
  assert.deepEqual(new Map([...world.gatehouse.done].sort()), once(...intents.sort()));
  assert.ok(world.gatehouse.mostAtOnce <= 4, `${world.gatehouse.mostAtOnce} requests at once`);
});

test("a tab that is closed while it sends is followed by another", async () => {
  world.gatehouse.fate = (number) => (number === 0 ? "hang" : "answer");
  const [first, second] = [await world.open(), await world.open()];
  const { key } = await enqueue(first, "a");
  await world.hasDone();
  const later = await enqueue(second, "b");
  await first.close();
  await hears(second, "delivered", [key, later.key]);
  assert.deepEqual(world.gatehouse.done, once("a", "b"));
});

test("when the browser's storage is full, memory takes the rest", async () => {
  const session = await world.context.newCDPSession(await world.context.newPage());
  await session.send("Storage.overrideQuotaForOrigin", { origin: world.site, quotaSize: 300_000 });
  const tab = await world.open();
  await world.context.setOffline(true);
  const first = await enqueue(tab, "a");
  // Chromium compresses what it stores, and counts it then.
  const incompressible = randomBytes(400_000).toString("base64");
  const second = await enqueue(tab, "b", incompressible);
  assert.deepEqual([first.kept, second.kept], ["disk", "memory"]);
  assert.deepEqual(await tab.evaluate(() => globalThis.page.heard.degraded), ["QuotaExceededError"]);
  await world.context.setOffline(false);
  await hears(tab, "delivered", [first.key, second.key]);
  assert.deepEqual(world.gatehouse.done, once("a", "b"));
});

test("a page that may not use IndexedDB at all works, without remembering", async () => {
  await world.context.addInitScript(() => {
    const denied = () => {
      throw new DOMException("denied", "SecurityError");
    };
    Object.defineProperty(globalThis, "indexedDB", { get: denied });
  });
  const tab = await world.open();
  await world.context.setOffline(true);
  const { key, kept } = await enqueue(tab, "a");
  assert.equal(kept, "memory");
  await world.context.setOffline(false);
  await hears(tab, "delivered", [key]);
});

test("a newer page upgrades the database under an older one, and both go on", async () => {
  const older = await world.open();
  await world.context.setOffline(true);
  const first = await enqueue(older, "a");
  world.gatehouse.fate = () => 503;
  await world.context.setOffline(false);
  const newer = await world.open({ schema: "7" });
  const second = await enqueue(newer, "b");
  const third = await enqueue(older, "c");
  assert.deepEqual([second.kept, third.kept], ["disk", "disk"]);
  world.gatehouse.fate = () => "answer";
  for (const tab of [older, newer])
    await hears(
      tab,
      "delivered",
      [first, second, third].map(({ key }) => key),
    );
  assert.deepEqual(new Map([...world.gatehouse.done].sort()), once("a", "b", "c"));
});

test("a full queue drops the oldest, and a refusal is a dead letter that outlives the page", async () => {
  const tab = await world.open({ maxItems: "2" });
  await world.context.setOffline(true);
  const keys: string[] = [];
  for (const intent of ["a", "b", "c"]) keys.push((await enqueue(tab, intent)).key);
  await hears(tab, "dropped", keys.slice(0, 1));
  world.gatehouse.fate = (number) => (number === 0 ? 422 : "answer");
  await world.context.setOffline(false);
  await hears(tab, "dead", keys.slice(1, 2));
  await hears(tab, "delivered", keys.slice(2));
  await tab.reload();
  await tab.waitForFunction(() => "page" in globalThis);
  assert.deepEqual(await tab.evaluate(() => globalThis.page.deadLetters()), keys.slice(1, 2));
});
