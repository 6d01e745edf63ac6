/**
 * The helpdesk's own server: the page, a token for who is signed in, and the gatehouse under the page's own origin, so that
 * the browser needs no permission to call it (CORS).
 *
 *     GATEHOUSE_URL=http://127.0.0.1:8080 GATEHOUSE_TOKEN=… node examples/helpdesk/serve.ts
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SOURCES = fileURLToPath(new URL("../../src/", import.meta.url));
const PAGE =
  '<!doctype html><meta charset="utf-8"><title>Helpdesk</title><main id="root"></main><script type="module" src="/app.js"></script>';
const PASSED_ON = [
  "authorization",
  "content-type",
  "idempotency-key",
  "traceparent",
  "x-workflow",
  "prefer",
  "cache-control",
];

/** Starts the helpdesk on a free port unless one is given. */
export async function serve(gatehouse: string, token: string, port = 0): Promise<{ url: string; server: Server }> {
  const script = await bundled();
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/gatehouse/")) {
      passOn(gatehouse, request, response).catch(() => response.writeHead(502).end());
      return;
    }
    const [type, body] =
      request.url === "/app.js"
        ? ["text/javascript", script]
        : request.url === "/token"
          ? ["text/plain", token]
          : ["text/html", PAGE];
    response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-store" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${HERE}app.tsx`],
    bundle: true,
    minify: true,
    format: "esm",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    alias: { "agent-gatehouse-sdk": `${SOURCES}core.ts`, "agent-gatehouse-sdk/queue": `${SOURCES}queue/index.ts` },
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

async function passOn(gatehouse: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.entries(request.headers).filter(([name]) => PASSED_ON.includes(name)) as [string, string][];
  const body = request.method === "POST" ? Buffer.concat(chunks) : null;
  const reply = await fetch(gatehouse + (request.url ?? "").replace("/gatehouse", ""), {
    method: request.method ?? "GET",
    headers,
    body,
  });
  const given = Object.fromEntries(
    [...reply.headers].filter(
      ([name]) => !["content-encoding", "content-length", "transfer-encoding", "connection"].includes(name),
    ),
  );
  response.writeHead(reply.status, given).end(Buffer.from(await reply.arrayBuffer()));
}

if (import.meta.main) {
  const { GATEHOUSE_URL, GATEHOUSE_TOKEN, PORT } = process.env;
  if (!GATEHOUSE_URL || !GATEHOUSE_TOKEN)
    throw new Error("Set GATEHOUSE_URL and GATEHOUSE_TOKEN; `make run` and `make token` print them.");
  console.log((await serve(GATEHOUSE_URL, GATEHOUSE_TOKEN, Number(PORT ?? 0))).url);
}
