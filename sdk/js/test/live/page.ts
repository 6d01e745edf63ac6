/** What a tested page of another origin runs: the client as an application would use it. */

import { Client, type GatehouseError, type Hooks } from "../../src/core.ts";
import { GatehouseProvider } from "../../src/flags.ts";

/** What the page could see of one run. */
export interface Seen {
  readonly output?: unknown;
  readonly slug?: string;
  readonly status?: number | null;
  readonly requestId?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  /** Of the last reply, as far as the browser shows them to the page. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Page {
  run(baseUrl: string, token: string, agent: string, input: object): Promise<Seen>;
  runLater(baseUrl: string, token: string, agent: string, input: object): Promise<Seen>;
  /** Asks for the flags, and again with their ETag; whether both were answered. */
  flags(baseUrl: string, token: string): Promise<Seen>;
}

async function seen(baseUrl: string, token: string, ask: (client: Client) => Promise<unknown>): Promise<Seen> {
  let headers = {};
  const hooks: Hooks = { onResponse: (_, reply) => void (headers = Object.fromEntries(reply.headers)) };
  try {
    const output = await ask(new Client({ baseUrl, token, hooks, maxAttempts: 1, workflow: "helpdesk" }));
    return { output, headers };
  } catch (error) {
    const { slug, status, requestId, retryAfterSeconds } = error as GatehouseError;
    return { slug, status, requestId, retryAfterSeconds, headers };
  }
}

const page: Page = {
  run: (baseUrl, token, agent, input) =>
    seen(baseUrl, token, async (client) => (await client.run(agent, input, { cacheControl: "no-cache" })).output),
  runLater: (baseUrl, token, agent, input) => seen(baseUrl, token, (client) => client.runAsync(agent, input)),
  flags: (baseUrl, token) =>
    seen(baseUrl, token, async (client) => {
      const provider = new GatehouseProvider(client);
      return [await provider.refresh(), await provider.refresh()];
    }),
};
Object.assign(globalThis, { page });
