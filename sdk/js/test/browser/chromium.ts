/** A real Chromium, a page that is served to it, and the gatehouse that the page talks to. */

import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { build } from "esbuild";
import { type BrowserContext, chromium, type Page as Tab } from "playwright-core";

import { EXECUTABLE } from "./executable.ts";
import { Gatehouse } from "./gatehouse.ts";
import type { Page } from "./page.ts";

const { outputFiles } = await build({
  entryPoints: [new URL("page.ts", import.meta.url).pathname],
  bundle: true,
  format: "esm",
  target: "es2022",
  write: false,
});
const SCRIPT = outputFiles[0]?.text ?? "";

declare global {
  /** In the browser only: what page.ts sets. */
  var page: Page;
}

export class World {
  readonly gatehouse = new Gatehouse();
  context!: BrowserContext;
  #api = "";
  #site = "";
  readonly #profile = mkdtempSync(join(tmpdir(), "gatehouse-browser-"));
  readonly #server = createServer((request, response) => {
    const script = request.url === "/page.js";
    response.setHeader("Content-Type", script ? "text/javascript" : "text/html");
    response.end(script ? SCRIPT : '<!doctype html><title>page</title><script type="module" src="/page.js"></script>');
  });

  static async create(): Promise<World> {
    const world = new World();
    world.#api = await world.gatehouse.start();
    await new Promise<void>((resolve) => world.#server.listen(0, "127.0.0.1", resolve));
    world.#site = `http://127.0.0.1:${(world.#server.address() as AddressInfo).port}`;
    await world.startBrowser();
    return world;
  }

  get site(): string {
    return this.#site;
  }

  async startBrowser(): Promise<void> {
    const options = { executablePath: EXECUTABLE, headless: true, args: ["--no-sandbox"] };
    this.context = await chromium.launchPersistentContext(this.#profile, options);
    this.context.setDefaultTimeout(20_000);
  }

  /** The browser's main process crashes: nothing of it gets to say goodbye. */
  async kill(): Promise<void> {
    const session = await this.context.browser()?.newBrowserCDPSession();
    const gone = new Promise((resolve) => this.context.once("close", resolve));
    session?.send("Browser.crash").catch(() => undefined);
    await gone;
  }

  /** A tab on the page; the page's script has run when it is given. */
  async open(options: Record<string, string> = {}): Promise<Tab> {
    const tab = await this.context.newPage();
    await tab.goto(`${this.#site}/?${new URLSearchParams({ api: this.#api, ...options })}`);
    await tab.waitForFunction(() => "page" in globalThis);
    return tab;
  }

  /** Waits until the gatehouse has carried something out. */
  async hasDone(): Promise<void> {
    for (let turn = 0; turn < 1000; turn++) {
      if (this.gatehouse.done.size) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error("The gatehouse was asked for nothing.");
  }

  async close(): Promise<void> {
    await this.context.close().catch(() => undefined);
    this.gatehouse.stop();
    this.#server.close();
    this.#server.closeAllConnections();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

export function enqueue(tab: Tab, intent: string, text = "") {
  return tab.evaluate(([name, more]) => globalThis.page.enqueue(name as string, more), [intent, text]);
}

export async function hears(tab: Tab, what: "delivered" | "dead" | "dropped", keys: readonly string[]): Promise<void> {
  await tab.waitForFunction(
    ([kind, wanted]) => (wanted as string[]).every((key) => globalThis.page.heard[kind as "dead"].includes(key)),
    [what, keys] as const,
  );
}

export function waiting(tab: Tab): Promise<string[]> {
  return tab.evaluate(() => globalThis.page.waiting());
}
