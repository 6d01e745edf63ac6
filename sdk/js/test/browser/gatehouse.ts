/**
 * A gatehouse for browsers, small enough to be sure of: it remembers keys as the real one does, counts what it has done on
 * its own side, and fails as a test wants it to. It lives on another origin than the page, so the browser asks first (CORS).
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What happens to one request: answered, refused, or done without the answer reaching anybody. */
export type Fate = "answer" | "refuse" | "lose" | "hang" | 422 | 503;

/** What a gatehouse must allow a page of another origin to send and to read. */
const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "GET, POST",
  "Access-Control-Allow-Headers":
    "authorization, cache-control, content-type, idempotency-key, if-none-match, prefer, traceparent, x-workflow",
  "Access-Control-Expose-Headers":
    "age, etag, idempotent-replayed, location, ratelimit, ratelimit-policy, retry-after, x-amzn-requestid",
  "Access-Control-Max-Age": "7200",
};

export class Gatehouse {
  /** How often each intent was carried out; more than once means that it came with two keys. */
  readonly done = new Map<string, number>();
  /** Each key's body: another body with the same key would be another request. */
  readonly bodies = new Map<string, string>();
  readonly conflicts: string[] = [];
  requests = 0;
  mostAtOnce = 0;
  fate: (number: number) => Fate = () => "answer";
  delayMilliseconds = 0;
  #atOnce = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: Error) => response.destroy(error));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "OPTIONS") return void response.writeHead(204, CORS).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const fate = this.fate(this.requests++);
    if (fate === "refuse") return void request.socket.destroy();
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    response.on("close", () => void this.#atOnce--);
    if (typeof fate === "number")
      return answer(response, fate, {
        type: `urn:gatehouse:problem:${fate === 422 ? "invalid-input" : "model-unavailable"}`,
        retryable: fate !== 422,
      });
    this.#carryOut(String(request.headers["idempotency-key"]), Buffer.concat(chunks).toString());
    if (fate === "hang") return;
    if (this.delayMilliseconds) await new Promise((resolve) => setTimeout(resolve, this.delayMilliseconds));
    if (fate === "lose") return void request.socket.destroy();
    answer(response, 200, { id: `run_${this.requests}`, output: { summary: "Late order." } });
  }

  #carryOut(key: string, body: string): void {
    const before = this.bodies.get(key);
    if (before !== undefined && before !== body) this.conflicts.push(key);
    if (before !== undefined) return;
    this.bodies.set(key, body);
    const { intent } = (JSON.parse(body) as { input: { intent: string } }).input;
    this.done.set(intent, (this.done.get(intent) ?? 0) + 1);
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { ...CORS, "Content-Type": "application/json" }).end(JSON.stringify(body));
}
