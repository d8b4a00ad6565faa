import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClientSubject } from "../../framework/client/subject.ts";
import { writeTypescriptClient } from "../../framework/client/typescript-client.ts";
import { root } from "../definitions/compiling.ts";
import { subjects } from "./given-subject.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-client-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As strict as there is. */
const options: ts.CompilerOptions = {
  strict: true,
  skipLibCheck: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
};

/** The platform's own declarations, parsed once for all programs. */
const parsed = new Map<string, ts.SourceFile | undefined>();

function createHost(settings: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(settings);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) => {
    if (!name.includes("/node_modules/")) return getSourceFile(name, ...rest);
    if (!parsed.has(name)) parsed.set(name, getSourceFile(name, ...rest));
    return parsed.get(name);
  };
  return host;
}

/** What TypeScript says of consumers of a client, by the line in which it says it. */
function check(given: ClientSubject, consumer: string, platform: Partial<ts.CompilerOptions>): readonly string[] {
  const own = join(folder, String(Math.random()).slice(2));
  mkdirSync(own);
  writeFileSync(join(own, "client.ts"), writeTypescriptClient(given));
  writeFileSync(join(own, "consumer.ts"), consumer);
  const settings = { ...options, ...platform };
  const program = ts.createProgram([join(own, "consumer.ts")], settings, createHost(settings));
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line : -1;
    const place = file?.text.split("\n")[line]?.trim() ?? "";
    return `${place} <- ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

const node = { lib: ["lib.es2023.d.ts"], types: ["node"] };
const browser = { lib: ["lib.es2023.d.ts", "lib.dom.d.ts"], types: [] };

const row = `{
  origin: "SEA", sky: null, distance: 954, "wind speed": 3.5, class: true,
  page: [0, 0.5, 1] as const, bookedAt: new Date(), code: "a1",
}`;
const use = `import { LateArrivalClient, LateArrivalError, type LateArrivalRow } from "./client.ts";
const client = new LateArrivalClient({ address: "http://127.0.0.1:1", trace: () => undefined });
const row: LateArrivalRow = ${row};
export { client, LateArrivalError, row };
`;
const answers = {
  binary: `${use}const { probability, label } = await client.predict({ ...row, at: "2026-03-01T09:30:00Z" }, { explain: true });
export const told: [number, boolean] = [probability, label];
await client.feedback([{ id: "x", label: true, time: new Date() }], { requestId: "mine" });
`,
  multiclass: `${use}const { probabilities, label } = await client.predict(row);
export const told: [number, "sun" | "heavy rain" | 'a "b"'] = [probabilities["heavy rain"], label];
await client.feedback({ id: "x", label: "sun" });
`,
  regression: `${use}const { rows, id } = await client.predictMany([row, row], { signal: AbortSignal.timeout(5) });
export const told: [string, number | undefined] = [id, rows[0]?.value];
`,
};

/** Lines of a caller's program, and what is said of each. */
const wrong = [
  ["export const a: LateArrivalRow = { ...row, carrier: 'AA' };", "'carrier' does not exist"],
  ["export const b: LateArrivalRow = { ...row, distance: '954' };", "'string' is not assignable to type 'number'"],
  ["export const c: LateArrivalRow = { ...row, distance: null };", "'null' is not assignable to type 'number'"],
  ["export const d: LateArrivalRow = { ...row, sky: 'hail' };", "'\"hail\"' is not assignable"],
  ["export const e: LateArrivalRow = { origin: 'SEA' };", "missing the following properties"],
  ["export const f: string = (await client.predict(row)).label;", "'boolean' is not assignable to type 'string'"],
  ["await client.feedback({ id: 'x', label: 1 });", "'number' is not assignable to type 'boolean'"],
] as const;

describe("a TypeScript client", () => {
  it.each([
    ["binary", "Node", node],
    ["binary", "browsers", browser],
    ["multiclass", "browsers", browser],
    ["regression", "Node", node],
  ] as const)("of a %s label compiles for %s, and so do its callers", (task, _platform, platform) => {
    expect(check(subjects[task], answers[task], platform)).toEqual([]);
  });

  it("refuses wrong use when it is compiled", () => {
    const consumer = `${use}${wrong.map(([line]) => line).join("\n")}\n`;
    const found = check(subjects.binary, consumer, browser);
    expect(found.map((one) => one.split(" <- ")[0])).toEqual(wrong.map(([line]) => line));
    expect(found).toEqual(wrong.map(([, message]) => expect.stringContaining(message)));
  });

  it("has no feedback where the endpoint takes none", () => {
    expect(check(subjects.regression, `${use}await client.feedback({ id: "x", label: 1 });\n`, browser)).toEqual([
      expect.stringContaining("Property 'feedback' does not exist"),
    ]);
  });

  it("asks whose a label is where labels are encrypted for their persons", () => {
    const lines = [
      'await client.feedback({ id: "x", label: true });',
      'await client.feedback({ id: "x", label: true, subject: 17 });',
    ];
    const consumer = `${use}${lines.join("\n")}\n`;
    expect(check({ ...subjects.binary, hasSubject: true }, consumer, browser)).toEqual([
      expect.stringContaining("Property 'subject' is missing"),
    ]);
    expect(check(subjects.binary, consumer, browser)).toEqual([expect.stringContaining("'subject' does not exist")]);
  });

  it("is the same text of the same subject", () => {
    for (const given of Object.values(subjects))
      expect(writeTypescriptClient(structuredClone(given))).toBe(writeTypescriptClient(given));
  });
});
