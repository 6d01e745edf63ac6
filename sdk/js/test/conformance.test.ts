/** The cases that every client passes: sdk/conformance says what their members mean. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { Client, GatehouseError } from "../src/core.ts";
import { type Answer, FakeClock, fakeFetch, type Sent } from "./fakes.ts";

type Data = Record<string, any>;

const FOLDER = new URL("../../conformance/", import.meta.url);
const cases = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

test("there are cases", () => assert.ok(cases.length > 50));

for (const name of cases) {
  const found: Data = JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
  test(found["name"], () => conforms(found));
}

async function conforms(wanted: Data): Promise<void> {
  known(wanted, "name why client do server outcome sleeps");
  known(wanted["do"], "call args times");
  const clock = new FakeClock();
  const answers = wanted["server"].map((entry: Data, at: number): Answer => (request) => {
    expectRequest(entry["expect"], request, sent.slice(0, at));
    return reply(entry["reply"], clock);
  });
  const { fetch, sent } = fakeFetch(answers);
  const client = new Client({ ...clientOptions(wanted["client"] ?? {}), fetch, clock, random: () => 1 });
  let got: unknown;
  for (let time = 0; time < (wanted["do"].times ?? 1); time++) got = await settled(call(client, wanted["do"]));
  expectOutcome(wanted["outcome"], got);
  assert.equal(sent.length, wanted["server"].length, "requests");
  expectSleeps(wanted["sleeps"] ?? [], clock.sleeps);
}

function clientOptions(options: Data) {
  known(options, "base_url token tokens deadline_seconds max_attempts workflow");
  const tokens: string[] = [...(options["tokens"] ?? ["token-1"])];
  const next = () => tokens.shift() ?? assert.fail("The token callback was asked once too often.");
  return {
    baseUrl: options["base_url"] ?? "https://eu.gatehouse.test",
    token: options["token"] ?? next,
    deadlineSeconds: options["deadline_seconds"],
    maxAttempts: options["max_attempts"],
    workflow: options["workflow"],
  };
}

async function call(client: Client, { call: name, args }: Data): Promise<unknown> {
  known(
    args,
    "agent input inputs keys events query wait_seconds idempotency_key workflow cache_control traceparent deadline_seconds",
  );
  const options = {
    idempotencyKey: args.idempotency_key,
    workflow: args.workflow,
    cacheControl: args.cache_control,
    traceparent: args.traceparent,
    deadlineSeconds: args.deadline_seconds,
  };
  switch (name) {
    case "run":
      return client.run(args.agent, args.input, options);
    case "run_async_wait":
      return client.wait(await client.runAsync(args.agent, args.input, options), {
        deadlineSeconds: args.wait_seconds,
      });
    case "publish":
      return client.publish(args.events, options);
    case "batch":
      return client.batch(args.agent, args.inputs, { ...options, keys: args.keys });
    case "agents":
      return client.agents(args.query, options);
    case "agent":
      return client.agent(args.agent, options);
    default:
      return assert.fail(`The suite asks for ${name}, which this runner does not know.`);
  }
}

async function settled(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof GatehouseError) return error;
    throw error;
  }
}

function reply(wanted: Data, clock: FakeClock): Response {
  known(wanted, "status headers body fail after_seconds");
  clock.pass(wanted["after_seconds"] ?? 0);
  if (wanted["fail"] === "network") throw new TypeError("fetch failed");
  if (wanted["fail"] === "timeout") throw new DOMException("The operation timed out.", "TimeoutError");
  const { status, headers, body } = wanted;
  return new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });
}

function expectRequest(expected: Data, got: Sent, before: Sent[]): void {
  known(expected, "method path base_url headers body");
  assert.equal(got.method, expected["method"]);
  assert.equal(got.url.pathname + got.url.search, expected["path"]);
  if (expected["base_url"]) assert.equal(got.url.origin, expected["base_url"]);
  for (const [name, wanted] of Object.entries<any>(expected["headers"] ?? {})) {
    const value = got.headers.get(name);
    if (wanted?.same_as !== undefined) assert.equal(value, before[wanted.same_as]?.headers.get(name), name);
    else if (wanted?.differs_from !== undefined)
      assert.notEqual(value, before[wanted.differs_from]?.headers.get(name), name);
    else expectSubset(wanted, value, name);
  }
  if (expected["body"]?.same_as !== undefined) assert.equal(got.body, before[expected["body"].same_as]?.body);
  else if (expected["body"] !== undefined) expectSubset(expected["body"], JSON.parse(got.body ?? ""), "body");
}

function expectOutcome(wanted: Data, got: unknown): void {
  known(wanted, "value error");
  if ("value" in wanted) return expectSubset(wanted["value"], got, "value");
  assert.ok(got instanceof GatehouseError, `an error was expected, but got ${JSON.stringify(got)}`);
  const { slug, status, retryable, requestId, retryAfterSeconds, violations } = got;
  const error = { slug, status, retryable, request_id: requestId, retry_after: retryAfterSeconds, violations };
  known(wanted["error"], Object.keys(error).join(" "));
  expectSubset(wanted["error"], error, "error");
}

function expectSubset(wanted: any, got: any, at: string): void {
  if (wanted === null) return assert.ok(got === null || got === undefined, `${at} must be absent`);
  if (typeof wanted !== "object") return assert.equal(got, wanted, at);
  if ("matches" in wanted) return assert.match(got, new RegExp(wanted.matches), at);
  if (Array.isArray(wanted)) assert.equal(got?.length, wanted.length, `${at}: length`);
  for (const [name, value] of Object.entries(wanted)) expectSubset(value, got?.[name], `${at}/${name}`);
}

function expectSleeps(wanted: [number, number][], got: number[]): void {
  assert.equal(got.length, wanted.length, `pauses: ${got}`);
  for (const [at, [least, most]] of wanted.entries()) {
    const seconds = got[at] ?? NaN;
    assert.ok(seconds >= least && seconds <= most, `pause ${at} took ${seconds} s`);
  }
}

/** A member that this runner does not know would pass unseen. */
function known(data: Data, names: string): void {
  for (const name of Object.keys(data)) assert.ok(names.split(" ").includes(name), `unknown member ${name}`);
}
