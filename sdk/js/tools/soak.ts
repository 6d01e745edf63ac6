/**
 * Thousands of requests from a real Chromium while everything goes wrong: the network goes, answers get lost after the
 * work is done, the gatehouse refuses, tabs are reloaded and closed, the browser is killed. Then it is counted, on the
 * gatehouse's side, what was lost and what was done twice.
 *
 *     npm run soak -- 10000
 */

import type { Page as Tab } from "playwright-core";

import { waiting, World } from "../test/browser/chromium.ts";
import type { Fate } from "../test/browser/gatehouse.ts";

const wanted = Number(process.argv[2] ?? 10_000);
const BATCH = 50;
/** A queue holds a thousand; what waits must stay well below, or the oldest would be dropped, as promised. */
const MOST_WAITING = 600;

/** One in 41 is done without an answer, one in 53 never arrives, one in 29 is put off. */
function fate(number: number): Fate {
  if (number % 41 === 0) return "lose";
  if (number % 53 === 0) return "refuse";
  return number % 29 === 0 ? 503 : "answer";
}

const world = await World.create();
world.gatehouse.fate = fate;
const begun = performance.now();
const counts = { offline: 0, reloads: 0, closed: 0, kills: 0, enqueued: 0 };
const memory: string[] = [];

let tabs: Tab[] = [];
let seed = 20261122;
/** The same course in each run. */
function chance(): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return seed / 2 ** 32;
}

function anyTab(): Tab {
  return tabs[Math.floor(chance() * tabs.length)] as Tab;
}

async function act(): Promise<void> {
  const from = counts.enqueued;
  const many = Math.min(BATCH, wanted - from);
  const kept = await anyTab().evaluate(
    ([first, count]) =>
      Promise.all(
        Array.from({ length: count as number }, (_, at) => globalThis.page.enqueue(`intent-${(first as number) + at}`)),
      ),
    [from, many],
  );
  for (const receipt of kept) if (receipt.kept !== "disk") memory.push(receipt.key);
  counts.enqueued += many;
}

async function disturb(): Promise<void> {
  const dice = chance();
  if (dice < 0.2) {
    counts.offline++;
    await world.context.setOffline(true);
    await act();
    await world.context.setOffline(false);
  } else if (dice < 0.45) {
    counts.reloads++;
    await anyTab().reload();
  } else if (dice < 0.6 && tabs.length > 2) {
    counts.closed++;
    await (tabs.pop() as Tab).close();
  } else if (dice < 0.8 && tabs.length < 10) {
    tabs.push(await world.open());
  } else if (dice < 0.84) {
    counts.kills++;
    await world.kill();
    await world.startBrowser();
    tabs = [await world.open(), await world.open()];
  }
  await Promise.all(tabs.map((tab) => tab.waitForFunction(() => "page" in globalThis)));
}

async function drained(most: number): Promise<void> {
  while ((await waiting(anyTab())).length > most) await new Promise((resolve) => setTimeout(resolve, 50));
}

tabs = [await world.open(), await world.open()];
while (counts.enqueued < wanted) {
  await act();
  if (counts.enqueued < wanted) await disturb();
  await drained(MOST_WAITING);
}
await drained(0);
await world.close();

const { done, conflicts, requests } = world.gatehouse;
const lost = Array.from({ length: wanted }, (_, at) => `intent-${at}`).filter((intent) => !done.has(intent));
const twice = [...done].filter(([, times]) => times > 1);
const seconds = (performance.now() - begun) / 1000;
console.log({
  ...counts,
  requests,
  seconds: Math.round(seconds),
  memory: memory.length,
  lost: lost.length,
  twice: twice.length,
  conflicts: conflicts.length,
});
process.exitCode = lost.length + twice.length + conflicts.length ? 1 : 0;
