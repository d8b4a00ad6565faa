/**
 * Every block of TypeScript in the documents compiles. A block is a program of its own, with two exceptions:
 *
 * - `ts continue` goes on from the block of TypeScript before it on the page, `ts continue=<page>` from the last one of a page;
 * - `ts excerpt=<file>` shows parts of a file that is compiled itself: each of its paragraphs stands there.
 * @module
 */
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Block, listDocuments, readDocument, root } from "./document.ts";

const documents = listDocuments();

describe("the code of the documents", () => {
  it("compiles", () => {
    const programs = documents.flatMap((document) =>
      typescriptOf(document.path)
        .filter(({ info }) => !info.startsWith("excerpt="))
        .map((block) => ({ at: `${document.path}:${block.line}`, code: assemble(document.path, block) })),
    );
    expect(programs.length).toBeGreaterThan(8);
    expect(findErrors(programs)).toEqual([]);
  });

  it("is found wrong when it is", () => {
    const code = 'import { dataset } from "steward";\n\ndataset("flights", { owner: 7 });';
    expect(findErrors([{ at: "here", code }]).join()).toContain("here");
  });

  it.each(
    documents.flatMap(({ path }) =>
      typescriptOf(path).flatMap((block) => {
        const file = /^excerpt=(\S+)/.exec(block.info)?.[1];
        return file === undefined ? [] : [{ at: `${path}:${block.line}`, file, block }];
      }),
    ),
  )("at $at shows parts of $file", ({ file, block }) => {
    const whole = readFileSync(join(root, file), "utf8");
    const paragraphs = block.text.split(/\n\n/);
    expect(paragraphs.filter((paragraph) => !whole.includes(paragraph))).toEqual([]);
  });

  it("parses where it is YAML", () => {
    const written = documents.flatMap(({ blocks }) => blocks.filter(({ language }) => language === "yaml"));
    expect(written.length).toBeGreaterThan(0);
    for (const { text } of written) expect(parse(text, { strict: true })).toBeTypeOf("object");
  });

  it("has no language that nothing checks", () => {
    const known = ["ts", "sh", "text", "diff", "python", "yaml"];
    const odd = documents.flatMap(({ path, blocks }) =>
      blocks.filter(({ language }) => !known.includes(language)).map(({ line }) => `${path}:${line}`),
    );
    expect(odd).toEqual([]);
  });
});

function typescriptOf(path: string): readonly Block[] {
  return readDocument(path).blocks.filter(({ language }) => language === "ts");
}

/** A block after all that it goes on from, their imports first and each once. */
function assemble(path: string, block: Block): string {
  const imports = new Map<string, Set<string>>();
  const rest = listChain(path, block).map(({ text }) =>
    text.replace(/^import \{ ([^}]+) \} from "([^"]+)";\n/gm, (_, names: string, module: string) => {
      const known = imports.get(module) ?? new Set();
      for (const name of names.split(/,\s*/).filter(Boolean)) known.add(name.trim());
      imports.set(module, known);
      return "";
    }),
  );
  const head = [...imports].map(([module, names]) => `import { ${[...names].join(", ")} } from "${module}";`);
  return [...head, ...rest].join("\n");
}

function listChain(path: string, block: Block): readonly Block[] {
  const go = /^continue(?:=(\S+))?/.exec(block.info);
  if (!go) return [block];
  const target = go[1] === undefined ? path : posix.join(dirname(path), go[1]);
  const before = typescriptOf(target).findLast(({ line }) => target !== path || line < block.line);
  if (!before) throw new Error(`${path}:${block.line} goes on from a block that is not there`);
  return [...listChain(target, before), block];
}

interface Program {
  readonly at: string;
  readonly code: string;
}

/** Compiles programs as files of the examples' folder, where "steward" is this repository's own. */
function findErrors(programs: readonly Program[]): readonly string[] {
  const files = new Map(programs.map((program, i) => [join(root, "examples", `document-${i}.ts`), program]));
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, "tsconfig.json"),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, "\n"));
      },
    },
  );
  // What a block leaves for the next one to use is not unused.
  const options = { ...config?.options, noUnusedLocals: false };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (file) => files.get(file)?.code ?? readFile(file);
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.getSourceFile = (file, version, ...more) => {
    const program = files.get(file);
    return program ? ts.createSourceFile(file, program.code, version, true) : getSourceFile(file, version, ...more);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files].flatMap(([file, { at }]) => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => `${at}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
  });
}
