/**
 * Profiling Parquet files of every type of column.
 * @module
 */

import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { copyToParquet, withDuckDb } from "../../../framework/data/duckdb.ts";
import { mergeProfiles } from "../../../framework/data/profile/merge-profiles.ts";
import { type Profile, profileSchema } from "../../../framework/data/profile/profile.ts";
import { profilePart } from "../../../framework/data/profile/profile-part.ts";
import { readDistinctCount, readFrequent } from "../../../framework/data/profile/read-column.ts";
import type { ColumnSpec } from "../../../framework/definitions/spec.ts";
import { takeCount } from "../../support/drawn.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-profile-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let turn = 0;
async function profileQuery(query: string, types: Readonly<Record<string, ColumnSpec["type"]>>): Promise<Profile> {
  const path = join(folder, `part[${++turn}].parquet`);
  await withDuckDb(folder, (db) => db.run(copyToParquet(query, path)));
  const columns = Object.entries(types).map(
    ([name, type]): ColumnSpec => ({ name, type, nullable: true, known: "0 seconds" }),
  );
  const profile = await profilePart(path, columns);
  return profileSchema.parse(JSON.parse(JSON.stringify(profile)));
}

const types = { i: "integer", n: "number", t: "timestamp", b: "boolean", s: "string" } as const;
const mixed = (
  rows: string,
) => `SELECT i, i * 0.5::DOUBLE AS n, TIMESTAMP '1999-12-31 23:59:59.999999' + to_days(i::INTEGER) AS t,
  i % 3 = 0 AS b, CASE WHEN i % 4 > 0 THEN 'é' || (i % 5) END AS s FROM range(${rows}) r(i)`;

test("every type has its values counted", async () => {
  const { rows, columns } = await profileQuery(`${mixed("10")} UNION ALL SELECT NULL, NULL, NULL, NULL, NULL`, types);
  expect(rows).toBe(11);
  const first = 946_684_799_999_999;
  expect(columns).toMatchObject([
    { name: "i", count: 10, nulls: 1, values: { kind: "numbers", min: 0, max: 9 } },
    { name: "n", count: 10, nulls: 1, values: { min: 0, max: 4.5, moments: { mean: 2.25 } } },
    { name: "t", count: 10, nulls: 1, values: { min: first, max: first + 9 * 86_400_000_000 } },
    { name: "b", count: 10, nulls: 1, values: { kind: "booleans", false: 6, true: 4 } },
    {
      name: "s",
      count: 7,
      nulls: 4,
      values: {
        length: { min: 2, max: 2, sum: 14 },
        top: [
          ["é1", 2],
          ["é2", 2],
          ["é0", 1],
          ["é3", 1],
          ["é4", 1],
        ],
        unlisted: 0,
      },
    },
  ]);
});

test("no rows, and rows of nulls alone, are a profile too", async () => {
  const none = await profileQuery(mixed("0"), types);
  const nulls = await profileQuery(
    "SELECT NULL::BIGINT AS i, NULL::DOUBLE AS n, NULL::TIMESTAMP AS t, NULL::BOOLEAN AS b, NULL::VARCHAR AS s FROM range(3)",
    types,
  );
  expect(none.columns.map(({ count, nulls }) => [count, nulls])).toEqual(Array(5).fill([0, 0]));
  expect(nulls.columns.map(({ count, nulls }) => [count, nulls])).toEqual(Array(5).fill([0, 3]));
  expect(nulls.columns.map(({ values }) => values)).toEqual(none.columns.map(({ values }) => values));
});

test("names that SQL and JavaScript read otherwise are names", async () => {
  const names = ['a"b', "__proto__", "select", "x'); DROP TABLE y", "constructor"];
  const query = `SELECT ${names.map((name, index) => `${index}::BIGINT AS "${name.replaceAll('"', '""')}"`).join(", ")}`;
  const columns = Object.fromEntries(names.map((name) => [name, "integer" as const]));
  Object.defineProperty(columns, "__proto__", { value: "integer", enumerable: true });
  const profile = await profileQuery(query, columns);
  for (const { name, values } of profile.columns) expect(values).toMatchObject({ all: [[names.indexOf(name), 1]] });
  expect(profile.columns).toHaveLength(names.length);
});

