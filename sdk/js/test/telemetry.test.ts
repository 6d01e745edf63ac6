/** Hooks put together, as OpenTelemetry spans, and the header of limits. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { type Span, SpanStatusCode } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";

import { Client, type Hooks } from "../src/core.ts";
import { combinedHooks, openTelemetryHooks, rateLimits } from "../src/telemetry.ts";
import { type Answer, FakeClock, fakeFetch, outcome, problem } from "./fakes.ts";

function traced(answers: Answer[], hooks: Hooks = {}) {
  const exporter = new InMemorySpanExporter();
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer("test");
  const { fetch, sent } = fakeFetch(answers);
  const all = combinedHooks(hooks, openTelemetryHooks(tracer));
  const client = new Client({
    baseUrl: "https://eu.gatehouse.test",
    token: "t",
    fetch,
    clock: new FakeClock(),
    hooks: all,
  });
  return { client, sent, spans: () => exporter.getFinishedSpans() };
}

test("a call is one span of the official SDK, and the gatehouse goes on with its trace", async () => {
  const { client, sent, spans } = traced([() => problem(503, "model-unavailable"), outcome]);
  await client.run("a", {});
  const [span, ...others] = spans();
  assert.deepEqual(others, []);
  const { traceId, spanId } = (span as unknown as Span).spanContext();
  assert.equal(sent[1]?.headers.get("traceparent"), `00-${traceId}-${spanId}-01`);
  assert.deepEqual(
    span?.events.map(({ name }) => name),
    ["retry"],
  );
  assert.equal(span?.attributes["url.path"], "/v1/agents/a/run");
  assert.equal(span?.attributes["http.response.status_code"], 200);
});

test("a call that fails is a span with the problem's slug", async () => {
  const { client, spans } = traced([() => problem(422, "invalid-input")]);
  await assert.rejects(client.run("a", {}));
  assert.equal(spans()[0]?.attributes["error.type"], "invalid-input");
  assert.equal(spans()[0]?.status.code, SpanStatusCode.ERROR);
});

test("combined hooks are all called", async () => {
  const seen: string[] = [];
  const { client, spans } = traced([outcome], {
    onRequest: () => seen.push("request"),
    onResponse: () => seen.push("response"),
  });
  await client.run("a", {});
  assert.deepEqual(seen, ["request", "response"]);
  assert.equal(spans().length, 1);
});

const { vectors } = JSON.parse(
  readFileSync(new URL("../../conformance/vectors/rate_limit.json", import.meta.url), "utf8"),
);
for (const { header, limits } of vectors) {
  test(`RateLimit ${header}`, () => assert.deepEqual(Object.fromEntries(rateLimits(header)), limits));
}
