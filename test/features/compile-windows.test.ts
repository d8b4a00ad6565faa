import { tmpdir } from "node:os";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type DuckDb, withDuckDb } from "../../framework/data/duckdb.ts";
import { compileExpression } from "../../framework/data/expression-sql.ts";
import { aggregates } from "../../framework/definitions/expression-tree.ts";
import { compileWindows, rowsOfPass } from "../../framework/features/compile-windows.ts";
import { toMicroseconds } from "../../framework/features/microseconds.ts";
import { takeCount } from "../support/drawn.ts";
import { column, literal, window } from "./given.ts";
import { aggregate, deviate, type Row, selectRows } from "./oracle.ts";

const types = { id: "DOUBLE", airport: "VARCHAR", runway: "DOUBLE", delay: "DOUBLE", late: "BOOLEAN", text: "VARCHAR" };
const values = z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]));

/** Evaluates expressions at every row, in the order of `id`; what it makes is taken back. */
async function evaluate(
  db: DuckDb,
  rows: readonly Row[],
  trees: Parameters<typeof compileWindows>[1],
  count = rows.length,
) {
  await db.run("BEGIN");
  try {
    await db.run(`CREATE TEMP TABLE rows AS ${selectRows(rows, types)}`);
    const { statements, from, scope } = compileWindows({ relation: "rows", eventTime: "time", count }, trees);
    for (const statement of statements) await db.run(statement);
    const columns = trees.map((tree, i) => `${compileExpression(tree, scope)} AS v${i}`);
    const found = await db.rows(`SELECT ${columns.join(", ")} FROM ${from} ORDER BY r.id`, values);
    return found.map((row) => trees.map((_, i) => row[`v${i}`] ?? null));
  } finally {
    await db.run("ROLLBACK");
  }
}

const someRows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      // Few times, so that many are tied and many lie exactly on a window's bound.
      time: fc.integer({ min: 0, max: 12 }).map((hours) => BigInt(hours) * 3_600_000_000n),
      airport: fc.option(fc.constantFrom("JFK", "LAX")),
      runway: fc.option(fc.constantFrom(1, 2), { freq: 10 }),
      delay: fc.option(fc.integer({ min: -5, max: 5 })),
      late: fc.option(fc.boolean()),
      text: fc.option(fc.constantFrom("a", "b", "")),
    }),
    { minLength: 1, maxLength: 80 },
  )
  .map((rows) => rows.map(({ time, ...rest }, id) => ({ time, values: { id, ...rest } })));

const someWindow = fc
  .record({
    aggregate: fc.constantFrom(...aggregates),
    of: fc.constantFrom("delay", "late", "text"),
    by: fc.constantFrom([], ["airport"], ["airport", "runway"]),
    over: fc.constantFrom("1 hour", "3 hours", "100 days", "0.000001 seconds"),
    lag: fc.constantFrom("0 seconds", "1 hour", "2 hours"),
  })
  .map(({ aggregate, of, by, over, lag }) => {
    const isNumeric = aggregate === "sum" || aggregate === "mean" || aggregate === "std";
    return window(aggregate, column(isNumeric ? "delay" : of), { by: by.map(column), over, lag });
  });

/** All values but deviations are whole or are computed in the same order: those of a deviation differ in the last digits. */
const roundDeviation = (value: unknown) => (typeof value === "number" ? Number(value.toPrecision(12)) : value);

