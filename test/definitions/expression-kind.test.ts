import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createExpression, type UniversalExpression } from "../../framework/definitions/create-expression.ts";
import { dataset } from "../../framework/definitions/dataset.ts";
import { cyclical, oneHot } from "../../framework/definitions/encoding.ts";
import { findKind, kindOf, listReads, type ValueKind } from "../../framework/definitions/expression-kind.ts";
import {
  type ExpressionTree,
  expressionTree,
  operandsOf,
  replaceOperands,
} from "../../framework/definitions/expression-tree.ts";
import { type Problem, StewardError } from "../../framework/definitions/problem.ts";
import { project } from "../../framework/definitions/project.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { parquet } from "../../framework/definitions/source.ts";
import { when } from "../../framework/definitions/when.ts";
import { features } from "../../framework/index.ts";
import { toCanonicalJson } from "../../framework/plan/canonical.ts";

const schema = z.object({
  at: z.date(),
  n: z.number(),
  text: z.string(),
  flag: z.boolean(),
  vector: z.array(z.number()).length(3),
  other: z.array(z.number()).length(3),
  long: z.array(z.number()).length(4),
});
const column = (name: string) => createExpression({ op: "column", name });
const [at, n, text, flag, vector, other, long] = ["at", "n", "text", "flag", "vector", "other", "long"].map(column) as [
  UniversalExpression,
  UniversalExpression,
  UniversalExpression,
  UniversalExpression,
  UniversalExpression,
  UniversalExpression,
  UniversalExpression,
];
const kinds: Readonly<Record<string, ValueKind>> = {
  at: "timestamp",
  n: "number",
  text: "string",
  flag: "boolean",
  vector: "vector",
  other: "vector",
};
const past = { by: [text], over: "6 hours" };

/** What is reported of a tree, and its kind. */
function inspect({ tree }: { tree: ExpressionTree }) {
  const problems: Omit<Problem, "at">[] = [];
  const report = (problem: Omit<Problem, "at">) => void problems.push(problem);
  const kind = findKind(tree, { dataset: { name: "d", schema }, at: "x.a", report });
  return { kind, problems };
}

describe("the kind of an expression", () => {
  it.each<[string, { tree: ExpressionTree }, ValueKind]>([
    ["a remainder", n.modulo(2), "number"],
    ["a bucket", n.bucket([1, 2]), "number"],
    ["a test of a range", n.between(1, 2), "boolean"],
    ["whether a time is missing", at.isNull(), "boolean"],
    ["a time or another", at.orElse(at), "timestamp"],
    ["a text or another", text.orElse("none"), "string"],
    ["seconds between times", at.secondsSince(at), "number"],
    ["times compared", at.gt(at), "boolean"],
    ["a part of a text", text.slice(0, 2), "string"],
    ["a hash", text.hash(8), "number"],
    ["a table of numbers", text.map({ a: 1 }), "number"],
    ["a table of texts", text.map({ a: "b" }, "c"), "string"],
    ["a choice of texts", { tree: when(flag, text, "x" as never).tree }, "string"],
    ["a number of different values", text.distinct(past), "number"],
    ["a deviation", n.std(past), "number"],
    ["a rate", text.rate(past), "number"],
    ["the last text", text.last(past), "string"],
    ["a vector", vector, "vector"],
    ["a number of a vector", vector.at(2), "number"],
    ["a dot product", vector.dot(other), "number"],
    ["a cosine", vector.cosine(other), "number"],
    ["the length of a vector", vector.norm(), "number"],
    ["whether a vector is missing", vector.isNull(), "boolean"],
  ])("is found of %s, and again of what was found right", (_, expression, kind) => {
    expect(inspect(expression)).toEqual({ kind, problems: [] });
    expect(kindOf(expression.tree, (name) => kinds[name] ?? "number")).toBe(kind);
    expect(expressionTree.parse(expression.tree)).toEqual(expression.tree);
  });

  it.each<[string, { tree: ExpressionTree }, string, string | undefined]>([
    ["bounds that do not ascend", n.bucket([1, 1]), 'bounds of "bucket" do not ascend', "1, 1"],
    ["no bounds", n.bucket([]), 'bounds of "bucket" do not ascend', "none"],
    ["a bucket of a text", text.bucket([1]), '"bucket" does not take these values', "string"],
    ["a slice backwards", text.slice(3, 1), "no places of a text", "3 and 1"],
    ["a slice from the end", text.slice(-2), "no places of a text", "-2"],
    ["half a bucket", text.hash(0.5), "no number of buckets", "0.5"],
    ["too many buckets", text.hash(2_000_000), "no number of buckets", "2000000"],
    ["an empty table", text.map({}), "no values of one kind", "an empty table"],
    ["a table of two kinds", text.map({ a: 1, b: "c" }), "no values of one kind", "number and string"],
    ["a table with another kind of rest", text.map({ a: 1 }, "x"), "no values of one kind", "number and string"],
    ["a choice of two kinds", { tree: when(flag, 1, "x" as never).tree }, '"when" does not take', "number and string"],
    ["a choice by a number", { tree: when(n as never, 1, 2).tree }, '"when" does not take', "number"],
    ["a number or a text", n.orElse("x"), '"orElse" does not take', "number and string"],
    ["the root of a text", text.sqrt(), '"sqrt" does not take', "string"],
    ["a deviation of texts", text.std(past), '"std" does not take', "string"],
    ["a category compared", text.category().isNull(), '"isNull" does not take', "category"],
    ["a place behind a vector", vector.at(3), '"at" is given no place', "3"],
    ["a place from the end", vector.at(-1), '"at" is given no place', "-1"],
    ["half a place", vector.at(0.5), '"at" is given no place', "0.5"],
    ["vectors of two lengths", vector.dot(long), '"dot" takes vectors of one length', "3 and 4 numbers"],
    ["a cosine of two lengths", long.cosine(vector), '"cosine" takes vectors of one length', "4 and 3 numbers"],
    ["a place of a text", text.at(0), '"at" does not take', "string"],
    ["a vector and a number", vector.dot(n), '"dot" does not take', "vector and number"],
    ["a sum of vectors", vector.add(other), '"add" does not take', "vector and vector"],
    [
      "a choice of vectors",
      { tree: when(flag, vector as never, other as never).tree },
      '"when" does not take',
      "vector and vector",
    ],
    ["the last vector", vector.last(past), '"last" takes no vector', undefined],
    ["a count of vectors", vector.count(past), '"count" takes no vector', undefined],
    ["a window by a vector", n.mean({ by: vector, over: "1 day" }), '"mean" takes no vector', undefined],
  ])("is a problem: %s", (_, expression, what, got) => {
    const { kind, problems } = inspect(expression);
    expect(kind).toBeUndefined();
    expect(problems).toMatchObject([{ code: "expression-invalid", at: "x.a", what: expect.stringContaining(what) }]);
    expect(problems[0]?.got).toBe(got);
  });
});

