/**
 * The helpdesk example in a real Chromium. With GATEHOUSE_URL and GATEHOUSE_TOKEN it talks to that gatehouse, such as the
 * local stack, else to one of the test's own.
 */

import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import { type Browser, chromium, type Page } from "playwright-core";

import { serve } from "../../examples/helpdesk/serve.ts";
import { EXECUTABLE } from "./executable.ts";

const SUMMARY = {
  ticket_id: "T-1001",
  summary: "The present is late.",
  open_question: null,
  next_step: "refund the customer",
};

let browser: Browser;
let page: Page;
let helpdesk: { url: string; server: Server };
let standIn: Server | undefined;

before(async () => {
  const { GATEHOUSE_URL, GATEHOUSE_TOKEN = "token" } = process.env;
  helpdesk = await serve(GATEHOUSE_URL ?? (await startStandIn()), GATEHOUSE_TOKEN);
  browser = await chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox"] });
  page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(helpdesk.url);
});

after(async () => {
  await browser.close();
  for (const server of [helpdesk.server, standIn]) {
    server?.close();
    server?.closeAllConnections();
  }
});

async function startStandIn(): Promise<string> {
  standIn = createServer((_, response) => {
    response
      .writeHead(200, { "Content-Type": "application/json" })
      .end(JSON.stringify({ id: "run_1", output: SUMMARY }));
  });
  const server = standIn;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a ticket is summarised where the agent works", async () => {
  await page.locator("#T-1001 button").click();
  const shown = await page.locator("#T-1001 blockquote").textContent();
  assert.match(shown ?? "", /Next: [a-z]/);
});

test("a ticket that is asked about offline is summarised when the network is back", async () => {
  await page.context().setOffline(true);
  await page.locator("#T-1002 button").dblclick();
  assert.match((await page.locator("#T-1002 [role=status]").textContent()) ?? "", /Waiting/);
  assert.equal(await page.locator("#T-1002 blockquote").count(), 0);
  await page.context().setOffline(false);
  await page.locator("#T-1002 blockquote").waitFor();
});
