/** What the conformance suite cannot say: tokens of many calls at once, signals, hooks, and header vectors. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Client, type ClientOptions, GatehouseError, type Hooks, InvalidInput, UpstreamError } from "../src/core.ts";
import { quotedKey } from "../src/transport.ts";
import { retryAfterSeconds } from "../src/waiting.ts";
import { type Answer, FakeClock, fakeFetch, networkFailure, OUTCOME, outcome, problem } from "./fakes.ts";

function setUp(answers: Answer | Answer[], options: Partial<ClientOptions> = {}) {
  const clock = new FakeClock();
  const { fetch, sent } = fakeFetch(answers);
  const client = new Client({
    baseUrl: "https://eu.gatehouse.test",
    token: "t",
    fetch,
    clock,
    random: () => 1,
    ...options,
  });
  return { client, clock, sent };
}

function vectors(name: string) {
  return JSON.parse(readFileSync(new URL(`../../conformance/vectors/${name}.json`, import.meta.url), "utf8"));
}

test("calls whose token expired at the same time ask for one new token", async () => {
  const asked: boolean[] = [];
  const token = async (refresh: boolean) => {
    asked.push(refresh);
    return refresh ? "new" : "old";
  };
  const { client } = setUp(
    ({ headers }) => (headers.get("Authorization") === "Bearer new" ? outcome() : problem(401, "unauthenticated")),
    { token },
  );
  await Promise.all([1, 2, 3, 4].map(() => client.run("a", {})));
  assert.deepEqual(asked, [false, true]);
});

test("a token callback that fails is told with its cause, and asked again by the next call", async () => {
  const failure = new Error("the session is over");
  const answers = [
    () => {
      throw failure;
    },
    () => "t",
  ];
  const { client } = setUp(outcome, { token: () => (answers.shift() as () => string)() });
  await assert.rejects(client.run("a", {}), { slug: "token-unavailable", cause: failure });
  assert.equal((await client.run("a", {})).id, OUTCOME.id);
});

test("a token callback that never answers ends with the deadline", async () => {
  const { client, sent } = setUp(outcome, { token: () => new Promise(() => {}), deadlineSeconds: 0.05 });
  // The platform's own timeouts do not keep Node.js alive.
  const alive = setTimeout(() => {}, 10_000);
  await assert.rejects(client.run("a", {}), { slug: "timeout" });
  clearTimeout(alive);
  assert.equal(sent.length, 0);
});

test("a signal ends a call before it, during it and in a pause, with the signal's reason", async () => {
  const early = AbortSignal.abort("early");
  const { client, sent } = setUp(outcome);
  await assert.rejects(client.run("a", {}, { signal: early }), (reason) => reason === "early");
  assert.equal(sent.length, 0);

  const during = new AbortController();
  const hanging: Answer = ({ signal }) =>
    new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
      during.abort("during");
    });
  await assert.rejects(setUp(hanging).client.run("a", {}, { signal: during.signal }), (reason) => reason === "during");

  const pausing = new AbortController();
  const hooks: Hooks = { onRetry: () => pausing.abort("pausing") };
  await assert.rejects(
    setUp(networkFailure, { hooks }).client.run("a", {}, { signal: pausing.signal }),
    (reason) => reason === "pausing",
  );
});

test("hooks see every step with ids and durations, and no content", async () => {
  const seen: unknown[][] = [];
  const note =
    (name: string) =>
    (...about: unknown[]) =>
      void seen.push([name, ...about]);
  const hooks: Hooks = {
    onRequest: note("request"),
    onResponse: note("response"),
    onRetry: note("retry"),
    onError: note("error"),
  };
  const answers: Answer[] = [() => problem(503, "model-unavailable"), () => problem(422, "invalid-input")];
  const { client } = setUp(answers, { hooks });
  await assert.rejects(client.run("a", { text: "SECRET" }, { idempotencyKey: "k" }));
  assert.deepEqual(
    seen.map(([name]) => name),
    ["request", "response", "retry", "request", "response", "error"],
  );
  assert.equal(new Set(seen.map(([, call]) => call)).size, 1);
  assert.ok(!JSON.stringify(seen).includes("SECRET"));
});

test("a hook that throws breaks nothing", async (context) => {
  const shown = context.mock.method(console, "error", () => {});
  const hooks: Hooks = {
    onRequest: () => {
      throw new Error("the application's fault");
    },
  };
  assert.equal((await setUp(outcome, { hooks }).client.run("a", {})).id, OUTCOME.id);
  assert.equal(shown.mock.callCount(), 1);
});

test("an error is of the class of its family and never quotes what was sent or what a proxy said", async () => {
  const page = () => new Response("<html>SECRET</html>", { status: 404 });
  const cases: [Answer, typeof GatehouseError][] = [
    [() => problem(422, "personal-data-found"), InvalidInput],
    [() => problem(502, "model-refused", {}, { retryable: false }), UpstreamError],
    [page, GatehouseError],
    [() => new Response("SECRET"), GatehouseError],
  ];
  for (const [answer, family] of cases) {
    const error = await setUp(answer)
      .client.run("a", { text: "SECRET" })
      .catch((reason: GatehouseError) => reason);
    assert.ok(error instanceof family && error instanceof GatehouseError);
    assert.ok(!`${error.stack} ${String(error.cause)} ${JSON.stringify(error)}`.includes("SECRET"));
  }
});

test("an input that is no JSON is refused before anything is sent", async () => {
  const { client, sent } = setUp(outcome);
  await assert.rejects(client.run("a", { big: 1n }), { slug: "malformed-request" });
  assert.equal(sent.length, 0);
});

test("neither cookies nor the page's cache take part in a call", async () => {
  let options: RequestInit | undefined;
  const fetch = async (_: unknown, given?: RequestInit) => ((options = given), outcome());
  await setUp(outcome, { fetch }).client.run("a", {});
  assert.equal(options?.credentials, "omit");
  assert.equal(options?.redirect, "manual");
});

test("a base URL may be a path of the page's own origin, and no other page's", async () => {
  const sent: string[] = [];
  const fetch = async (url: unknown) => (sent.push(url as string), outcome());
  await setUp(outcome, { fetch, baseUrl: "/gatehouse" }).client.run("a", {});
  assert.deepEqual(sent, ["/gatehouse/v1/agents/a/run"]);
  for (const baseUrl of [
    "//elsewhere.test",
    "http://localhost.elsewhere.test",
    "http://127.0.0.1@elsewhere.test",
    "ftp://x",
    "javascript:x",
  ]) {
    await assert.rejects(setUp(outcome, { baseUrl }).client.run("a", {}), { slug: "malformed-request" }, baseUrl);
  }
});

test("each look at a run that is done later is given", async () => {
  const look =
    (status: string, more: object = {}) =>
    () =>
      Response.json({ id: "run_7", agent: "a", status, ...more });
  const { client } = setUp([look("queued"), look("running"), look("succeeded", { outcome: OUTCOME })]);
  const seen: string[] = [];
  for await (const { status } of client.watch("run_7")) seen.push(status);
  assert.deepEqual(seen, ["queued", "running", "succeeded"]);
});

for (const { key, header } of vectors("idempotency_key").vectors) {
  test(`the key ${JSON.stringify(key).slice(0, 40)} of ${key.length} becomes ${header === null ? "an error" : "a header"}`, () => {
    if (header === null) assert.throws(() => quotedKey(key), { slug: "malformed-request" });
    else assert.equal(quotedKey(key), header);
  });
}

const { now, vectors: times } = vectors("retry_after");
for (const { header, seconds } of times) {
  test(`Retry-After ${JSON.stringify(header)} is ${seconds} s`, () => {
    assert.equal(retryAfterSeconds(header, Date.parse(now)) ?? null, seconds);
  });
}
