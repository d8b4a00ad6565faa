import { tmpdir } from "node:os";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DuckDb, withDuckDb } from "../../framework/data/duckdb.ts";
import { compileExpression } from "../../framework/data/expression-sql.ts";
import {
  binaryOperators,
  type ExpressionTree,
  operandsOf,
  unaryOperators,
} from "../../framework/definitions/expression-tree.ts";
import { compareExpressions } from "../../framework/features/compare-expressions.ts";
import type { RowValues } from "../../framework/features/compile-function.ts";
import { makeEdgeRows } from "../../framework/features/edge-rows.ts";
import { takeCount } from "../support/drawn.ts";
import { columns, listOperations, someExpression } from "./some-expressions.ts";

const trees = [
  ...listOperations(),
  ...(["number", "boolean", "string"] as const).flatMap((kind, i) =>
    fc.sample(someExpression(kind, 5), { numRuns: takeCount(kind === "number" ? 1400 : 400, 200), seed: 11 + i }),
  ),
];
const windowColumn = () => "";
const operatorsOf = (tree: ExpressionTree): string[] => [tree.op, ...operandsOf(tree).flatMap(operatorsOf)];

describe("any expression", () => {
  it("is one of many, with every operator among them", () => {
    const found = new Set(trees.flatMap(operatorsOf));
    const all = [...binaryOperators, ...unaryOperators, "clip", "when", "slice", "bucket", "hash", "map", "at"];
    expect(all.filter((op) => !found.has(op))).toEqual([]);
    expect(trees.length).toBeGreaterThanOrEqual(takeCount(2000, 600));
  });

  it("stays short in SQL when it is the least or the greatest of ten numbers", () => {
    for (const op of ["least", "greatest"] as const) {
      const numbers = Array.from({ length: 10 }, (_, i): ExpressionTree => ({ op: "column", name: `n${i}` }));
      const tree = numbers.reduce((left, right): ExpressionTree => ({ op, left, right }));
      expect(compileExpression(tree, { row: "r", window: windowColumn }).length).toBeLessThan(100_000);
    }
  });

  it("has the same value where a slice ends far behind any text", async () => {
    const of: ExpressionTree = { op: "column", name: "string_a" };
    const far = [Number.MAX_SAFE_INTEGER, 2 ** 32, 2 ** 31];
    const slices = far.flatMap((to): ExpressionTree[] => [
      { op: "slice", of, from: 0, to },
      { op: "slice", of, from: to },
    ]);
    const named = slices.map((tree, i) => ({ name: `slice ${i}`, tree, finite: false }));
    const rows = makeEdgeRows(columns, []);
    const { differences } = await withDuckDb(tmpdir(), (db) =>
      compareExpressions(db, { columns, rows, windowColumn }, named),
    );
    expect(differences).toEqual([]);
  });

  it("has the same value in DuckDB and in a server, at rows of its edges", async () => {
    const rows = makeEdgeRows(columns, []);
    const name = (tree: ExpressionTree, i: number) => ({ name: `tree ${i}`, tree, finite: false });
    const compare = (db: DuckDb, some: readonly ExpressionTree[], at: readonly RowValues[]) =>
      compareExpressions(db, { columns, rows: at, windowColumn }, some.map(name));
    const [operations, expressions] = await withDuckDb(tmpdir(), async (db) => [
      await compare(db, listOperations(), rows),
      // Many trees at few rows, for what takes time is to plan them.
      await compare(
        db,
        trees,
        rows.filter((_, i) => i % 8 === 0),
      ),
    ]);
    const [first] = [...operations.differences, ...expressions.differences];
    expect(first && { ...first, tree: trees[Number(first.name.slice(5))] }).toBeUndefined();
    // Most expressions come to something.
    const values = expressions.values.flat();
    expect(values.filter((value) => value !== null).length).toBeGreaterThan(values.length / 2);
  }, 120_000);
});
