import { tmpdir } from "node:os";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type DuckDb, withDuckDb } from "../../framework/data/duckdb.ts";
import type { ExpressionTree } from "../../framework/definitions/expression-tree.ts";
import { StewardError } from "../../framework/definitions/problem.ts";
import { compileWindows } from "../../framework/features/compile-windows.ts";
import { makeEdgeRows } from "../../framework/features/edge-rows.ts";
import { checkGoldenRows, compareGoldenRows } from "../../framework/features/golden-rows.ts";
import { unaryFunctions } from "../../framework/features/operators.ts";
import { column, dataset, features, literal, window } from "./given.ts";

const flights = dataset("flights", {
  time: "timestamp",
  origin: "string",
  distance: "integer",
  delay: "number",
  diverted: "boolean",
});
const past = { by: [column("origin")], over: "7 days", lag: "1 hour" };
const routes = features("routes", "flights", {
  hour: { op: "hour", of: column("time") },
  far: ["boolean", { op: "gte", left: column("distance"), right: literal(1500) }],
  speed: { op: "divide", left: { op: "log1p", of: column("distance") }, right: column("delay") },
  origin: ["category", { op: "category", of: { op: "lower", of: column("origin") } }],
  size: { op: "abs", of: column("delay") },
  delays: window("mean", column("delay"), past),
  deviation: window("std", column("delay"), past),
  last: ["category", { op: "category", of: window("last", column("origin"), past) }],
});
const given = { dataset: flights, sets: [routes] };

async function createSpine(db: DuckDb, rows: number) {
  await db.run(`CREATE TEMP TABLE spine AS SELECT TIMESTAMP '2024-01-01' + INTERVAL (i * 7919123457) MICROSECONDS AS time,
    CASE WHEN i % 7 > 0 THEN 'O' || (i % 5) END AS origin, CAST(i % 3000 AS DOUBLE) AS distance,
    CAST(i % 61 - 20 AS DOUBLE) / 3 AS delay, i % 11 = 0 AS diverted FROM range(${rows}) AS t(i)`);
  const trees = routes.columns.map(({ expression }) => expression);
  const { statements, from, scope } = compileWindows({ relation: "spine", eventTime: "time" }, trees);
  for (const statement of statements) await db.run(statement);
  return { relation: "spine", from, scope };
}

afterEach(() => void vi.restoreAllMocks());

