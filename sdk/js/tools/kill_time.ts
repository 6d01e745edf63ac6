/**
 * How long a page goes on with an agent that was switched off:
 *
 *     node tools/kill_time.ts 4           four kills, each seen by twenty visitors
 *
 * In a real Chromium, against the local stack of GATEHOUSE_URL and GATEHOUSE_STATE, with a token of the team helpdesk in
 * GATEHOUSE_TOKEN and the zone's origins in GATEHOUSE_ORIGINS. The clock starts before the command does.
 */

import { execFileSync } from "node:child_process";

import { chromium, type Page as Tab } from "playwright-core";

import { EXECUTABLE } from "../test/browser/executable.ts";
import { serve } from "../test/live/site.ts";
import type { Visitors } from "./kill_page.ts";

const AGENT = "ticket_summary";
const VISITORS = 20;
const LIMIT_SECONDS = 60;
/** Of the functions, each. */
const LOOK_SECONDS = 30;

declare global {
  var visitors: Visitors;
}

const kills = Number(process.argv[2] ?? 1);
const { GATEHOUSE_URL, GATEHOUSE_TOKEN, GATEHOUSE_ORIGINS } = process.env;
if (!GATEHOUSE_URL || !GATEHOUSE_TOKEN || !GATEHOUSE_ORIGINS)
  throw new Error("Set GATEHOUSE_URL, GATEHOUSE_TOKEN and GATEHOUSE_ORIGINS; docs/sdk-js.md says how.");

function gatehouse(...words: string[]): void {
  execFileSync("gatehouse", ["flags", ...words, "--team", "helpdesk"], { stdio: "ignore" });
}

async function allSee(tab: Tab, value: boolean): Promise<number[]> {
  await tab.waitForFunction(
    (wanted) => Object.values(globalThis.visitors.seen()).every((one) => one === wanted),
    value,
  );
  return Object.values(await tab.evaluate(() => globalThis.visitors.since()));
}

async function measured(tab: Tab): Promise<number[]> {
  await allSee(tab, true);
  // The functions looked at the flags a moment ago; a kill comes at any time between two looks.
  await tab.waitForTimeout(Math.random() * LOOK_SECONDS * 1000);
  const begun = Date.now();
  gatehouse("off", AGENT);
  const seconds = (await allSee(tab, false)).map((since) => (since - begun) / 1000);
  gatehouse("on", AGENT);
  return seconds;
}

const site = await serve("../../tools/kill_page.ts", GATEHOUSE_ORIGINS.split(" "));
const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox"] });
try {
  const tab = await browser.newPage();
  tab.setDefaultTimeout(2 * LIMIT_SECONDS * 1000);
  await tab.goto(site.origin);
  await tab.waitForFunction(() => "visitors" in globalThis);
  for (let number = 0; number < VISITORS; number++) {
    await tab.evaluate((all) => globalThis.visitors.enter(...all), [
      `visitor-${number}`,
      GATEHOUSE_URL,
      GATEHOUSE_TOKEN,
      `agent.${AGENT}`,
    ] as const);
    // Twenty visitors over the twenty seconds between two questions of one.
    await tab.waitForTimeout(1000);
  }
  const all: number[] = [];
  for (let kill = 0; kill < kills; kill++) all.push(...(await measured(tab)));
  all.sort((one, other) => one - other);
  const at = (share: number) => all[Math.min(all.length - 1, Math.floor(all.length * share))]?.toFixed(1);
  console.log(
    `${all.length} sightings: median ${at(0.5)} s, p95 ${at(0.95)} s, longest ${at(1)} s of ${LIMIT_SECONDS}`,
  );
  if (all.some((seconds) => seconds >= LIMIT_SECONDS)) process.exitCode = 1;
} finally {
  await browser.close();
  site.close();
}