describe("sugar", () => {
  it("makes a rate a count per length of time, an hour if nothing is said", () => {
    const count = text.count(past).tree;
    expect(text.rate(past).tree).toEqual({ op: "divide", left: count, right: { op: "literal", value: 6 } });
    expect(text.rate({ ...past, per: "1 minute" }).tree).toMatchObject({ right: { value: 360 } });
  });

  it("makes a table the same tree in whatever order it is written", () => {
    expect(toCanonicalJson(text.map({ b: 2, a: 1 }).tree)).toBe(toCanonicalJson(text.map({ a: 1, b: 2 }).tree));
  });

  it("makes a cycle a sine and a cosine of an angle, and a text truths that are never null", () => {
    const hour = at.hour() as never;
    expect(Object.keys(cyclical("hour", hour, 24))).toEqual(["hour_sin", "hour_cos"]);
    const { origin_SEA } = oneHot("origin", text as never, ["SEA"] as never) as Record<string, UniversalExpression>;
    expect(origin_SEA?.tree).toEqual(text.eq("SEA").orElse(false).tree);
  });

  it.each<[string, object, string]>([
    ["a cycle of no period", cyclical("hour", at.hour() as never, 0), "x.hour_sin"],
    ["truths of no list", oneHot("text", text as never, "SEA" as never), "x"],
    ["truths of a value that is no name", oneHot("text", text as never, ["New York"] as never), "x.text_New York"],
    ["a rate per nothing", { a: n.rate({ ...past, per: "hour" }) }, "x"],
    ["a rate per 0 hours", { a: n.rate({ ...past, per: "0 hours" }) }, "x"],
  ])("that is wrong is a located problem: %s", (_, columns, place) => {
    const source = parquet("x.parquet");
    const from = dataset("d", { owner: "o", schema, source, eventTime: "at" });
    const resolve = () =>
      resolveProject(project("p", { definitions: [from, features("x", from, () => columns as never)] }), "local");
    expect(resolve).toThrow(StewardError);
    expect(resolve).toThrow(place);
  });
});

describe("the operands of a tree", () => {
  const trees: ExpressionTree[] = [
    n.add(1).tree,
    n.abs().tree,
    n.clip(0, 1).tree,
    when(flag, n, text as never).tree,
    text.slice(1).tree,
    text.map({ a: 1 }).tree,
    n.mean({ by: [text, flag], over: "1 day" }).tree,
    n.tree,
  ];

  it("put back in their places make the same tree", () => {
    expect(trees.map((tree) => replaceOperands(tree, operandsOf(tree)))).toEqual(trees);
  });

  it("are read, those of a choice all three, and a window's with its lag", () => {
    const choice = when(flag, n, n.mean({ by: [text], over: "1 day", lag: "1 hour" })).tree;
    expect(listReads(choice)).toEqual([
      { column: "flag" },
      { column: "n" },
      { column: "n", lag: "1 hour" },
      { column: "text" },
    ]);
  });
});
