/**
 * What must stay true of the code as a whole.
 * @module
 */
import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import type { ProjectSpec } from "../framework/definitions/spec.ts";
import { loadProject } from "../framework/project/load-project.ts";

const root = join(import.meta.dirname, "..");
const generic = ["framework", "components", "stacks", "workflows"];
const examples = ["examples/flights/project.ts", "examples/unemployment/project.ts"];

/** Words that are columns of an example and also belong to the language, to zod or to Node, where they mean something else. */
const otherMeanings: Readonly<Record<string, string>> = {
  origin: "who sent a request, and of which trace it is a part",
  rate: "the share of true labels that an experiment is planned for, an option",
  close: "an event of Node's streams and processes",
  count: "an aggregate of the expression language",
  date: "a type of zod",
  hour: "a time part of the expression language, and a unit of time",
  month: "a time part of the expression language",
  open: "an event of Node's sockets",
  year: "a time part of the expression language",
};

async function readExamples(): Promise<ProjectSpec[]> {
  const requests = examples.map((file) => ({ file: join(root, file), environment: "local", root }));
  return (await Promise.all(requests.map(loadProject))).map(({ spec }) => spec);
}

interface Found {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Every string literal, and every property read of something called a row. */
function listWords(file: string): { readonly literals: readonly Found[]; readonly properties: readonly Found[] } {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const literals: Found[] = [];
  const properties: Found[] = [];
  const place = (node: ts.Node, text: string): Found => ({
    file: relative(root, file),
    line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1,
    text,
  });
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) literals.push(place(node, node.text));
    if (
      ts.isPropertyAccessExpression(node) &&
      /^(row|rows|example|features)$/i.test(node.expression.getText().replace(/\[.*$/, ""))
    ) {
      properties.push(place(node, node.name.text));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { literals, properties };
}

describe("the generic code", () => {
  const files = generic
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
    .map((file) => join(root, file));
  const words = files.map(listWords);

  it("names no definition of an example", async () => {
    const names = new Set(
      (await readExamples()).flatMap(({ name, definitions }) => [name, ...definitions.map((spec) => spec.name)]),
    );
    expect(names.size).toBeGreaterThan(8);
    expect(words.flatMap(({ literals }) => literals).filter(({ text }) => names.has(text))).toEqual([]);
  });

  it("names no column of an example, as a literal or as a property of a row", async () => {
    const specs = (await readExamples()).flatMap(({ definitions }) => definitions);
    const columns = new Set(
      specs.flatMap((spec) =>
        spec.kind === "dataset" || spec.kind === "features" ? spec.columns.map(({ name }) => name) : [],
      ),
    );
    expect(columns.size).toBeGreaterThan(12);
    const own = [...columns].filter((name) => otherMeanings[name] === undefined);
    const found = words
      .flatMap(({ literals, properties }) => [...literals, ...properties])
      .filter(({ text }) => own.includes(text));
    expect(found).toEqual([]);
  });

  it("is the same for both examples: they differ in task, trainer library and columns", async () => {
    const [first, second] = (await readExamples()).map(({ definitions }) =>
      definitions.find((spec) => spec.kind === "training-job"),
    );
    expect([first?.task, second?.task]).toEqual(["binary", "regression"]);
    expect(second?.features.length).toBeGreaterThan(1);
  });
});
