/** A page with a script, served from an origin of its own, as an application's are. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { build } from "esbuild";

export interface Site {
  readonly origin: string;
  close(): void;
}

/** Serves a module of this folder as a page, from the first of these origins that is free, or from any. */
export async function serve(script: string, origins: readonly string[] = ["http://127.0.0.1:0"]): Promise<Site> {
  const { outputFiles } = await build({
    entryPoints: [new URL(script, import.meta.url).pathname],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(
      isScript
        ? outputFiles[0]?.text
        : '<!doctype html><title>page</title><script type="module" src="/page.js"></script>',
    );
  });
  for (const origin of origins) {
    const { hostname, port } = new URL(origin);
    if (await listens(server, hostname, Number(port))) {
      const close = () => {
        server.close();
        server.closeAllConnections();
      };
      return { origin: `http://${hostname}:${(server.address() as AddressInfo).port}`, close };
    }
  }
  throw new Error(`None of these is free: ${origins.join(" ")}`);
}

function listens(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const taken = (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(false) : reject(error));
    server.once("error", taken);
    server.listen(port, host, () => {
      server.removeListener("error", taken);
      resolve(true);
    });
  });
}
