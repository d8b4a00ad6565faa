/**
 * Vectors from the rows of a dataset to the inputs of a model: golden rows, a training set, a joined set, the online store.
 * @module
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { quotePath } from "../../framework/data/sql.ts";
import type { ExpressionTree } from "../../framework/definitions/expression-tree.ts";
import { buildTrainingSet } from "../../framework/features/build-training-set.ts";
import { makeEdgeRows } from "../../framework/features/edge-rows.ts";
import { checkGoldenRows, compareGoldenRows } from "../../framework/features/golden-rows.ts";
import { fillTables } from "../../framework/features/online/fill-tables.ts";
import { openLmdbStore } from "../../framework/features/online/lmdb-store.ts";
import { binaryFunctions } from "../../framework/features/operators.ts";
import { compileFeatures } from "../../framework/serving/typed/compile-features.ts";
import { findFeatures } from "../../framework/serving/typed/feature-rows.ts";
import { readRequestRows } from "../../framework/serving/typed/request-rows.ts";
import type { Store } from "../../framework/store/store.ts";
import { createFolderStore, storeVersion } from "./folder-store.ts";
import { column, dataset, features, trainingJob } from "./given.ts";

afterEach(() => void vi.restoreAllMocks());

const length = 24;
const [query, page] = [column("query"), column("page")];
const searches = dataset("searches", {
  time: "timestamp",
  user: "string",
  query: { type: "vector", length },
  page: { type: "vector", length },
  clicks: { type: "number", known: "1 hour" },
});
const users = dataset(
  "users",
  { time: "timestamp", user: "string", taste: { type: "vector", length: 3 } },
  { key: ["user"] },
);
const numbersOf = (name: string, count: number): Record<string, ExpressionTree> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${name}_${index}`, { op: "at", of: column(name), index }]),
  );
const match = features("match", "searches", {
  ...numbersOf("query", length),
  dot: { op: "dot", left: query, right: page },
  cosine: { op: "cosine", left: query, right: page },
  norm: { op: "norm", of: page },
  blank: ["boolean", { op: "isNull", of: page }],
});
const tastes = features("tastes", "users", numbersOf("taste", 3));
const rows = 400;
/** Fractions whose sums depend on their order, a null now and then, and one vector of zeros. */
const searchRows = `SELECT TIMESTAMP '2024-03-01' + to_hours(i::INTEGER) AS time, 'u' || (i % 5) AS user,
    list_transform(range(${length}), lambda k: (hash(i * 31 + k) % 20011)::DOUBLE / 7003 - 1) AS query,
    CASE WHEN i % 9 > 0 THEN list_transform(range(${length}), lambda k: CASE WHEN i % 11 = 0 THEN 0
      ELSE (hash(i * 37 + k) % 10007)::DOUBLE / 3001 - 1 END) END AS page,
    i % 13 AS clicks FROM range(${rows}) AS r(i)`;
const userRows = `SELECT TIMESTAMP '2024-02-01' + to_hours((i * 7)::INTEGER) AS time, 'u' || (i % 4) AS user,
    [i / 3, -i / 7, 1e-3 * i]::DOUBLE[] AS taste FROM range(200) AS r(i)`;
const training = trainingJob({
  features: [
    { set: "match", by: {} },
    { set: "tastes", by: { user: column("user") } },
  ],
  label: column("clicks"),
});
const sets = { match, tastes };

const example = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const searchRow = z.object({
  time: z.string(),
  user: z.string(),
  query: z.array(z.number()),
  page: z.array(z.number()).nullable(),
});

