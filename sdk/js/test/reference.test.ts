/** The API reference is what the docstrings say, and says something of everything. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { reference, referenceOf } from "../tools/reference.ts";

/** The reference of a package whose core is this, and whose other entries are empty. */
function referenceWith(core: string): string {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-reference-"));
  try {
    mkdirSync(join(folder, "queue"));
    for (const entry of ["core", "queue/index", "context", "flags", "telemetry"]) {
      writeFileSync(join(folder, `${entry}.d.ts`), entry === "core" ? core : "/** Nothing. */\n\nexport {};\n");
    }
    return referenceOf(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the reference was written from these docstrings", () => {
  const kept = readFileSync(new URL("../REFERENCE.md", import.meta.url), "utf8");
  assert.equal(kept, reference(), "write it anew: npm run reference");
});

test("a docstring, its tags and each member stand in the reference", () => {
  const written = referenceWith(
    "/** Core. */\n/** Sends. */\nexport declare class Sender {\n  #private;\n" +
      "  /** Sends it. @throws {Error} when it is late */\n  send(what: string): void;\n}\n",
  );
  assert.match(
    written,
    /### class `Sender`\n\nSends\.\n\n\* `send\(what: string\): void` {2}\n {2}Sends it\.\n {2}Throws: `Error` when it is late\n/,
  );
});

test("an export without a docstring is refused, also where the file's own stands before it", () => {
  for (const core of [
    "/** Core. */\nexport interface Bare {}\n",
    "/** Core. */\nexport {};\nexport declare function bare(): void;\n",
  ]) {
    assert.throws(() => referenceWith(core), /Not explained:\nagent-gatehouse-sdk: [Bb]are/);
  }
});

test("an entry without a docstring is refused", () => {
  assert.throws(() => referenceWith("export {};\n"), /agent-gatehouse-sdk: what the entry is for/);
});

test("a type that a declaration names and no entry exports is refused", () => {
  const core =
    "/** Core. */\n/** Named. */\ninterface Hidden {}\n/** Shown. */\nexport declare function shown(what: Hidden): void;\nexport {};\n";
  assert.throws(() => referenceWith(core), /Hidden is named by a declaration, but no entry exports it/);
});
