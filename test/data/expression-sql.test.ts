import { tmpdir } from "node:os";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { compileExpression, type Scope } from "../../framework/data/expression-sql.ts";
import type { BinaryOperator, ExpressionTree, UnaryOperator } from "../../framework/definitions/expression-tree.ts";
import { column, literal, window } from "../features/given.ts";

const scope: Scope = { row: "r", window: (tree) => `a_${tree.aggregate}` };
const binary = (op: BinaryOperator, left: ExpressionTree, right: ExpressionTree): ExpressionTree => ({
  op,
  left,
  right,
});
const unary = (op: UnaryOperator, of: ExpressionTree): ExpressionTree => ({ op, of });
const clip = (of: ExpressionTree, low: number, high: number): ExpressionTree => ({ op: "clip", of, low, high });

describe("compileExpression", () => {
  it.each([
    ["a column", column("delay"), 'r."delay"'],
    ["a column that wants quotes", column('a"; DROP TABLE b; --'), 'r."a""; DROP TABLE b; --"'],
    ["a text that wants quotes", literal("O'Hare"), "'O''Hare'"],
    ["a truth", literal(true), "TRUE"],
    [
      "nested operators",
      binary("or", column("a"), binary("and", column("b"), column("c"))),
      '(r."a" OR (r."b" AND r."c"))',
    ],
    ["a category", unary("category", column("origin")), 'r."origin"'],
    [
      "a window, by its scope",
      binary("add", window("mean", column("x"), { by: [], over: "1 day", lag: "1 day" }), column("y")),
      '(a_mean + r."y")',
    ],
  ])("writes %s", (_, tree, sql) => {
    expect(compileExpression(tree, scope)).toBe(sql);
  });

  const [n, nothing, yes, no, unknown] = [
    column("n"),
    column("nothing"),
    literal(true),
    literal(false),
    column("unknown"),
  ];
  const values: readonly (readonly [string, ExpressionTree, number | boolean | string | null])[] = [
    ["7 + 2", binary("add", n, literal(2)), 9],
    ["7 − 2.5", binary("subtract", n, literal(2.5)), 4.5],
    ["7 × −2", binary("multiply", n, literal(-2)), -14],
    ["7 ÷ 2, a real division", binary("divide", n, literal(2)), 3.5],
    ["7 ÷ 0", binary("divide", n, literal(0)), null],
    ["0 ÷ 0", binary("divide", literal(0), literal(0)), null],
    ["7 × 1e21", binary("multiply", n, literal(1e21)), 7e21],
    ["7 × 1e-7", binary("multiply", n, literal(1e-7)), 7e-7],
    ["null + 2", binary("add", nothing, literal(2)), null],
    ["2 ÷ null", binary("divide", literal(2), nothing), null],
    ["7 > 7", binary("gt", n, literal(7)), false],
    ["7 ≥ 7", binary("gte", n, literal(7)), true],
    ["7 < 7", binary("lt", n, literal(7)), false],
    ["7 ≤ 7", binary("lte", n, literal(7)), true],
    ["7 = 7", binary("eq", n, literal(7)), true],
    ['"é" = "é"', binary("eq", column("text"), literal("é")), true],
    ['"é" = "e"', binary("eq", column("text"), literal("e")), false],
    ["null = null", binary("eq", nothing, nothing), null],
    ["null > 1", binary("gt", nothing, literal(1)), null],
    ["true and false", binary("and", yes, no), false],
    ["true or false", binary("or", yes, no), true],
    ["true and null", binary("and", yes, unknown), null],
    ["false and null, as in SQL", binary("and", no, unknown), false],
    ["true or null, as in SQL", binary("or", yes, unknown), true],
    ["false or null", binary("or", no, unknown), null],
    ["not true", unary("not", yes), false],
    ["not null", unary("not", unknown), null],
    ["|−7|", unary("abs", literal(-7)), 7],
    ["|null|", unary("abs", nothing), null],
    ["log1p(0)", unary("log1p", literal(0)), 0],
    ["log1p(−1)", unary("log1p", literal(-1)), null],
    ["log1p(−2)", unary("log1p", literal(-2)), null],
    ["log1p(null)", unary("log1p", nothing), null],
    ["7 clipped to 0…5", clip(n, 0, 5), 5],
    ["7 clipped to 8…9", clip(n, 8, 9), 8],
    ["7 clipped to 0…9", clip(n, 0, 9), 7],
    ["null clipped to 0…9", clip(nothing, 0, 9), null],
    ["the hour", unary("hour", column("sunday")), 23],
    ["Sunday", unary("dayOfWeek", column("sunday")), 7],
    ["Monday", unary("dayOfWeek", column("monday")), 1],
    ["the day of a leap year", unary("dayOfYear", column("sunday")), 366],
    ["the month", unary("month", column("sunday")), 12],
    ["the year", unary("year", column("sunday")), 2000],
    ["the hour of null", unary("hour", column("never")), null],
    ["a category", unary("category", column("text")), "é"],
    ["7 mod −4, with the sign of the 7", binary("modulo", n, literal(-4)), 3],
    ["7 mod 0", binary("modulo", n, literal(0)), null],
    ["7 squared", binary("power", n, literal(2)), 49],
    ["−8 to the power of a third", binary("power", literal(-8), literal(1 / 3)), null],
    ["the least of 7 and null", binary("least", n, nothing), null],
    ["the greatest of 7 and 9", binary("greatest", n, literal(9)), 9],
    ["7 ≠ 7", binary("ne", n, literal(7)), false],
    ["null or else 7", binary("orElse", nothing, n), 7],
    ["whether null is null", unary("isNull", nothing), true],
    ["−7 turned", unary("negate", literal(-7)), 7],
    ["the root of −1", unary("sqrt", literal(-1)), null],
    ["the logarithm of 0", unary("log", literal(0)), null],
    ["the sine of what overflowed", unary("sin", unary("exp", literal(1000))), null],
    ["−2.5 rounded, away from 0", unary("round", literal(-2.5)), -3],
    ["−2.5 floored", unary("floor", literal(-2.5)), -3],
    ["Ä lowered: no letter of A to Z", unary("lower", literal("ÄB")), "Äb"],
    ["a text between spaces", unary("trim", literal("\t \u00a0a \n")), "\u00a0a"],
    ["the length of an emoji", unary("length", literal("a😀")), 2],
    ["a slice", { op: "slice", of: literal("a😀bc"), from: 1, to: 3 }, "😀b"],
    ["whether é begins with nothing", binary("startsWith", column("text"), literal("")), true],
    ["é and null", binary("concat", column("text"), column("nobody")), null],
    ["a choice by null", { op: "when", condition: unknown, value: literal(1), otherwise: literal(2) }, 2],
    ["7 at a bound", { op: "bucket", of: n, bounds: [0, 7, 9] }, 2],
    ["null in a bucket", { op: "bucket", of: nothing, bounds: [0] }, null],
    ["é in a table", { op: "map", of: column("text"), cases: [{ is: "é", gives: "e" }] }, "e"],
    ["null in a table", { op: "map", of: column("nobody"), cases: [{ is: "é", gives: 1 }], otherwise: 0 }, 0],
    ["a hash, as it is documented", { op: "hash", of: literal("abc"), buckets: 1e6 }, 0xba7816bf % 1e6],
    ["the week of a year's first days", unary("weekOfYear", column("monday")), 1],
    ["the quarter", unary("quarter", column("sunday")), 4],
    ["a weekend", unary("isWeekend", column("sunday")), true],
    ["seconds, to the millisecond", binary("secondsSince", column("monday"), column("sunday")), 0.001],
  ];

  const row = `SELECT CAST(7 AS DOUBLE) AS n, CAST(NULL AS DOUBLE) AS nothing, 'é' AS text, CAST(NULL AS VARCHAR) AS nobody, CAST(NULL AS BOOLEAN) AS unknown,
    TIMESTAMP '2000-12-31 23:59:59.999999' AS sunday, TIMESTAMP '2001-01-01 00:00:00' AS monday, CAST(NULL AS TIMESTAMP) AS never`;

  it("means what it says, in DuckDB", async () => {
    const columns = values.map(([, tree], i) => `${compileExpression(tree, scope)} AS value_${i}`);
    const [found = {}] = await withDuckDb(tmpdir(), (db) =>
      db.rows(`SELECT ${columns.join(", ")} FROM (${row}) AS r`, z.record(z.string(), z.unknown())),
    );
    const results = values.map(([title], i) => [title, found[`value_${i}`]]);
    expect(results).toEqual(values.map(([title, , value]) => [title, value]));
  });

  it("has log1p as exact as JavaScript's, from the smallest numbers to the largest", async () => {
    const inputs = [
      ...fc.sample(fc.double({ min: -1, minExcluded: true, max: 1, noNaN: true }), { numRuns: 500, seed: 1 }),
      ...fc.sample(fc.double({ min: 0, max: 1e300, noNaN: true }), { numRuns: 500, seed: 1 }),
      ...[1e-300, 1e-17, -1e-17, 1e-8, -0.999999999, 0.5, 1, 1e8, 1e300],
    ];
    const log1p = compileExpression(unary("log1p", column("x")), scope);
    const results = await withDuckDb(tmpdir(), (db) =>
      db.rows(
        `SELECT x, ${log1p} AS log FROM (SELECT unnest([${inputs.map((x) => `CAST('${x}' AS DOUBLE)`).join(", ")}]) AS x) AS r`,
        z.object({ x: z.number(), log: z.number() }),
      ),
    );
    expect(results).toHaveLength(inputs.length);
    for (const { x, log } of results) {
      expect(Math.abs(log - Math.log1p(x))).toBeLessThanOrEqual(Math.abs(Math.log1p(x)) * 1e-14 + Number.MIN_VALUE);
    }
  });
});