describe("compileWindows", () => {
  it("agrees with a look at every row, on ties, nulls, empty windows and several kinds of entity", async () => {
    await withDuckDb(tmpdir(), async (db) => {
      const property = fc.asyncProperty(
        someRows,
        fc.array(someWindow, { minLength: 1, maxLength: 8 }),
        async (rows, trees) => {
          const expected = rows.map((row) =>
            trees.map((tree) =>
              aggregate(rows, row, tree, { over: toMicroseconds(tree.over), lag: toMicroseconds(tree.lag) }),
            ),
          );
          const found = await evaluate(db, rows, trees);
          expect(found.map((row) => row.map(roundDeviation))).toEqual(expected.map((row) => row.map(roundDeviation)));
        },
      );
      await fc.assert(property, { numRuns: takeCount(20, 8) });
    });
  }, 120_000);

  it("takes the entities of many rows in passes, and finds what it finds at once", async () => {
    const rows = Array.from({ length: 300 }, (_, id) => {
      const values = { id, airport: id % 11 === 0 ? null : `A${id % 7}`, runway: id % 3, delay: (id * 37) % 101 };
      return { time: BigInt(Math.floor(id / 4)) * 3_600_000_000n, values };
    });
    const trees = aggregates.flatMap((name) =>
      [[], ["airport"], ["airport", "runway"]].map((by) =>
        window(name, column("delay"), { by: by.map(column), over: "5 hours", lag: "1 hour" }),
      ),
    );
    const { statements } = compileWindows({ relation: "rows", eventTime: "time", count: 3 * rowsOfPass }, trees);
    expect(statements.filter((sql) => /^INSERT INTO rows_windows_\d+ /.test(sql))).toHaveLength(2 * 3);
    const [atOnce, inPasses] = await withDuckDb(tmpdir(), async (db) => [
      await evaluate(db, rows, trees),
      await evaluate(db, rows, trees, 3 * rowsOfPass),
    ]);
    expect(inPasses.map((row) => row.map(roundDeviation))).toEqual(atOnce.map((row) => row.map(roundDeviation)));
    expect(new Set(atOnce.flat()).size).toBeGreaterThan(100);
  });

  const at = (hour: number, values: Row["values"]): Row => ({ time: BigInt(hour) * 3_600_000_000n, values });
  const delays = { by: [column("airport")], over: "2 hours", lag: "1 hour" };

  it("takes the row at the start of a window, and not the one at its end", async () => {
    const rows = [
      at(0, { id: 0, airport: "JFK", delay: 1 }),
      at(2, { id: 1, airport: "JFK", delay: 10 }),
      at(3, { id: 2, airport: "JFK" }),
    ];
    const sums = await withDuckDb(tmpdir(), (db) => evaluate(db, rows, [window("sum", column("delay"), delays)]));
    expect(sums).toEqual([[null], [1], [1]]);
  });

  it("aggregates an expression by an expression, inside an expression", async () => {
    const late = window(
      "mean",
      { op: "abs", of: column("delay") },
      { by: [{ op: "gt", left: column("runway"), right: literal(1) }], over: "2 hours", lag: "1 hour" },
    );
    const rows = [
      at(0, { id: 0, runway: 2, delay: -4 }),
      at(0, { id: 1, runway: 3, delay: 2 }),
      at(0, { id: 2, runway: 1, delay: 100 }),
      at(2, { id: 3, runway: 5 }),
    ];
    const plusOne = await withDuckDb(tmpdir(), (db) =>
      evaluate(db, rows, [{ op: "add", left: late, right: literal(1) }]),
    );
    expect(plusOne).toEqual([[null], [null], [null], [4]]);
  });

  it("adds fractions up to the same bits, whatever the order of the rows and the number of threads", async () => {
    const numbers = fc.sample(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { numRuns: 1200, seed: 7 });
    const rows = numbers.map((delay, id) => at(Math.floor(id / 40), { id, airport: id % 3 ? "JFK" : "LAX", delay }));
    const mean = (["mean", "std", "distinct"] as const).map((name) =>
      window(name, column("delay"), { ...delays, over: "1 day" }),
    );
    const sorted = await withDuckDb(tmpdir(), (db) => evaluate(db, rows, mean));
    const reversed = await withDuckDb(tmpdir(), (db) => evaluate(db, rows.toReversed(), mean), { threads: 4 });
    expect(reversed).toEqual(sorted);
    expect(new Set(sorted.flat()).size).toBeGreaterThan(100);
  });

  it("has deviations of what is large and differs by little, in a series that wanders off", async () => {
    const numbers = fc.sample(fc.double({ min: -0.5, max: 0.5, noNaN: true }), { numRuns: 1000, seed: 3 });
    const rows = numbers.map((noise, id) => at(id, { id, airport: "JFK", delay: 1e9 + id * 1e6 + noise }));
    const tree = window("std", column("delay"), { by: [column("airport")], over: "3 hours", lag: "0 seconds" });
    const found = await withDuckDb(tmpdir(), (db) => evaluate(db, rows, [tree]));
    for (const [i, [value = null]] of found.entries()) {
      const past = rows.slice(Math.max(0, i - 3), i).map((row) => Number(row.values["delay"]));
      const expected = deviate(past);
      expect(value === null).toBe(expected === null);
      if (expected !== null) expect(Math.abs(Number(value) - expected)).toBeLessThan(expected * 1e-9);
    }
  });

  it("has no deviation of what is too large to be squared", async () => {
    const rows = [1e200, 1, 2, 3].map((delay, id) => at(id, { id, airport: "JFK", delay }));
    const tree = window("std", column("delay"), { by: [column("airport")], over: "2 hours", lag: "0 seconds" });
    const found = await withDuckDb(tmpdir(), (db) => evaluate(db, rows, [tree]));
    expect(found).toEqual([[null], [null], [null], [Math.SQRT1_2]]);
  });

  it("refuses a window inside a window", () => {
    const inner = window("mean", column("delay"), delays);
    expect(() => compileWindows({ relation: "rows", eventTime: "time" }, [window("sum", inner, delays)])).toThrow(
      "a window inside a window",
    );
  });
});
