import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyToParquet, type DuckDb, withDuckDb } from "../../../framework/data/duckdb.ts";
import type { ExpressionTree, WindowTree } from "../../../framework/definitions/expression-tree.ts";
import type { DatasetSpec, FeaturesSpec } from "../../../framework/definitions/spec.ts";
import { compileExamples } from "../../../framework/features/compile-examples.ts";
import type { KeyValue } from "../../../framework/features/online/entity-key.ts";
import { emptyWindow, tableOfSet, tablesOfWindows } from "../../../framework/features/online/feature-table.ts";
import { openLmdbStore } from "../../../framework/features/online/lmdb-store.ts";
import {
  type MaterialiseOptions,
  materialiseSet,
  materialiseWindows,
} from "../../../framework/features/online/materialise-online.ts";
import type { OnlineStore, OnlineTable } from "../../../framework/features/online/online-store.ts";
import { createFolderStore, type FolderStore, storeVersion } from "../folder-store.ts";
import { column, dataset, features, literal, trainingJob, window } from "../given.ts";
import { type Row, selectRows, type Value } from "../oracle.ts";
import { joinSources, selectExamples } from "../select-examples.ts";

const hour = 3_600_000_000n;
const weatherTypes = { airport: "VARCHAR", runway: "BIGINT", wind: "BIGINT", sky: "VARCHAR" };
const someTime = fc.integer({ min: 0, max: 8 }).map((hours) => BigInt(hours) * hour);
const airports = ["JFK", "LAX", "", "é\u0000\u{1f600}'"];
const someRows = fc
  .array(
    fc.record({
      time: someTime,
      airport: fc.option(fc.constantFrom("JFK", "LAX", "SFO")),
      runway: fc.option(fc.constantFrom(1, 2)),
      wind: fc.option(fc.integer({ min: 0, max: 3 })),
      sky: fc.option(fc.constantFrom("clear", "fog")),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((rows) => rows.map(({ time, ...values }): Row => ({ time, values })));

describe("what is materialised", () => {
  let objects: FolderStore;
  let online: OnlineStore;
  beforeAll(async () => {
    objects = await createFolderStore();
    online = openLmdbStore({ folder: join(objects.folder, "online") });
  });
  afterAll(async () => {
    await online[Symbol.asyncDispose]();
    await objects[Symbol.asyncDispose]();
  });

  const optionsOf = async (spec: DatasetSpec, rows: readonly Row[], asOf: bigint): Promise<MaterialiseOptions> => {
    const { version } = await storeVersion(objects, spec, [selectRows(rows, weatherTypes)]);
    const root = "a".repeat(64);
    return { dataset: { spec, version, root }, asOf, objects, online, workFolder: objects.folder };
  };

  /** The values of an entity; nothing where it has no row. */
  const look = async (table: OnlineTable, key: readonly (KeyValue | null)[]): Promise<Value[] | undefined> => {
    const categories: (string | null)[] = [];
    const numbers = new Float32Array(table.layout.features.length);
    const { rows } = await online.getMany(table, [key], [{ numbers, at: 0, categories }]);
    if (rows[0]?.state !== "found") return undefined;
    return table.layout.features.map(({ type }, i) => {
      if (type === "category") return categories[table.layout.categories.indexOf(i)] ?? null;
      return Number.isNaN(numbers[i]) ? null : (numbers[i] ?? null);
    });
  };

  const store = async (db: DuckDb, name: string, rows: readonly Row[], types: Record<string, string>) => {
    const path = join(db.folder, `${name}.parquet`);
    await db.run(copyToParquet(selectRows(rows, types), path));
    return { files: [path], rows: rows.length };
  };

  it("of a joined set is what an example at that moment is given, for every entity there is or is not", async () => {
    const winds = window("sum", column("wind"), { by: [column("airport")], over: "3 hours", lag: "2 hours" });
    const property = fc.asyncProperty(
      someRows,
      someTime,
      fc.constantFrom<string[]>([], ["airport"], ["airport", "runway"]),
      fc.constantFrom(0, 1, 3),
      async (rows, asOf, key, known) => {
        const wind = { type: "integer", known: `${known} hours` } as const;
        const weather = dataset(
          "weather",
          { time: "timestamp", airport: "string", runway: "integer", wind, sky: "string" },
          { key },
        );
        const set: FeaturesSpec = features("conditions", "weather", {
          wind: column("wind"),
          sky: ["category", { op: "category", of: column("sky") }],
          strong: ["boolean", { op: "gt", left: column("wind"), right: literal(1) }],
          half: { op: "divide", left: column("wind"), right: literal(0) },
          winds,
        });
        const options = await optionsOf(weather, rows, asOf);
        const status = await materialiseSet(set, options);
        expect(status).toMatchObject({ asOf, root: "a".repeat(64), table: tableOfSet(set, weather).name });

        const entities = ["JFK", "LAX", "SFO", "none"].flatMap((airport) =>
          [1, 2].map((runway) => ({ airport, runway })),
        );
        const spine = dataset("spine", { time: "timestamp", id: "integer", airport: "string", runway: "integer" });
        const expected = await withDuckDb(objects.folder, async (db) => {
          const types = { id: "BIGINT", airport: "VARCHAR", runway: "BIGINT" };
          const spineRows = entities.map((entity, id): Row => ({ time: asOf, values: { id, ...entity } }));
          const by = Object.fromEntries(key.map((name) => [name, column(name)]));
          return selectExamples(
            db,
            await joinSources(db, [
              {
                set: features("own", "spine", { id: column("id") }),
                join: { by: {} },
                dataset: { spec: spine, ...(await store(db, "spine", spineRows, types)) },
              },
              { set, join: { by }, dataset: { spec: weather, ...(await store(db, "weather", rows, weatherTypes)) } },
            ]),
          );
        });
        const names = set.columns.map(({ name }) => name);
        for (const [id, entity] of entities.entries()) {
          const values = key.map((name) => entity[name as keyof typeof entity]);
          const found = (await look(tableOfSet(set, weather), values)) ?? names.map(() => null);
          expect(found).toEqual(names.map((name) => expected[id]?.[name]));
        }
      },
    );
    await fc.assert(property, { numRuns: 6 });
  }, 120_000);

  it("of windows is what training computes at a row of that moment, for every entity", async () => {
    const spec = dataset("weather", {
      time: "timestamp",
      airport: "string",
      runway: "integer",
      wind: "integer",
      sky: "string",
    });
    const [airport, runway, wind] = [column("airport"), column("runway"), column("wind")];
    const windowsOf = (by: readonly ExpressionTree[], lag: string): WindowTree[] => [
      ...(["count", "sum", "mean", "min", "max", "last", "std", "distinct"] as const).map((aggregate) =>
        window(aggregate, wind, { by, over: "3 hours", lag }),
      ),
      window("last", column("sky"), { by, over: "5 hours", lag }),
      window("last", { op: "gt", left: wind, right: literal(1) }, { by, over: "2 hours", lag }),
    ];
    const hourly = { op: "hour", of: column("time") } as const;
    const property = fc.asyncProperty(
      someRows,
      fc.constantFrom("0 seconds", "1 hour", "2 hours"),
      fc.nat(),
      async (rows, lag, which) => {
        const asOf = rows[which % rows.length]?.time ?? 0n;
        const kinds = [[airport], [airport, runway], [], [hourly]];
        const trees = kinds.flatMap((by) => windowsOf(by, lag));
        const tables = tablesOfWindows(spec, trees);
        const states = await materialiseWindows(trees, await optionsOf(spec, rows, asOf));
        expect(states.map(({ table }) => table)).toEqual(tables.map(({ name }) => name));

        const numbered = rows.map(({ time, values }, id): Row => ({ time, values: { id, ...values } }));
        const expected = await withDuckDb(objects.folder, async (db) => {
          const own = features(
            "own",
            "weather",
            Object.fromEntries(
              trees.map((tree, i) => [
                `w${i}`,
                [tree.of.op === "column" && tree.of.name === "sky" ? "category" : "number", tree] as const,
              ]),
            ),
          );
          const types = { id: "BIGINT", ...weatherTypes };
          const files = await store(db, "weather", numbered, types);
          const withId = dataset("weather", {
            id: "integer",
            ...Object.fromEntries(spec.columns.map((one) => [one.name, one.type])),
          });
          const job = trainingJob({ features: [{ set: "own", by: {} }], label: column("id") });
          return selectExamples(
            db,
            compileExamples(job, [{ set: own, join: { by: {} }, dataset: { spec: withId, ...files } }]),
          );
        });
        for (const [id, { time, values }] of rows.entries()) {
          if (time !== asOf) continue;
          for (const table of tables) {
            const key = table.by.map((by) => (by.op === "column" ? (values[by.name] ?? null) : Number(asOf / hour)));
            const found = (await look(table, key)) ?? table.windows.map(emptyWindow);
            for (const [i, tree] of table.windows.entries()) {
              const value = expected[id]?.[`w${trees.indexOf(tree)}`] ?? null;
              const wanted = typeof value === "number" ? expect.closeTo(value, 5) : value;
              expect([tree, found[i]]).toEqual([tree, wanted]);
            }
          }
        }
      },
    );
    await fc.assert(property, { numRuns: 3 });
  }, 120_000);

  const weather = dataset(
    "weather",
    { time: "timestamp", airport: "string", runway: "integer", wind: "integer", sky: "string" },
    { key: ["airport"] },
  );
  const set = features("winds", "weather", { wind: column("wind") });
  const reading = (airport: string, time: bigint, wind: number): Row => ({
    time,
    values: { airport, runway: null, wind, sky: null },
  });

  it("follows the dataset: an upsert writes what is newer, a replacement what is true", async () => {
    const table = tableOfSet(set, weather);
    const before = [reading("JFK", 1n, 1), reading("LAX", 1n, 1)];
    await materialiseSet(set, await optionsOf(weather, before, hour));
    const after = [reading("JFK", 1n, 9), reading("LAX", 1n, 1), reading("LAX", 2n, 2), reading("SFO", 1n, 3)];
    const options = await optionsOf(weather, after, 2n * hour);
    const upserted = await materialiseSet(set, { ...options, mode: "upsert" });
    expect(upserted).toMatchObject({ rows: 3, eventTime: 2n, asOf: 2n * hour });
    expect([await look(table, ["JFK"]), await look(table, ["LAX"]), await look(table, ["SFO"])]).toEqual([
      [1],
      [2],
      [3],
    ]);
    await materialiseSet(set, options);
    expect(await look(table, ["JFK"])).toEqual([9]);
  });

  it("has keys of any text, number, truth and time, and leaves out what no request can name", async () => {
    const spec = dataset(
      "keys",
      { time: "timestamp", a: "string", b: "number", c: "boolean", d: "timestamp" },
      { key: ["a", "b", "c", "d"] },
    );
    const own = features("keyed", "keys", { b: column("b") });
    const rows = [...airports.map((a) => [a, 0.5]), [null, 1], ["JFK", "NaN"]];
    const tuples = rows.map(([a, b]) => {
      const text =
        a === null
          ? "NULL"
          : `decode('${Buffer.from(String(a)).reduce((sql, byte) => `${sql}\\x${byte.toString(16).padStart(2, "0")}`, "")}'::BLOB)`;
      return `(make_timestamp(0), ${text}, CAST('${b}' AS DOUBLE), TRUE, TIMESTAMP '2024-01-01 00:00:00.000001')`;
    });
    const { version } = await storeVersion(objects, spec, [
      `SELECT * FROM (VALUES ${tuples.join(", ")}) AS v(time, a, b, c, d)`,
    ]);
    const options = { dataset: { spec, version, root: "" }, asOf: 0n, objects, online, workFolder: objects.folder };
    expect((await materialiseSet(own, options)).rows).toBe(airports.length);
    for (const a of airports) {
      expect(await look(tableOfSet(own, spec), [a, 0.5, true, 1_704_067_200_000_001n])).toEqual([0.5]);
      expect(await look(tableOfSet(own, spec), [a, 0.5, true, 1_704_067_200_000_000n])).toBeUndefined();
    }
  });

  it("leaves the former state in force when it is aborted, and says how far it came", async () => {
    const rows = [reading("JFK", 1n, 1)];
    const options = await optionsOf(weather, rows, 5n);
    await materialiseSet(set, options);
    const controller = new AbortController();
    const seen: unknown[] = [];
    const onProgress = (progress: unknown) => {
      seen.push(progress);
      controller.abort(new Error("enough"));
    };
    const aborted = materialiseSet(set, { ...options, asOf: 6n, signal: controller.signal, onProgress });
    await expect(aborted).rejects.toThrow("enough");
    expect(seen).toEqual([{ phase: "materialising", done: 1, unit: "rows" }]);
    expect((await online.status(tableOfSet(set, weather).name))?.asOf).toBe(5n);
  });
});

describe("tableOfSet and tablesOfWindows", () => {
  const spec = dataset("weather", { time: "timestamp", airport: "string", wind: "integer" }, { key: ["airport"] });
  const tree = window("mean", column("wind"), { by: [column("airport")], over: "1 day", lag: "1 hour" });

  it("name another table for another meaning of the same names", () => {
    const [one, two] = [column("wind"), literal(1)].map((wind) =>
      tableOfSet(features("set", "weather", { wind }), spec),
    );
    expect(one?.layout).toEqual(two?.layout);
    expect(one?.name).not.toBe(two?.name);
    const [a, b] = ["1 hour", "2 hours"].map((lag) => tablesOfWindows(spec, [{ ...tree, lag }])[0]?.name);
    expect(a).not.toBe(b);
  });

  it("share one table among the windows of one kind of entity", () => {
    const last = { ...tree, aggregate: "last", of: column("time") } as const;
    const other = { ...tree, by: [] };
    const sum: ExpressionTree = { op: "add", left: tree, right: { op: "hour", of: last } };
    const tables = tablesOfWindows(spec, [sum, other, tree]);
    expect(tables.map(({ by, windows }) => ({ by, windows }))).toEqual([
      { by: tree.by, windows: [tree, last] },
      { by: [], windows: [other] },
    ]);
    expect(tables[0]?.layout.features.map(({ type }) => type)).toEqual(["number", "number"]);
  });
});
