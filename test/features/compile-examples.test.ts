import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyToParquet, type DuckDb, withDuckDb } from "../../framework/data/duckdb.ts";
import { compileExamples } from "../../framework/features/compile-examples.ts";
import type { DatasetRows } from "../../framework/features/dataset-rows.ts";
import { takeCount } from "../support/drawn.ts";
import { column, dataset, features, literal, trainingJob, window } from "./given.ts";
import { aggregate, findLatest, type Row, selectRows, type Value } from "./oracle.ts";
import { joinSources, type Source, selectExamples } from "./select-examples.ts";

const hour = 3_600_000_000n;

const flights = dataset("flights", { time: "timestamp", id: "integer", airport: "string", runway: "integer" });
const flightTypes = { id: "BIGINT", airport: "VARCHAR", runway: "BIGINT" };
const weatherTypes = { airport: "VARCHAR", runway: "BIGINT", wind: "BIGINT", sky: "VARCHAR" };

async function store(db: DuckDb, name: string, rows: readonly Row[], types: Readonly<Record<string, string>>) {
  const path = join(db.folder, `${name}.parquet`);
  await db.run(copyToParquet(selectRows(rows, types), path));
  return { files: [path], rows: rows.length };
}

const someTime = fc.integer({ min: 0, max: 8 }).map((hours) => BigInt(hours) * hour);
const someKey = { airport: fc.option(fc.constantFrom("JFK", "LAX")), runway: fc.option(fc.constantFrom(1, 2)) };
const someFlights = fc
  .array(fc.record({ time: someTime, ...someKey }), { minLength: 1, maxLength: 40 })
  .map((rows) => rows.map(({ time, ...rest }, id): Row => ({ time, values: { id, ...rest } })));