describe("golden rows", () => {
  it("agree, at the edges of the schema and at 200 rows of the dataset with their windows", async () => {
    const [alone, sampled, few] = await withDuckDb(tmpdir(), async (db) => [
      await compareGoldenRows(db, given),
      await compareGoldenRows(db, { ...given, sample: await createSpine(db, 5000) }),
      await withDuckDb(tmpdir(), async (other) =>
        compareGoldenRows(other, { ...given, sample: await createSpine(other, 20) }),
      ),
    ]);
    expect([alone, sampled, few].flatMap(({ mismatches }) => mismatches)).toEqual([]);
    expect([sampled.rows - alone.rows, few.rows - alone.rows]).toEqual([200, 20]);
  });

  it("agree where the dataset has times that no Date reaches", async () => {
    const found = await withDuckDb(tmpdir(), async (db) => {
      await db.run(`CREATE TEMP TABLE spine AS SELECT TIMESTAMP '2024-01-01' AS time, landed
        FROM (VALUES (TIMESTAMP 'infinity'), (TIMESTAMP '-infinity'), (TIMESTAMP '290000-01-01')) AS v(landed)`);
      const landed = window("last", column("landed"), { ...past, by: [], lag: "0 seconds" });
      const late = features("late", "flights", {
        hour: { op: "hour", of: column("landed") },
        past: { op: "hour", of: landed },
      });
      const trees = late.columns.map(({ expression }) => expression);
      const { statements, from, scope } = compileWindows({ relation: "spine", eventTime: "time" }, trees);
      for (const statement of statements) await db.run(statement);
      const spec = dataset("flights", { time: "timestamp", landed: "timestamp" });
      return compareGoldenRows(db, { dataset: spec, sets: [late], sample: { relation: "spine", from, scope } });
    });
    expect(found.mismatches).toEqual([]);
  });

  it("are the same every time, whatever the number of threads", async () => {
    const digests = await Promise.all(
      [1, 4].map((threads) =>
        withDuckDb(
          tmpdir(),
          async (db) => (await checkGoldenRows(db, { ...given, sample: await createSpine(db, 5000) })).digest,
          { threads },
        ),
      ),
    );
    expect(new Set(digests).size).toBe(1);
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it("have another digest when a feature is another", async () => {
    const other = { ...routes, columns: routes.columns.slice(1) };
    const digests = await withDuckDb(tmpdir(), async (db) => [
      (await checkGoldenRows(db, given)).digest,
      (await checkGoldenRows(db, { ...given, sets: [other] })).digest,
    ]);
    expect(digests[0]).not.toBe(digests[1]);
  });

  it("say which feature a server computes otherwise, once, with a row", async () => {
    vi.spyOn(unaryFunctions, "abs").mockImplementation((x) => x);
    const error = await withDuckDb(tmpdir(), (db) => checkGoldenRows(db, given)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StewardError);
    const { problems } = error as StewardError;
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: "features-disagree", at: "routes.size", expected: expect.any(String) });
    expect(problems[0]?.got).toMatch(/^-\d.* at \{.*"delay":-/);
  });

  it("tell the last digit of a logarithm from a wrong one, and name the operator", async () => {
    const { log1p } = unaryFunctions;
    const off = (by: number) =>
      vi.spyOn(unaryFunctions, "log1p").mockImplementation((x) => {
        const value = log1p(x);
        return value === null ? null : Number(value) * (1 + by);
      });
    const compare = () => withDuckDb(tmpdir(), (db) => compareGoldenRows(db, given));
    off(Number.EPSILON);
    expect((await compare()).mismatches).toEqual([]);
    vi.restoreAllMocks();
    off(1e-14);
    const { mismatches } = await compare();
    expect(new Set(mismatches.map(({ feature, operator }) => `${feature} ${operator}`))).toEqual(
      new Set(["routes.speed log1p"]),
    );
  });
});

describe("the rows at the edges", () => {
  const rows = (trees: readonly ExpressionTree[]) =>
    makeEdgeRows(
      [
        { name: "n", kind: "number", min: -3, max: 77 },
        { name: "s", kind: "string", maxLength: 5, values: ["AA"] },
      ],
      trees,
    );
  const valuesOf = (name: string, trees: readonly ExpressionTree[] = []) =>
    new Set(rows(trees).map((row) => row[name]));

  it("have nulls, the bounds of the schema and its values", () => {
    expect([...valuesOf("n")]).toEqual(expect.arrayContaining([null, 0, -3, 77, 5e-324, Number.MAX_VALUE]));
    expect([...valuesOf("s")]).toEqual(expect.arrayContaining([null, "", "AA", "😀😀😀😀😀", "x".repeat(2000)]));
  });

  it("have what the expressions compare with, and what lies beside it", () => {
    const trees: ExpressionTree[] = [
      { op: "gt", left: column("n"), right: literal(15) },
      { op: "bucket", of: column("n"), bounds: [18] },
      { op: "map", of: column("s"), cases: [{ is: "SEA", gives: 1 }] },
    ];
    const numbers = [...valuesOf("n", trees)].filter((value) => typeof value === "number");
    expect(numbers).toEqual(expect.arrayContaining([15, 18]));
    expect(numbers.filter((x) => Math.abs(x - 15) < 1e-13).length).toBe(3);
    expect([...valuesOf("s", trees)]).toEqual(expect.arrayContaining(["SEA", "sea", "SEAx", "SEA "]));
  });

  it("are the same every time", () => {
    expect(rows([])).toEqual(rows([]));
  });
});
