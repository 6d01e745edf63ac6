/** The README's examples run as they stand, and nothing is exported that nobody knows of. */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import * as context from "../src/context.ts";
import * as core from "../src/core.ts";
import * as flags from "../src/flags.ts";
import * as queue from "../src/queue/index.ts";
import * as telemetry from "../src/telemetry.ts";

const ROOT = new URL("../", import.meta.url);
const SOURCES: Record<string, string> = { "": "core.ts", "/queue": "queue/index.ts", "/context": "context.ts" };

test("the examples of the README run", async (about) => {
  const readme = readFileSync(new URL("README.md", ROOT), "utf8");
  const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code as string);
  assert.equal(blocks.length, 3);
  assert.ok((blocks[0] ?? "").trim().split("\n").length <= 6);
  const code = blocks.join("\n").replace(/"agent-gatehouse-sdk(\/\w+)?"/g, (_, entry: string | undefined) => {
    return JSON.stringify(new URL(`src/${SOURCES[entry ?? ""]}`, ROOT).href);
  });
  const delivered = new Promise((resolve) => {
    Object.assign(globalThis, {
      session: { accessToken: () => "token", userId: "ada" },
      show: (key: string) => resolve(key),
    });
  });
  const reply = { id: "run_1", output: { summary: "Late order." }, cost_micro_usd: 42 };
  about.mock.method(globalThis, "fetch", async () => Response.json(reply));
  const printed = about.mock.method(console, "log", () => {});
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-readme-"));
  try {
    writeFileSync(join(folder, "readme.ts"), `${code}\nexport { queue };\n`);
    const readmeModule = await import(pathToFileURL(join(folder, "readme.ts")).href);
    assert.equal(await delivered, "summary of T-1");
    readmeModule.queue.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
  const [first, second] = printed.mock.calls.map(({ arguments: words }) => words);
  assert.deepEqual(first, ["Late order.", 42]);
  assert.equal(second?.[0][0].text, "My card **** was charged twice.");
});

test("what the entries export is what they are meant to", () => {
  const exported = Object.fromEntries(
    Object.entries({ core, queue, context, flags, telemetry }).map(([name, entry]) => [
      name,
      Object.keys(entry).sort(),
    ]),
  );
  assert.deepEqual(exported, {
    core: [
      "AccessDenied",
      "CallerError",
      "Client",
      "ConnectionFailed",
      "GatehouseError",
      "InvalidInput",
      "LimitReached",
      "MalformedReply",
      "NotFound",
      "Unauthenticated",
      "UpstreamError",
      "WrongZone",
    ],
    queue: ["DiskStore", "MemoryStore", "Queue"],
    context: ["Conversation", "clearConversations"],
    flags: ["GatehouseProvider"],
    telemetry: ["combinedHooks", "openTelemetryHooks", "rateLimits"],
  });
});