const someWeather = fc
  .array(
    fc.record({
      time: someTime,
      ...someKey,
      wind: fc.option(fc.integer({ min: 0, max: 3 })),
      sky: fc.option(fc.constantFrom("clear", "fog")),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((rows) => rows.map(({ time, ...rest }): Row => ({ time, values: rest })));

describe("compileExamples", () => {
  it("joins the latest row that was known, agreeing with a look at every row, on ties, nulls and several keys", async () => {
    const winds = window("sum", column("wind"), { by: [column("airport")], over: "3 hours", lag: "2 hours" });
    const lengths = { over: 3n * hour, lag: 2n * hour };
    await withDuckDb(tmpdir(), async (db) => {
      const property = fc.asyncProperty(
        someFlights,
        someWeather,
        fc.constantFrom<string[]>([], ["airport"], ["airport", "runway"]),
        fc.constantFrom(0, 1, 3),
        fc.boolean(),
        fc.option(fc.constantFrom(1, 3), { nil: undefined }),
        async (flightRows, weatherRows, key, known, readsDirectly, ttl) => {
          const weather = dataset(
            "weather",
            {
              time: "timestamp",
              airport: "string",
              runway: "integer",
              wind: { type: "integer", known: `${known} hours` },
              sky: "string",
            },
            { key },
          );
          const by = Object.fromEntries(key.map((name) => [name, column(name)]));
          const sources: [Source, Source] = [
            {
              set: features("own", "flights", { runway: column("runway") }),
              dataset: { spec: flights, ...(await store(db, "flights", flightRows, flightTypes)) },
              join: { by: {} },
            },
            {
              set: features("weather", "weather", {
                // A window reads what is known late as well, but its lag makes up for that.
                ...(readsDirectly && { wind: column("wind") }),
                sky: ["category", { op: "category", of: column("sky") }],
                winds,
              }),
              dataset: { spec: weather, ...(await store(db, "weather", weatherRows, weatherTypes)) },
              join: { by, ...(ttl !== undefined && { ttl: `${ttl} hours` }) },
            },
          ];
          const expected = flightRows.map((flight) => {
            const entity = Object.fromEntries(key.map((name) => [name, flight.values[name] ?? null]));
            const latest = findLatest(weatherRows, entity, {
              notAfter: flight.time - BigInt(readsDirectly ? known : 0) * hour,
              ...(ttl !== undefined && { notBefore: flight.time - BigInt(ttl) * hour }),
              columns: Object.keys(weatherTypes),
            });
            return {
              __label: flight.values["id"],
              runway: flight.values["runway"],
              ...(readsDirectly && { wind: latest?.values["wind"] ?? null }),
              sky: latest?.values["sky"] ?? null,
              winds: latest ? aggregate(weatherRows, latest, winds, lengths) : null,
              __slice_airport: flight.values["airport"],
            };
          });
          expect(await selectExamples(db, await joinSources(db, sources))).toEqual(expected);
        },
      );
      await fc.assert(property, { numRuns: takeCount(12, 4) });
    });
  }, 120_000);

  it("joins on whatever keys and times there are, in batches and segments of any size", async () => {
    // Composed and decomposed, empty, two of one meaning, bytes that sort unlike UTF-16, a NUL.
    const someText = fc.option(fc.constantFrom("", "Å", "A\u030a", "ß", "ss", "😀", "\uff5e", "a\0b", "a"));
    const someNumber = fc.option(fc.constantFrom(0, -0, 1, -1.5, 2 ** 53, Number.NaN));
    const anyTime = fc.constantFrom(
      -9_223_372_022_400_000_000n,
      -(2n ** 53n) - 1n,
      -1n,
      0n,
      1n,
      hour,
      2n * hour,
      3n * hour,
      2n ** 53n,
      2n ** 53n + 1n,
      9_223_371_331_200_000_000n,
    );
    const keys = { text: someText, number: someNumber, truth: fc.option(fc.boolean()) };
    const types = { text: "VARCHAR", number: "DOUBLE", truth: "BOOLEAN" };
    const columns = { time: "timestamp", text: "string", number: "number", truth: "boolean" } as const;
    const toRows = (rows: readonly ({ readonly time: bigint } & Readonly<Record<string, Value | bigint>>)[]) =>
      rows.map(({ time, ...rest }, id): Row => ({ time, values: { id, ...(rest as Row["values"]) } }));
    await withDuckDb(tmpdir(), async (db) => {
      const property = fc.asyncProperty(
        fc.array(fc.record({ time: anyTime, ...keys }), { minLength: 1, maxLength: 60 }).map(toRows),
        fc.array(fc.record({ time: anyTime, ...keys, value: someNumber }), { minLength: 1, maxLength: 80 }).map(toRows),
        fc.subarray(["text", "number", "truth"] as const),
        fc.option(fc.constantFrom(1n, hour, 2n * hour, 99_999n * 24n * hour), { nil: undefined }),
        fc.record({ batchRows: fc.constantFrom(1, 3, 1000), segmentRows: fc.constantFrom(1, 2, 65_536) }),
        async (spineRows, joinedRows, key, ttl, sizes) => {
          const by = Object.fromEntries(key.map((name) => [name, column(name)]));
          const spine = dataset("spine", { ...columns, id: "integer" });
          const joined = dataset("joined", { ...columns, id: "integer", value: "number" }, { key: [...key] });
          // The last of all rows with one key and time is that with the greatest number, and so on.
          const order = ["text", "number", "truth", "id", "value"];
          const sources: [Source, Source] = [
            {
              set: features("own", "spine", { own: column("id") }),
              dataset: { spec: spine, ...(await store(db, "spine", spineRows, { ...types, id: "BIGINT" })) },
              join: { by: {} },
            },
            {
              set: features("joined", "joined", {
                value: column("value"),
                found: column("id"),
                truth: ["boolean", column("truth")],
              }),
              dataset: {
                spec: joined,
                ...(await store(db, "joined", joinedRows, { ...types, id: "BIGINT", value: "DOUBLE" })),
              },
              join: { by, ...(ttl !== undefined && { ttl: `${(Number(ttl) / 1e6).toFixed(6)} seconds` }) },
            },
          ];
          const found = await selectExamples(db, await joinSources(db, sources, sizes), sizes);
          const expected = spineRows.map((row) => {
            const entity = Object.fromEntries(key.map((name) => [name, row.values[name] ?? null]));
            const notBefore = ttl === undefined ? undefined : row.time - ttl;
            const latest = findLatest(joinedRows, entity, {
              notAfter: row.time,
              ...(notBefore !== undefined && { notBefore }),
              columns: order,
            });
            const { id = null, value = null, truth = null } = latest?.values ?? {};
            return [row.values["id"], id, Number.isNaN(value) ? null : value, truth === null ? null : Number(truth)];
          });
          // What is equal is one key: 0 and -0.
          expect(found.map((row) => [row["__label"], row["found"], row["value"], row["truth"]])).toEqual(expected);
        },
      );
      await fc.assert(property, { numRuns: takeCount(16, 6) });
    });
  }, 120_000);

  const rows: Row[] = [
    { time: 0n, values: { id: 0, airport: "JFK", runway: 1 } },
    { time: hour, values: { id: 1, airport: "JFK", runway: 4 } },
  ];
  const compileOwn = (source: DatasetRows, columns: Parameters<typeof features>[2]) =>
    compileExamples(
      trainingJob({
        features: [
          { set: "own", by: {} },
          { set: "more", by: {} },
        ],
        label: column("id"),
      }),
      [
        { set: features("own", "flights", { runway: column("runway") }), dataset: source, join: { by: {} } },
        { set: features("more", "flights", columns), dataset: source, join: { by: {} } },
      ],
    );

  it("computes another set of the spine's dataset on the example's own row", async () => {
    const found = await withDuckDb(tmpdir(), async (db) => {
      const source = { spec: flights, ...(await store(db, "flights", rows, flightTypes)) };
      return selectExamples(
        db,
        compileOwn(source, { half: { op: "divide", left: column("runway"), right: literal(2) } }),
      );
    });
    expect(found.map(({ half }) => half)).toEqual([0.5, 2]);
  });

  it("has booleans as 0 and 1, and what overflows as missing", async () => {
    const found = await withDuckDb(tmpdir(), async (db) => {
      const source = { spec: flights, ...(await store(db, "flights", rows, flightTypes)) };
      return selectExamples(
        db,
        compileOwn(source, {
          high: ["boolean", { op: "gt", left: column("runway"), right: literal(2) }],
          huge: {
            op: "multiply",
            left: { op: "multiply", left: column("runway"), right: literal(1e200) },
            right: literal(1e200),
          },
        }),
      );
    });
    expect(found.map(({ high, huge }) => [high, huge])).toEqual([
      [0, null],
      [1, null],
    ]);
  });

  it("counts the rows through each phase to their total", () => {
    const { steps } = compileOwn(
      { spec: flights, files: ["a.parquet"], rows: 100 },
      { runways: window("sum", column("runway"), { by: [], over: "1 day", lag: "1 day" }) },
    );
    const done = (phase: string) =>
      steps.filter((step) => step.phase === phase).reduce((sum, step) => sum + step.rows, 0);
    expect([done("windows"), done("join")]).toEqual([100, 100]);
  });
});
