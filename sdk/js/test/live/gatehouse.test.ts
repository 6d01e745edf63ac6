/** The client against a running gatehouse, such as the local stack: GATEHOUSE_URL and GATEHOUSE_TOKEN say which. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature, type Provider } from "@openfeature/web-sdk";

import { TICKETS } from "../../examples/helpdesk/tickets.ts";
import { Client, type Outcome, type ReplyInfo } from "../../src/core.ts";
import { GatehouseProvider } from "../../src/flags.ts";
import { Queue } from "../../src/queue/index.ts";
import { rateLimits } from "../../src/telemetry.ts";

const { GATEHOUSE_URL, GATEHOUSE_TOKEN } = process.env;
assert.ok(GATEHOUSE_URL && GATEHOUSE_TOKEN, "Set GATEHOUSE_URL, and GATEHOUSE_TOKEN to a token of the team helpdesk.");

const AGENT = "ticket_summary";
const [TICKET, OTHER] = TICKETS as [(typeof TICKETS)[0], (typeof TICKETS)[0]];
const replies: ReplyInfo[] = [];
const hooks = { onResponse: (_: unknown, reply: ReplyInfo) => void replies.push(reply) };
const client = new Client({ baseUrl: GATEHOUSE_URL, token: GATEHOUSE_TOKEN, workflow: "helpdesk", hooks });
const fresh = () => ({ ...TICKET, subject: crypto.randomUUID() });

test("agents are listed, found and described", async () => {
  assert.ok((await client.agents()).some(({ name }) => name === AGENT));
  assert.deepEqual(
    (await client.agents("ticket summary")).map(({ name }) => name),
    [AGENT],
  );
  assert.ok((await client.agent(AGENT)).input_schema);
});

test("a run is answered, and its repetition replayed, whatever is in its key", async () => {
  const idempotencyKey = `say "hi" \\ ${crypto.randomUUID()}`;
  const first = await client.run<{ ticket_id: string }>(AGENT, TICKET, { idempotencyKey });
  assert.equal(first.output.ticket_id, TICKET.ticket_id);
  assert.ok(rateLimits(replies.at(-1)?.headers.get("ratelimit-policy") ?? null).get("budget"));
  const again = await client.run(AGENT, TICKET, { idempotencyKey });
  assert.equal(again.id, first.id);
  assert.equal(replies.at(-1)?.headers.get("idempotent-replayed"), "true");
  await assert.rejects(client.run(AGENT, OTHER, { idempotencyKey }), { slug: "idempotency-key-reused" });
});

test("the gatehouse takes the trace that it is given", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  assert.equal((await client.run(AGENT, fresh(), { traceparent })).trace_id, "0af7651916cd43dd8448eb211c80319c");
});

test("an input that does not fit says where", async () => {
  const error = await client.run(AGENT, { x: 1 }).catch((reason) => reason);
  assert.equal(error.slug, "invalid-input");
  assert.ok(error.requestId);
  assert.ok(error.violations.some(({ pointer }: { pointer: string }) => pointer === "/input/messages"));
});

test("each input of a batch has its result", async () => {
  const [good, bad] = await client.batch(AGENT, [TICKET, {}]);
  assert.ok(good?.outcome?.output);
  assert.equal(bad?.error?.slug, "invalid-input");
});

test("each event has its result", async () => {
  const event = { source: "/helpdesk", type: "ticket.opened" };
  const [good, bad] = await client.publish([
    { ...event, data: fresh() },
    { ...event, data: {} },
  ]);
  assert.equal(good?.status, 202);
  assert.equal(bad?.error?.slug, "invalid-input");
});

test("a run that is done later is waited for", async () => {
  const run = await client.runAsync(AGENT, fresh());
  assert.equal((await client.wait(run)).id, run.id);
});

test("a queued run is delivered", async () => {
  const delivered = new Promise((resolve) => {
    const queue = new Queue(client, {
      owner: "ada",
      onDelivered: (_, result) => {
        queue.close();
        resolve(result);
      },
    });
    void queue.enqueue(AGENT, fresh());
  });
  assert.equal(((await delivered) as Outcome).agent, AGENT);
});

test("the official OFREP provider, unchanged, and ours say the same of every agent", async () => {
  const official = new OFREPWebProvider({
    baseUrl: GATEHOUSE_URL,
    pollInterval: 0,
    headers: [["Authorization", `Bearer ${GATEHOUSE_TOKEN}`]],
  });
  const ours = new GatehouseProvider(client);
  await OpenFeature.setProviderAndWait("official", official as Provider, { targetingKey: "ada" });
  await OpenFeature.setProviderAndWait("ours", ours, { targetingKey: "ada" });
  for (const { name } of await client.agents()) {
    const [theirs, own] = ["official", "ours"].map((domain) =>
      OpenFeature.getClient(domain).getBooleanDetails(`agent.${name}`, false),
    );
    assert.equal(theirs?.errorCode, undefined);
    assert.deepEqual([own?.value, own?.reason], [theirs?.value, theirs?.reason]);
  }
  await OpenFeature.close();
});
