/**
 * What the language accepts and refuses: the programs beside this file, compiled all at once. A wrong one has, above the
 * line that is wrong, what is wrong with it and the part of the compiler's message that matters; `tsc` holds it to that it
 * does not compile, and this test to what it says.
 * @module
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { compile, root } from "./compiling.ts";
import { programs as rightDerivations } from "./programs/right-derivations.ts";
import { programs as rightFeatures } from "./programs/right-features.ts";
import { programs as rightProjects } from "./programs/right-projects.ts";

const folder = join(root, "test/definitions/programs");
const files = readdirSync(folder).map((name) => join(folder, name));

/** One message of the compiler. */
interface Message {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

interface Wrong {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** What the message says, among other things. */
  readonly part: string;
}

// Which errors are expected is what this test says, so the directives are only comments to the compiler.
const asComment = (text: string) => text.replaceAll("@ts-expect-error", "@wrong");
const wrongs = files.flatMap((file) =>
  (ts.sys.readFile(file) ?? "").split("\n").flatMap((text, index): Wrong[] => {
    const [, name, part] = /^\s*\/\/ @ts-expect-error (.+?) → (.+)$/.exec(text) ?? [];
    return name !== undefined && part !== undefined ? [{ name, part, file, line: index + 2 }] : [];
  }),
);

let messages: Message[] = [];
beforeAll(() => {
  const program = compile(files, asComment);
  messages = files.flatMap((file) => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ start = 0, messageText }) => ({
      file,
      line: (source?.getLineAndCharacterOfPosition(start).line ?? 0) + 1,
      text: ts.flattenDiagnosticMessageText(messageText, "\n"),
    }));
  });
});

const at = (place: { readonly file: string; readonly line: number }) =>
  messages.filter(({ file, line }) => file === place.file && line === place.line);

describe("a program that is wrong", () => {
  it.each(wrongs)("does not compile, and is told why: $name", (wrong) => {
    expect(at(wrong).map(({ text }) => text)).toEqual(expect.arrayContaining([expect.stringContaining(wrong.part)]));
  });

  it("is one of many, each with what it is told", () => {
    const directives = files.flatMap((file) => (ts.sys.readFile(file) ?? "").match(/@ts-expect-error/g) ?? []);
    expect(wrongs.length).toBe(directives.length);
    expect(wrongs.length).toBeGreaterThanOrEqual(130);
  });

  it("is told in a few lines", () => {
    const texts = wrongs.flatMap(at).map(({ text }) => text);
    expect(texts.filter((text) => text.split("\n").length > 10)).toEqual([]);
    // What lacks a field is shown beside what it lacks it of; the rest is shorter.
    expect(texts.filter((text) => text.length > 1400)).toEqual([]);
    expect(texts.filter((text) => text.length > 650 && !text.includes("is missing"))).toEqual([]);
    expect(texts.toSorted((a, b) => a.length - b.length)[Math.floor(texts.length / 2)]?.length).toBeLessThanOrEqual(
      150,
    );
  });
});

describe("a program that is right", () => {
  const rights = { ...rightDerivations, ...rightFeatures, ...rightProjects };

  it("compiles, as all of them do", () => {
    const expected = new Set(wrongs.map(({ file, line }) => `${file}:${line}`));
    expect(messages.filter(({ file, line }) => !expected.has(`${file}:${line}`))).toEqual([]);
    expect(Object.keys(rights).length).toBeGreaterThanOrEqual(40);
  });

  it.each(Object.entries(rights))("resolves: %s", (_, write) => {
    expect(() => resolveProject(write(), "local")).not.toThrow();
  });
});
