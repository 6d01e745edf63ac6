/** What each entry costs a page, minified and compressed; more than its limit is a failure. */

import { gzipSync } from "node:zlib";

import { build } from "esbuild";

const SOURCES = new URL("../src/", import.meta.url).pathname;
const ENTRIES = ["core", "queue/index", "context", "flags", "telemetry"];
const LIMITS: Record<string, number> = { core: 4096, everything: 10_240 };

async function compressedBytes(entries: readonly string[]): Promise<number> {
  const contents = entries.map((entry) => `export * from "./${entry}.ts";`).join("\n");
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: SOURCES },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
}

for (const name of [...ENTRIES, "everything"]) {
  const bytes = await compressedBytes(name === "everything" ? ENTRIES : [name]);
  const limit = LIMITS[name];
  const tooLarge = limit !== undefined && bytes > limit;
  console.log(
    `${name.padEnd(12)} ${String(bytes).padStart(6)} bytes${limit ? ` of ${limit}` : ""}${tooLarge ? "  TOO LARGE" : ""}`,
  );
  if (tooLarge) process.exitCode = 1;
}
