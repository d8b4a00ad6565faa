import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import type { Progress } from "../../framework/data/progress.ts";
import { quotePath } from "../../framework/data/sql.ts";
import type { BuiltTrainingSet } from "../../framework/features/build-training-set.ts";
import { trainingSetSchema } from "../../framework/features/training-set.ts";
import { failure } from "../support/failure.ts";
import { createFolderStore, storeVersion } from "./folder-store.ts";
import { column, dataset, features, literal, trainingJob, window } from "./given.ts";
import { build, job, orders, read, routes, tenDays } from "./orders.ts";

describe("buildTrainingSet", () => {
  it("splits the labelled rows by time, with gaps", async () => {
    await using store = await createFolderStore();
    const built = await build(store);
    // Of 240 hours, the 24 that end in 9 have no label, and so the last example is at hour 238.
    const { train, validation, test } = built.trainingSet.splits;
    expect({ train, validation, test }).toMatchObject({
      test: { rows: 22, from: "2024-03-09T23:00:00.000Z", to: "2024-03-10T22:00:00.000Z" },
      validation: { rows: 21, from: "2024-03-08T22:00:00.000Z", to: "2024-03-09T20:00:00.000Z" },
      train: { rows: 169, from: "2024-03-01T00:00:00.000Z", to: "2024-03-08T18:00:00.000Z" },
    });
    expect(built.leftOut).toEqual({ unlabelled: 24, gaps: 4 });
  });

  it("writes rows in the order of time, with the types that a trainer expects", async () => {
    await using store = await createFolderStore();
    const built = await build(store);
    const path = quotePath(store.pathOf(built.trainingSet.splits.train.object));
    const { types, rows, compression } = await withDuckDb(tmpdir(), async (db) => ({
      types: await db.rows(
        `DESCRIBE SELECT * FROM read_parquet(${path})`,
        z.object({ column_name: z.string(), column_type: z.string() }),
      ),
      rows: await read(store, built, "train"),
      compression: await db.rows(
        `SELECT DISTINCT compression FROM parquet_metadata(${path})`,
        z.object({ compression: z.string() }),
      ),
    }));
    expect(Object.fromEntries(types.map((type) => [type.column_name, type.column_type]))).toEqual({
      __time: "TIMESTAMP",
      __label: "DOUBLE",
      price: "DOUBLE",
      gift: "DOUBLE",
      city: "VARCHAR",
      ratings: "DOUBLE",
      __slice_city: "VARCHAR",
      __slice_gift: "BOOLEAN",
    });
    expect(rows[1]).toEqual({
      __time: "2024-03-01 01:00:00",
      __label: 1,
      price: 1 / 7,
      gift: 0,
      city: "ä",
      ratings: null,
      __slice_city: "ä",
      __slice_gift: false,
    });
    expect(rows.map((row) => row["__time"])).toEqual(rows.map((row) => row["__time"]).sort());
    expect(compression).toEqual([{ compression: "ZSTD" }]);
  });

  it("describes itself, fitted on the training rows alone", async () => {
    await using store = await createFolderStore();
    const { trainingSet, reference } = await build(store, {
      parts: [`${tenDays} UNION ALL SELECT TIMESTAMP '2024-03-10 12:00:00', 'late', true, 1, 400`],
    });
    expect(trainingSetSchema.parse(trainingSet)).toEqual(trainingSet);
    expect(trainingSet).toMatchObject({
      identity: "the-identity",
      task: "regression",
      features: [
        { name: "price", type: "number" },
        { name: "gift", type: "boolean" },
        { name: "city", type: "category" },
        { name: "ratings", type: "number" },
      ],
      categories: { city: ["B", "a", "b", "ä", "😀"] },
      slices: ["city", "gift"],
      golden: { orders: { digest: expect.stringMatching(/^[0-9a-f]{64}$/), rows: expect.any(Number) } },
    });
    expect(trainingSet).not.toHaveProperty("fitted");
    expect(trainingSet.golden?.["orders"]?.rows).toBeGreaterThan(200);
    const labels = Array.from({ length: 187 }, (_, i) => i)
      .filter((i) => i % 10 < 9)
      .map((i) => i % 5);
    expect(trainingSet.prior).toBeCloseTo(labels.reduce((sum, label) => sum + label, 0) / labels.length, 12);
    expect(await store.putJson(trainingSet)).toEqual(reference);
  });

  it("has for a label of several classes the place of each row's own, and the share of each in the training rows", async () => {
    await using store = await createFolderStore();
    const city = column("city");
    const training = { ...job, label: city, task: "multiclass", classes: ["b", "a", "B"] } as const;
    const built = await build(store, { training: { ...training, classes: [...training.classes] } });
    const { trainingSet, leftOut } = built;
    expect(trainingSetSchema.parse(trainingSet)).toEqual(trainingSet);
    expect(trainingSet).toMatchObject({ task: "multiclass", classes: ["b", "a", "B"] });
    const rows = await read(store, built, "train");
    const told = rows.map((row) => [row["__slice_city"], row["__label"]]);
    expect(new Set(told.map((pair) => JSON.stringify(pair)))).toEqual(new Set(['["b",0]', '["a",1]', '["B",2]']));
    const shares = [0, 1, 2].map((place) => rows.filter((row) => row["__label"] === place).length / rows.length);
    expect(trainingSet.priors).toEqual(shares.map((share) => expect.closeTo(share, 12)));
    expect(trainingSet.prior).toBe(Math.max(...(trainingSet.priors ?? [])));
    // A text that is no class is no label.
    expect(leftOut.unlabelled).toBeGreaterThan(0);
  });

  it("gives the same references for the same rows, in whatever order and however many parts they come", async () => {
    await using store = await createFolderStore();
    const once = await build(store);
    const again = await build(store);
    const shuffled = await build(store, {
      parts: [`SELECT * FROM (${tenDays}) WHERE gift ORDER BY hash(time)`, `SELECT * FROM (${tenDays}) WHERE NOT gift`],
    });
    expect(again.reference).toEqual(once.reference);
    expect(shuffled.trainingSet).toEqual(once.trainingSet);
  });

  it("has the slices of the same rows in the same order, whatever the features are", async () => {
    await using store = await createFolderStore();
    // Many orders at one time, with one rating.
    const parts = [
      "SELECT TIMESTAMP '2024-03-01' + to_hours(i // 6) AS time, ['b', 'a', 'c', 'e', 'd', 'f'][1 + i % 6] AS city, i % 2 = 0 AS gift, hash(i) % 97 AS price, 1 AS rating FROM range(1440) AS t(i)",
    ];
    const other = features("orders", "orders", {
      cheapness: { op: "subtract", left: literal(0), right: column("price") },
    });
    const [one, two] = [await build(store, { parts }), await build(store, { parts, features: { orders: other } })];
    const cities = async (built: BuiltTrainingSet) =>
      (await read(store, built, "test")).map((row) => [row["__time"], row["__slice_city"], row["__slice_gift"]]);
    expect(await cities(one)).toEqual(await cities(two));
  });

  it("has another reference for another row", async () => {
    await using store = await createFolderStore();
    const [one, other] = [await build(store), await build(store, { parts: [tenDays.replace("i / 7", "i / 8")] })];
    expect(other.trainingSet.splits.test.object).not.toEqual(one.trainingSet.splits.test.object);
  });

  it("has no validation rows when the job asks for none", async () => {
    await using store = await createFolderStore();
    const built = await build(store, { training: { ...job, split: { ...job.split, validation: "0 seconds" } } });
    expect(built.trainingSet.splits.validation.rows).toBe(0);
    expect(await read(store, built, "validation")).toEqual([]);
    expect(built.leftOut.gaps).toBe(2);
  });

  it("says which splits are empty, and how long the data are", async () => {
    await using store = await createFolderStore();
    const error = await failure(
      build(store, { training: { ...job, split: { test: "8 days", validation: "3 days", gap: "0 seconds" } } }),
    );
    expect(error.problems).toMatchObject([
      { code: "split-invalid", at: "stars.split", got: expect.stringMatching(/^9.9 days of examples/) },
    ]);
  });

  it("says when no row has a label", async () => {
    await using store = await createFolderStore();
    const error = await failure(build(store, { parts: [tenDays.replace("i % 10 < 9", "FALSE")] }));
    expect(error.problems).toMatchObject([{ code: "label-invalid", at: "stars.label" }]);
  });

  it("refuses a category with more values than a model can take, and names it", async () => {
    await using store = await createFolderStore();
    const many = `${tenDays} UNION ALL SELECT TIMESTAMP '2024-03-01', i::VARCHAR, true, 1, 1 FROM range(10_000) AS t(i)`;
    const error = await failure(build(store, { parts: [many] }));
    expect(error.problems).toMatchObject([{ code: "category-too-wide", at: "orders.city" }]);
    const fewer = await build(store, { parts: [many.replace("10_000", "9_995")] });
    expect(fewer.trainingSet.categories["city"]).toHaveLength(10_000);
  });

  it("joins a set of another dataset", async () => {
    await using store = await createFolderStore();
    const cities = dataset(
      "cities",
      { time: "timestamp", city: "string", people: { type: "integer", known: "1 day" } },
      { key: ["city"] },
    );
    const census = `SELECT TIMESTAMP '2024-03-02' AS time, 'a' AS city, 7 AS people UNION ALL SELECT TIMESTAMP '2024-03-04', 'a', 8`;
    const built = await build(store, {
      training: { ...job, features: [...job.features, { set: "census", by: { city: column("city") } }] },
      features: { orders: routes, census: features("census", "cities", { people: column("people") }) },
      datasets: {
        orders: await storeVersion(store, orders, [tenDays]),
        cities: await storeVersion(store, cities, [census]),
      },
    });
    expect(Object.keys(built.trainingSet.golden ?? {})).toEqual(["orders", "census"]);
    const seen = (await read(store, built, "train")).filter((row) => row["city"] === "a");
    const people = (row: (typeof seen)[number]) =>
      String(row["__time"]) < "2024-03-03" ? null : String(row["__time"]) < "2024-03-05" ? 7 : 8;
    expect(seen.map((row) => row["people"])).toEqual(seen.map(people));
    expect(new Set(seen.map((row) => row["people"]))).toEqual(new Set([null, 7, 8]));
  });

  it("joins no row that is older than its ttl, and finds an index where one is kept", async () => {
    await using store = await createFolderStore();
    const cities = dataset("cities", { time: "timestamp", city: "string", people: "integer" }, { key: ["city"] });
    const census = `SELECT TIMESTAMP '2024-03-02' AS time, 'a' AS city, 7 AS people`;
    const datasets = {
      orders: await storeVersion(store, orders, [tenDays]),
      cities: await storeVersion(store, cities, [census]),
    };
    const indexFolder = join(store.folder, "kept");
    const buildWith = async (ttl: string | undefined) => {
      const phases = new Set<string>();
      const built = await build(store, {
        training: {
          ...job,
          features: [
            ...job.features,
            { set: "census", by: { city: column("city") }, ...(ttl !== undefined && { ttl }) },
          ],
        },
        features: { orders: routes, census: features("census", "cities", { people: column("people") }) },
        datasets,
        indexFolder,
        onProgress: ({ phase }) => void phases.add(phase),
      });
      return { rows: (await read(store, built, "train")).filter((row) => row["city"] === "a"), phases };
    };
    const young = await buildWith("36 hours");
    const people = (row: (typeof young)["rows"][number], last: string) =>
      String(row["__time"]) >= "2024-03-02" && String(row["__time"]) <= last ? 7 : null;
    expect(young.rows.map((row) => row["people"])).toEqual(young.rows.map((row) => people(row, "2024-03-03 12:00:00")));
    expect(new Set(young.rows.map((row) => row["people"]))).toEqual(new Set([null, 7]));
    expect(await readdir(indexFolder)).toHaveLength(1);
    // The index is of the set and the version, whatever joins it.
    const any = await buildWith(undefined);
    expect(any.rows.map((row) => row["people"])).toEqual(any.rows.map((row) => people(row, "2025")));
    expect(await readdir(indexFolder)).toHaveLength(1);
    expect([...any.phases].sort()).toEqual(["index", "join", "split", "windows", "writing"]);
  });

  it("does not mistake a column of the team's for one of its own", async () => {
    await using store = await createFolderStore();
    const odd = dataset(
      "odd",
      { event_time: "timestamp", entity: "string", us: "number", r: "number", place: "number", key_0: "string" },
      { key: ["entity"], eventTime: "event_time" },
    );
    const rows = `SELECT TIMESTAMP '2024-03-01' + to_hours(i) AS event_time, 'e' || i % 2 AS entity, i AS us, i AS r, 7 AS place,
      'k' || i % 3 AS key_0 FROM range(100) AS t(i)`;
    const past = window("sum", column("place"), { by: [column("entity")], over: "4 hours", lag: "0 seconds" });
    const built = await build(store, {
      training: trainingJob({
        features: [
          { set: "odd", by: {} },
          { set: "joined", by: { entity: column("entity") } },
        ],
        label: column("r"),
        split: { test: "10 hours", validation: "10 hours", gap: "0 seconds" },
      }),
      features: {
        odd: features("odd", "odd", { place: column("place"), entity: past }),
        joined: features("joined", "odd", { us: column("us") }),
      },
      datasets: { odd: await storeVersion(store, odd, [rows]) },
    });
    const test = await read(store, built, "test");
    expect(test.map(({ entity, us, place }) => [entity, us, place])).toEqual(
      Array.from({ length: 10 }, (_, i) => [14, 90 + i, 7]),
    );
  });

  it("reports every phase, up to its total, and leaves nothing behind", async () => {
    await using store = await createFolderStore();
    const datasets = { orders: await storeVersion(store, orders, [tenDays]) };
    const before = await readdir(store.folder);
    const last = new Map<string, Progress>();
    const { trainingSet, reference } = await build(store, {
      datasets,
      onProgress: (progress) => void last.set(progress.phase, progress),
    });
    expect([...last.values()]).toEqual([
      { phase: "windows", done: 240, total: 240, unit: "rows" },
      { phase: "join", done: 240, total: 240, unit: "rows" },
      { phase: "split", done: 216, total: 216, unit: "rows" },
      { phase: "writing", done: 212, total: 212, unit: "rows" },
    ]);
    const stored = Object.values(trainingSet.splits).map(({ object }) => object.sha256);
    expect((await readdir(store.folder)).sort()).toEqual([...before, ...stored, reference.sha256].sort());
  });

  it("stops when it is aborted", async () => {
    await using store = await createFolderStore();
    const abort = new AbortController();
    const reason = new Error("enough");
    const building = build(store, {
      signal: abort.signal,
      onProgress: ({ phase }) => {
        if (phase === "windows") abort.abort(reason);
      },
    });
    await expect(building).rejects.toBe(reason);
  });
});
