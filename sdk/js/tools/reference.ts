/**
 * Writes the API reference from the docstrings of the declarations that a user gets:
 *
 *     node tools/reference.ts             writes REFERENCE.md
 *     node tools/reference.ts --check     fails when it is not what would be written
 *
 * Whatever an entry exports must be explained, and so must every type of ours that a declaration names. TypeScript 7 has no
 * compiler to call, so the declarations that it writes are read by TypeScript 6.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import ts from "typescript-6";

const HERE = fileURLToPath(new URL("../", import.meta.url));
const FILE = join(HERE, "REFERENCE.md");
const PACKAGE = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8"));

/** The whole reference as Markdown. @throws when something is not explained. */
export function reference(): string {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-reference-"));
  try {
    const tsc = join(HERE, "node_modules", ".bin", "tsc");
    execFileSync(tsc, ["--emitDeclarationOnly", "--outDir", folder], { cwd: HERE });
    return referenceOf(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The reference of the declarations in a folder. */
export function referenceOf(folder: string): string {
  return new Reference(folder).text();
}

class Reference {
  readonly #entries: readonly (readonly [name: string, path: string])[];
  readonly #folder: string;
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;
  readonly #printer = ts.createPrinter({ removeComments: true });
  readonly #explained = new Map<ts.Symbol, string>();
  readonly #named = new Set<ts.Symbol>();
  readonly #missing: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    this.#entries = Object.entries<{ types?: string }>(PACKAGE.exports).flatMap(([entry, { types }]) =>
      types ? [[PACKAGE.name + entry.slice(1), types.replace("./dist", folder)] as const] : [],
    );
    const { NodeNext } = ts.ModuleKind;
    const options = {
      module: NodeNext,
      target: ts.ScriptTarget.ES2022,
      types: [],
      allowImportingTsExtensions: true,
      noEmit: true,
    };
    this.#program = ts.createProgram(
      this.#entries.map(([, path]) => path),
      options,
    );
    this.#checker = this.#program.getTypeChecker();
  }

  text(): string {
    const parts = ["# Reference", "Written by `tools/reference.ts` from the docstrings; do not edit."];
    for (const [name, path] of this.#entries) parts.push(...this.#entry(name, this.#program.getSourceFile(path)!));
    const hidden = [...this.#named].filter((symbol) => !this.#explained.has(symbol));
    this.#missing.push(...hidden.map((symbol) => `${symbol.name} is named by a declaration, but no entry exports it`));
    if (this.#missing.length) throw new Error(`Not explained:\n${this.#missing.join("\n")}`);
    return `${parts.filter(Boolean).join("\n\n")}\n`;
  }

  #entry(name: string, source: ts.SourceFile): string[] {
    const [comment] = ts.getLeadingCommentRanges(source.text, 0) ?? [];
    const about = comment
      ? source.text.slice(comment.pos, comment.end).replace(/^\/\*\*\s*|\s*\*\/$|^ \* ?/gm, "")
      : "";
    if (!about) this.#missing.push(`${name}: what the entry is for`);
    const exported = this.#checker.getExportsOfModule(this.#checker.getSymbolAtLocation(source)!);
    const sorted = exported.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    return [`## \`${name}\``, about, ...sorted.flatMap((symbol) => this.#symbol(symbol, name))];
  }

  #symbol(exported: ts.Symbol, entry: string): string[] {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(exported) : exported;
    const before = this.#explained.get(symbol);
    if (before) return [`### \`${symbol.name}\``, `As in \`${before}\`.`];
    this.#explained.set(symbol, entry);
    const [declaration] = symbol.declarations!;
    const about = this.#about(symbol);
    // What stands at the very top of a file is about the file, whatever follows it.
    const [first] = ts.getJSDocCommentsAndTags(declaration!).toReversed();
    if (!about || first?.pos === 0) this.#missing.push(`${entry}: ${symbol.name}`);
    this.#collect(declaration!);
    if (ts.isInterfaceDeclaration(declaration!) || ts.isClassDeclaration(declaration!)) {
      const members = [...declaration.members].map((member) => this.#member(member));
      return [`### ${heading(declaration)}`, about, members.filter(Boolean).join("\n")];
    }
    return [`### \`${symbol.name}\``, about, `\`\`\`ts\n${this.#print(declaration!)}\n\`\`\``];
  }

  #member(member: ts.ClassElement | ts.TypeElement): string {
    if (member.name && ts.isPrivateIdentifier(member.name)) return "";
    const told = ts.isConstructorDeclaration(member)
      ? this.#checker.getSignatureFromDeclaration(member)
      : member.name && this.#checker.getSymbolAtLocation(member.name);
    const about = told ? this.#about(told) : "";
    return `* \`${this.#print(member).replace(/;$/, "")}\`${about ? `  \n  ${about.replaceAll("\n", "\n  ")}` : ""}`;
  }

  #about(told: ts.Symbol | ts.Signature): string {
    const text = ts.displayPartsToString(told.getDocumentationComment(this.#checker)).replaceAll(/\s*\n\s*/g, "\n");
    const tags = told.getJsDocTags(this.#checker as never).map(({ name, text: parts }) => {
      const words = ts
        .displayPartsToString(parts)
        .replaceAll(/\s*\n\s*/g, " ")
        .replace(/^\{(\w+)\}/, "`$1`");
      return name === "param"
        ? words.replace(/^(\w+)\s*/, "`$1`: ")
        : `${name[0]!.toUpperCase()}${name.slice(1)}: ${words}`;
    });
    return [text, ...tags].filter(Boolean).join("\n");
  }

  #print(node: ts.Node): string {
    const text = this.#printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
    return ts.isStatement(node) ? text.replace(/^export (declare )?/, "") : text.replaceAll(/\s*\n\s*/g, " ");
  }

  /** Notes every type of ours that a declaration names. */
  #collect(node: ts.Node): void {
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
      const found = this.#checker.getSymbolAtLocation(ts.isTypeReferenceNode(node) ? node.typeName : node.expression);
      const symbol = found && found.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(found) : found;
      const ours = symbol?.declarations?.some((one) => one.getSourceFile().fileName.startsWith(this.#folder));
      if (symbol && ours && !(symbol.flags & ts.SymbolFlags.TypeParameter)) this.#named.add(symbol);
    }
    ts.forEachChild(node, (child) => this.#collect(child));
  }
}

function heading(node: ts.InterfaceDeclaration | ts.ClassDeclaration): string {
  const kind = ts.isClassDeclaration(node) ? "class" : "interface";
  const parameters = node.typeParameters?.map((parameter) => parameter.getText()).join(", ");
  const bases = node.heritageClauses?.map((clause) => clause.getText()).join(" ");
  return `${kind} \`${node.name!.text}${parameters ? `<${parameters}>` : ""}\`${bases ? ` ${bases}` : ""}`;
}

if (import.meta.main) {
  const written = reference();
  if (!process.argv.includes("--check")) writeFileSync(FILE, written);
  else if (readFileSync(FILE, "utf8") !== written) throw new Error("REFERENCE.md is out of date: npm run reference");
}