describe("golden rows with vectors", () => {
  it("agree in every bit, at edges of the schema, and are the same every time", async () => {
    const [one, other] = await Promise.all(
      [1, 4].map((threads) =>
        withDuckDb(tmpdir(), (db) => compareGoldenRows(db, { dataset: searches, sets: [match] }), { threads }),
      ),
    );
    expect(one?.mismatches).toEqual([]);
    expect(one?.digest).toBe(other?.digest);
    const kinds = searches.columns.map((spec) => ({ ...spec, kind: spec.type as "vector" }));
    const vectors = makeEdgeRows(kinds, []).map((row) => row["page"]);
    // Nothing, zeros, and numbers whose products overflow are among them.
    expect(vectors).toContain(null);
    expect(vectors).toContainEqual(Array.from({ length }, () => 0));
    expect(vectors.some((vector) => Array.isArray(vector) && vector.includes(1e300))).toBe(true);
  });

  it("tell a server that adds up in another order", async () => {
    vi.spyOn(binaryFunctions, "dot").mockImplementation((a, b) => {
      const [left, right] = [a, b] as unknown as readonly (readonly number[])[];
      return (left ?? []).reduceRight((sum, x, i) => sum + x * (right?.[i] ?? 0), 0);
    });
    const checking = withDuckDb(tmpdir(), (db) => checkGoldenRows(db, { dataset: searches, sets: [match] }));
    await expect(checking).rejects.toMatchObject({ problems: [{ code: "features-disagree", at: "match.dot" }] });
  });

  it("are fewer where vectors are long, and still some of the dataset's own", async () => {
    const long = dataset("long", { time: "timestamp", vector: { type: "vector", length: 4096 } });
    const set = features("long", "long", {
      first: { op: "at", of: column("vector"), index: 4095 },
      norm: { op: "norm", of: column("vector") },
    });
    const found = await withDuckDb(tmpdir(), async (db) => {
      await db.run(`CREATE TEMP TABLE spine AS SELECT TIMESTAMP '2024-01-01' AS time,
        list_transform(range(4096), lambda k: (hash(i + k) % 1009)::DOUBLE / 7) AS vector FROM range(100) AS r(i)`);
      const scope = { row: "r", window: () => "NULL" };
      return compareGoldenRows(db, {
        dataset: long,
        sets: [set],
        sample: { relation: "spine", from: "spine AS r", scope },
      });
    });
    expect(found.mismatches).toEqual([]);
    expect(found.rows).toBeGreaterThanOrEqual(40);
    expect(found.rows).toBeLessThan(100);
  });
});

describe("a training set of vectors", () => {
  it("has a DOUBLE for each of their numbers, of joined sets too, and a server computes the same", async () => {
    await using store = await createFolderStore();
    const datasets = {
      searches: await storeVersion(store, searches, [searchRows]),
      users: await storeVersion(store, users, [userRows]),
    };
    const built = await buildTrainingSet({
      training,
      features: sets,
      datasets,
      identity: "vectors",
      store,
      workFolder: store.folder,
    });
    const { trainingSet } = built;
    expect(trainingSet.features).toHaveLength(length + 4 + 3);
    expect(trainingSet.features.slice(-3)).toEqual([0, 1, 2].map((i) => ({ name: `taste_${i}`, type: "number" })));
    expect(trainingSet.slices).toEqual(["user"]);
    const path = quotePath(store.pathOf(trainingSet.splits.test.object));
    const { examples, asked, types } = await withDuckDb(store.folder, async (db) => {
      const from = `(SELECT * FROM read_parquet(${path}) ORDER BY __time)`;
      return {
        examples: await db.rows(`FROM ${from}`, example),
        asked: await db.rows(
          `SELECT strftime(time, '%Y-%m-%dT%H:%M:%SZ') AS time, user, query, page FROM (${searchRows})
           WHERE time IN (SELECT __time FROM ${from}) ORDER BY time`,
          searchRow,
        ),
        types: await db.rows(
          `DESCRIBE SELECT query_0, query_23, taste_2 FROM ${from}`,
          z.object({ column_type: z.string() }),
        ),
      };
    });
    expect(new Set(types.map((type) => type.column_type))).toEqual(new Set(["DOUBLE"]));
    expect(examples.length).toBeGreaterThan(20);
    expect(asked).toHaveLength(examples.length);
    expect(new Set(examples.map((row) => row["taste_0"])).size).toBeGreaterThan(2);
    expect(examples.some((row) => row["cosine"] === null)).toBe(true);

    // The same rows as requests, with what is looked up out of the online store as of the newest example.
    const specs = { training, features: sets, datasets: { searches, users } };
    const compiled = compileFeatures(specs);
    expect(compiled.shape.columns.map(({ name }) => name).toSorted()).toEqual(["page", "query", "time", "user"]);
    const now = BigInt(Date.parse(asked.at(-1)?.time ?? "")) * 1000n;
    const folder = join(store.folder, "online");
    const objects = { ...store, has: async () => true, readName: async () => undefined } as unknown as Store;
    const roots = Object.fromEntries(
      await Promise.all(
        Object.entries(datasets).map(
          async ([name, { version }]) => [name, (await store.putJson(version)).sha256] as const,
        ),
      ),
    );
    {
      await using online = openLmdbStore({ folder });
      await fillTables(specs, { objects, roots, online, asOf: now, workFolder: store.folder });
    }
    await using online = openLmdbStore({ folder, readOnly: true });
    const { rows: requests } = readRequestRows(Buffer.from(JSON.stringify({ rows: asked })), compiled.shape, now);
    const found = await findFeatures(compiled, requests, { online, now });
    for (const { name } of match.columns) {
      const served = found.columns[name]?.map((value) => (typeof value === "boolean" ? Number(value) : value));
      expect([name, served]).toEqual([name, examples.map((row) => row[name])]);
    }
    const last = examples.length - 1;
    for (const { name } of tastes.columns)
      expect([name, found.columns[name]?.[last]]).toEqual([name, examples[last]?.[name]]);
  });
});
