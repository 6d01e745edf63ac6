/**
 * A page of another origin in a real Chromium, against a running gatehouse whose zone names the origins of
 * GATEHOUSE_ORIGINS: the browser asks first (CORS), and lets the page read what it may.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { type Browser, chromium, type Page as Tab } from "playwright-core";

import { TICKETS } from "../../examples/helpdesk/tickets.ts";
import { EXECUTABLE } from "../browser/executable.ts";
import type { Page, Seen } from "./page.ts";
import { serve, type Site } from "./site.ts";

const { GATEHOUSE_URL, GATEHOUSE_TOKEN, GATEHOUSE_HASTY_TOKEN, GATEHOUSE_ORIGINS } = process.env as Record<
  string,
  string
>;
assert.ok(GATEHOUSE_URL && GATEHOUSE_TOKEN, "Set GATEHOUSE_URL, and GATEHOUSE_TOKEN to a token of the team helpdesk.");
assert.ok(GATEHOUSE_HASTY_TOKEN, "Set GATEHOUSE_HASTY_TOKEN to a token of a team that may send one request a second.");
assert.ok(GATEHOUSE_ORIGINS, "Set GATEHOUSE_ORIGINS to the origins of the zone, with spaces between them.");

let browser: Browser;
let allowed: Site;
let stranger: Site;
let tab: Tab;

before(async () => {
  allowed = await serve("page.ts", GATEHOUSE_ORIGINS?.split(" "));
  stranger = await serve("page.ts");
  browser = await chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox"] });
  tab = await opened(allowed);
});

after(async () => {
  await browser?.close();
  allowed?.close();
  stranger?.close();
});

async function opened(site: Site): Promise<Tab> {
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(site.origin);
  await page.waitForFunction(() => "page" in globalThis);
  return page;
}

/** What a page sees of a call with this token. */
function seen(from: Tab, token: string, call: keyof Page = "run", agent = "ticket_summary"): Promise<Seen> {
  const input = { ...TICKETS[0], subject: crypto.randomUUID() };
  return from.evaluate(([what, ...given]) => (globalThis as unknown as { page: Page }).page[what](...given), [
    call,
    GATEHOUSE_URL as string,
    token,
    agent,
    input,
  ] as const);
}

test("a page of an allowed origin runs an agent and reads the headers that it may", async () => {
  const { output, headers } = await seen(tab, GATEHOUSE_TOKEN as string);
  assert.ok((output as { summary: string }).summary);
  assert.match(headers["ratelimit-policy"] ?? "", /"budget"/);
  assert.ok(headers["x-amzn-requestid"]);
});

test("a page has a run done later and reads where it will be", async () => {
  const { output, headers } = await seen(tab, GATEHOUSE_TOKEN as string, "runLater");
  assert.equal(headers["location"], `/v1/runs/${(output as { id: string }).id}`);
});

test("a page asks for flags, and again with the tag that it could read", async () => {
  const { output, headers } = await seen(tab, GATEHOUSE_TOKEN as string, "flags");
  assert.deepEqual(output, [true, true]);
  assert.ok(headers["etag"]);
});

test("a page reads why its token was refused", async () => {
  const { slug, status, requestId } = await seen(tab, "no.real.token");
  assert.deepEqual([status, slug], [401, "unauthenticated"]);
  assert.ok(requestId);
});

test("a page reads that its user may not run an agent", async () => {
  const { slug, status, requestId } = await seen(tab, GATEHOUSE_TOKEN as string, "run", "kyc_screening");
  assert.deepEqual([status, slug], [403, "access-denied"]);
  assert.ok(requestId);
});

test("a page reads when it may come again", async () => {
  const all = await Promise.all(Array.from({ length: 9 }, () => seen(tab, GATEHOUSE_HASTY_TOKEN as string)));
  const refused = all.filter(({ status }) => status === 429);
  assert.ok(refused.length);
  for (const { slug, retryAfterSeconds, headers } of refused) {
    assert.deepEqual([slug, retryAfterSeconds, headers["ratelimit"]], ["throttled", 1, '"second";r=0;t=1']);
  }
});

test("a page of any other origin gets nothing: the browser never sends its request", async () => {
  const other = await opened(stranger);
  const refused: string[] = [];
  other.on("console", (message) => void refused.push(message.text()));
  const { slug, status, headers } = await seen(other, GATEHOUSE_TOKEN as string);
  assert.deepEqual([status, slug, headers], [null, "network-error", {}]);
  assert.match(refused.join("\n"), /blocked by CORS policy: Response to preflight request/);
});