describe("texts", () => {
  test("that are many have the most frequent, a bound for the others, and an estimate", async () => {
    const query = "SELECT CASE WHEN i % 10 = 0 THEN 'often' ELSE 'user-' || i END AS s FROM range(20000) r(i)";
    const profile = await profileQuery(query, { s: "string" });
    const [column] = profile.columns;
    if (column?.values.kind !== "texts") throw new TypeError("these are texts");
    expect(column.values.top).toEqual([["often", 2000]]);
    expect(column.values.unlisted).toBe(1);
    expect(Math.abs(readDistinctCount(column).count / 18_001 - 1)).toBeLessThan(0.06);
    expect(readFrequent(column)).toEqual([{ value: "often", count: 2000, isExact: true }]);
  });

  test("that are long are cut, and stay as many as they were", async () => {
    const long = "ü".repeat(200);
    const profile = await profileQuery(`SELECT '${long}' || (i % 2) AS s FROM range(10) r(i)`, { s: "string" });
    const digest = (text: string) => createHash("md5").update(text).digest("hex");
    expect(profile.columns[0]?.values).toMatchObject({
      length: { min: 201, max: 201, sum: 2010 },
      top: [`${long}0`, `${long}1`].map((text) => [`${"ü".repeat(160)}…#${digest(text)}`, 5]).sort(),
    });
  });

  test("are counted alike whether they were few or many in each part", async () => {
    const part = (from: number, to: number) =>
      profileQuery(`SELECT repeat('x', i % 300) || i AS s FROM range(${from}, ${to}) r(i)`, { s: "string" });
    const [few, many, all] = [await part(0, 500), await part(500, 3000), await part(0, 3000)];
    const distinct = ({ columns }: Profile) => (columns[0]?.values as { distinct?: string } | undefined)?.distinct;
    expect(distinct(mergeProfiles([few, many]))).toBe(distinct(all));
    expect(distinct(all)).toBeDefined();
  });
});

test("rows in two files have the profile of one, and the same file has the same bytes", async () => {
  const whole = mixed("3000");
  const [one, again] = [await profileQuery(whole, types), await profileQuery(whole, types)];
  expect(JSON.stringify(again)).toBe(JSON.stringify(one));
  const parts = [
    await profileQuery(`FROM (${whole}) WHERE i < 1000`, types),
    await profileQuery(`FROM (${whole}) WHERE i >= 1000`, types),
  ];
  const merged = mergeProfiles(parts);
  const exact = ({ rows, columns }: Profile) => [
    rows,
    columns.map(({ values, ...rest }) => [rest, (values as { distinct?: string }).distinct]),
  ];
  expect(exact(merged)).toEqual(exact(one));
});

test("an abort ends it with its reason and leaves nothing", async () => {
  const path = join(folder, "abort.parquet");
  await withDuckDb(folder, (db) => db.run(copyToParquet(mixed("300000"), path)));
  const columns = Object.entries(types).map(
    ([name, type]): ColumnSpec => ({ name, type, nullable: true, known: "0 seconds" }),
  );
  vi.stubEnv("TMPDIR", folder);
  const abort = new AbortController();
  const profiling = profilePart(path, columns, { signal: abort.signal });
  setTimeout(() => abort.abort(new Error("enough")), 30);
  await expect(profiling).rejects.toThrow("enough");
  expect((await readdir(folder)).filter((name) => !name.endsWith(".parquet"))).toEqual([]);
});

test("of many rows a column has the same profile, whether one thread takes in all or two share them", async () => {
  const path = join(folder, "many.parquet");
  const query = `SELECT i, sin(i) AS n, TIMESTAMP '2024-01-01' + to_seconds(i % 5000) AS t, 's' || (i % 700) AS s,
    i % 7 AS few FROM range(${takeCount(1_000_000, 400_000)}) r(i)`;
  await withDuckDb(folder, (db) => db.run(copyToParquet(query, path)));
  const columns = Object.entries({ ...types, few: "integer" as const }).flatMap(([name, type]): ColumnSpec[] =>
    name === "b" ? [] : [{ name, type, nullable: true, known: "0 seconds" }],
  );
  const begun = performance.now();
  const together = await profilePart(path, columns);
  const took = performance.now() - begun;
  for (const column of columns) {
    // What is alone is not shared.
    const [alone] = (await profilePart(path, [column])).columns;
    expect(together.columns.find(({ name }) => name === column.name)).toEqual(alone);
  }
  const controller = new AbortController();
  const aborted = profilePart(path, columns, { signal: controller.signal });
  // When it has begun and is not nearly done: the first one took in the file for the first time, and longer.
  setTimeout(() => controller.abort(new Error("called off")), Math.min(took / 10, 100));
  await expect(aborted).rejects.toThrow("called off");
});
