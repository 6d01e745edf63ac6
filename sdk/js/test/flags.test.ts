/** Flags through the official OpenFeature client. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { OpenFeature, OpenFeatureEventEmitter, type Provider, ProviderEvents } from "@openfeature/web-sdk";

import { Client } from "../src/core.ts";
import { type FlagOptions, GatehouseProvider } from "../src/flags.ts";
import { type Answer, fakeFetch, ManualClock, networkFailure } from "./fakes.ts";

const ON = { key: "ticket-summary", value: true, reason: "TARGETING_MATCH", variant: "on" };
const OFF = { ...ON, value: false, variant: "off" };

function flags(...found: object[]): Answer {
  return () => Response.json({ flags: found }, { headers: { ETag: '"v1"' } });
}

let domains = 0;

async function setUp(
  answer: Answer,
  { items = new Map<string, string>(), ...options }: { items?: Map<string, string> } & FlagOptions = {},
) {
  const clock = new ManualClock();
  let current = answer;
  const { fetch, sent } = fakeFetch((request) => current(request));
  const client = new Client({ baseUrl: "https://eu.gatehouse.test", token: "t", fetch, clock });
  const storage = {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
  };
  const events = new OpenFeatureEventEmitter();
  const provider = new GatehouseProvider(client, { storage, ...options, events }) satisfies Provider;
  const domain = `test-${domains++}`;
  await OpenFeature.setProviderAndWait(domain, provider, { targetingKey: "ada" });
  const features = OpenFeature.getClient(domain);
  return {
    clock,
    sent,
    items,
    provider,
    features,
    answerWith: (next: Answer) => void (current = next),
    close: () => provider.onClose(),
  };
}

test("a flag is what the gatehouse says, for who asks", async () => {
  const { features, sent, close } = await setUp(flags(ON));
  const details = features.getBooleanDetails("ticket-summary", false);
  assert.deepEqual([details.value, details.reason, details.variant], [true, "TARGETING_MATCH", "on"]);
  assert.equal(sent[0]?.url.pathname, "/ofrep/v1/evaluate/flags");
  assert.deepEqual(JSON.parse(sent[0]?.body ?? ""), { context: { targetingKey: "ada" } });
  await close();
});

test("an unknown flag, and one of another type, is what the code says", async () => {
  const { features, close } = await setUp(flags(ON));
  assert.equal(features.getBooleanValue("unknown", true), true);
  assert.equal(features.getStringValue("ticket-summary", "text"), "text");
  await close();
});

test("a page that opens offline soon after knows its flags from the cache", async () => {
  const { items, close } = await setUp(flags(ON));
  await close();
  const { features, close: closeAgain } = await setUp(networkFailure, { items });
  assert.equal(features.getBooleanValue("ticket-summary", false), true);
  await closeAgain();
});

test("offline for longer than the maximum age, each flag is closed", async () => {
  const closed = { model: "small" };
  const { clock, features, answerWith, close } = await setUp(
    flags(ON, { key: "model", value: "large" }, { key: "most", value: 5 }),
    { closed },
  );
  answerWith(networkFailure);
  clock.pass(59);
  assert.equal(features.getBooleanValue("ticket-summary", false), true);
  clock.pass(1);
  assert.equal(features.getBooleanValue("ticket-summary", true), false);
  assert.equal(features.getStringValue("model", "medium"), "small");
  assert.equal(features.getNumberValue("most", 1), 1);
  await close();
});

test("a page that was never online has its flags closed", async () => {
  const { features, close } = await setUp(networkFailure);
  assert.equal(features.getBooleanValue("ticket-summary", true), false);
  await close();
});

test("what has not changed is not sent again, and counts as recent", async () => {
  const { clock, features, sent, provider, answerWith, close } = await setUp(flags(ON));
  answerWith(({ headers }) => new Response(null, { status: headers.get("If-None-Match") === '"v1"' ? 304 : 500 }));
  clock.pass(50);
  assert.equal(await provider.refresh(), true);
  clock.pass(50);
  assert.equal(features.getBooleanValue("ticket-summary", false), true);
  assert.ok(sent.length >= 2);
  await close();
});

test("a switch that is pulled reaches an open page by itself, within 60 seconds", async () => {
  const { clock, features, answerWith, close } = await setUp(flags(ON));
  const changed = new Promise((resolve) =>
    features.addHandler(ProviderEvents.ConfigurationChanged, (about) => resolve(about?.flagsChanged)),
  );
  answerWith(flags(OFF));
  assert.ok(clock.next <= 60);
  clock.pass(clock.next);
  assert.deepEqual(await changed, ["ticket-summary"]);
  assert.equal(features.getBooleanValue("ticket-summary", true), false);
  await close();
});

test("a storage full of nonsense, or none, is no reason to fail", async () => {
  const { items, close } = await setUp(flags(ON));
  await close();
  for (const name of items.keys()) items.set(name, "{broken");
  const spoilt = await setUp(flags(ON), { items });
  assert.equal(spoilt.features.getBooleanValue("ticket-summary", false), true);
  await spoilt.close();
  const without = await setUp(flags(ON), { storage: null });
  assert.equal(without.features.getBooleanValue("ticket-summary", false), true);
  await without.close();
});

test("an answer that is none of flags changes nothing", async () => {
  const { features, provider, answerWith, close } = await setUp(flags(ON));
  answerWith(() => Response.json(["hello"]));
  assert.equal(await provider.refresh(), false);
  assert.equal(features.getBooleanValue("ticket-summary", false), true);
  await close();
});
