import { tmpdir } from "node:os";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type DuckDb, withDuckDb } from "../../framework/data/duckdb.ts";
import { quoteNumber, quoteText } from "../../framework/data/sql.ts";
import { compileSteps, createTransform, type FittedStep, fittedSteps } from "../../framework/features/fitted-step.ts";
import { encodeRows } from "../../framework/models/encode.ts";

const imputed = (value: number): FittedStep => ({ op: "imputed", value });
const scaled = (center: number, scale: number): FittedStep => ({ op: "scaled", center, scale });

describe("fitted steps", () => {
  it.each<[string, FittedStep[], number | null, number | null]>([
    ["fill what is missing", [imputed(3)], null, 3],
    ["leave what is there", [imputed(3)], 0, 0],
    ["scale", [scaled(2, 4)], 4, 0.5],
    ["leave what is missing", [scaled(2, 4)], null, null],
    ["fill, then scale", [imputed(4), scaled(2, 4)], null, 0.5],
    ["scale, then fill", [scaled(2, 4), imputed(9)], null, 9],
    ["make what overflows missing", [scaled(0, 1e-300)], 1e300, null],
    ["fill what has overflowed", [scaled(0, 1e-300), imputed(9)], 1e300, 9],
  ])("%s", (_, steps, value, expected) => {
    expect(createTransform(steps)(value)).toBe(expected);
  });

  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  const constant = finite.map((value) => value + 0);
  const step = fc.oneof(
    constant.map(imputed),
    fc
      .tuple(
        constant,
        constant.filter((value) => value !== 0),
      )
      .map(([center, scale]) => scaled(center, scale)),
  );

  it("are the same bits in SQL and in what a server encodes", async () => {
    await withDuckDb(tmpdir(), async (db) => {
      const property = fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 2 }),
        fc.array(fc.option(fc.oneof(finite, fc.constant(-0))), { minLength: 1, maxLength: 20 }),
        async (steps, values) => {
          const stored = fittedSteps.parse(JSON.parse(JSON.stringify({ x: steps })));
          const inSql = await compute(db, compileSteps("x", steps), values.map(toSql));
          // Object.is tells 0 from −0, and every other bit.
          expect(values.map(createTransform(stored["x"] ?? []))).toEqual(inSql);
          const signature = { inputs: [{ name: "x", type: "number" as const }], categories: {}, fitted: stored };
          const encoded = encodeRows(
            signature,
            values.map((x) => ({ x })),
          );
          expect(encoded).toEqual(Float32Array.from(inSql, (value) => value ?? Number.NaN));
        },
      );
      await fc.assert(property, { numRuns: 200 });
    });
  });

  it("give a text the same category in SQL and in what a server encodes", async () => {
    await withDuckDb(tmpdir(), async (db) => {
      const text = fc.oneof(fc.constantFrom("a", "b", "(other)", "", "'", "ä"), fc.string());
      const property = fc.asyncProperty(
        fc.uniqueArray(text, { maxLength: 5 }),
        fc.array(fc.option(text), { minLength: 1, maxLength: 20 }),
        async (known, values) => {
          const other = "(the others)";
          const categories = [...known, other].sort();
          const steps: FittedStep[] = [{ op: "category", unseen: "other", other }];
          const sql = compileSteps("x", steps, categories);
          const found = await compute(
            db,
            sql,
            values.map((value) => (value === null ? "NULL::VARCHAR" : quoteText(value))),
          );
          const signature = {
            inputs: [{ name: "x", type: "category" as const }],
            categories: { x: categories },
            fitted: { x: steps },
          };
          const rows = (of: readonly unknown[]) => of.map((x) => ({ x: x as string | null }));
          expect([...encodeRows(signature, rows(values))]).toEqual(
            found.map((x) => (x === null ? -1 : categories.indexOf(String(x)))),
          );
          // What a trainer reads is encoded as what a caller sends.
          expect(encodeRows(signature, rows(found))).toEqual(encodeRows(signature, rows(values)));
        },
      );
      await fc.assert(property, { numRuns: 100 });
    });
  });
});

/** A number as JavaScript writes it has no sign where it is −0. */
function toSql(value: number | null): string {
  if (value === null) return "NULL::DOUBLE";
  return Object.is(value, -0) ? "CAST('-0' AS DOUBLE)" : quoteNumber(value);
}

/** The values of an expression over rows of one column `x`. */
async function compute(db: DuckDb, sql: string, values: readonly string[]) {
  const rows = values.map((value, i) => `(${i}, ${value})`).join(", ");
  const found = await db.rows(
    `SELECT ${sql} AS y FROM (VALUES ${rows}) AS t(i, x) ORDER BY i`,
    z.object({ y: z.union([z.number(), z.string()]).nullable() }),
  );
  return found.map(({ y }) => y as number | null);
}
