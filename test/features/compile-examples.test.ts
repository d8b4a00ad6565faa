import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { copyToParquet, type DuckDb, withDuckDb } from "../../framework/data/duckdb.ts";
import { type CompiledExamples, compileExamples, type DatasetRows } from "../../framework/features/compile-examples.ts";
import { column, dataset, features, literal, trainingJob, window } from "./given.ts";
import { aggregate, findLatest, type Row, selectRows } from "./oracle.ts";

const hour = 3_600_000_000n;
const values = z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]));

const flights = dataset("flights", { time: "timestamp", id: "integer", airport: "string", runway: "integer" });
const flightTypes = { id: "BIGINT", airport: "VARCHAR", runway: "BIGINT" };
const weatherTypes = { airport: "VARCHAR", runway: "BIGINT", wind: "BIGINT", sky: "VARCHAR" };

async function store(db: DuckDb, name: string, rows: readonly Row[], types: Readonly<Record<string, string>>) {
  const path = join(db.folder, `${name}.parquet`);
  await db.run(copyToParquet(selectRows(rows, types), path));
  return { files: [path], rows: rows.length };
}

/** The examples in the order of `id`, which is the label; what makes them is taken back. */
async function select(db: DuckDb, { steps }: CompiledExamples) {
  await db.run("BEGIN");
  try {
    for (const { sql } of steps) await db.run(sql);
    return await db.rows("SELECT * EXCLUDE (__time) FROM examples ORDER BY __label", values);
  } finally {
    await db.run("ROLLBACK");
  }
}

const someTime = fc.integer({ min: 0, max: 8 }).map((hours) => BigInt(hours) * hour);
const someKey = { airport: fc.option(fc.constantFrom("JFK", "LAX")), runway: fc.option(fc.constantFrom(1, 2)) };
const someFlights = fc
  .array(fc.record({ time: someTime, ...someKey }), { minLength: 1, maxLength: 12 })
  .map((rows) => rows.map(({ time, ...rest }, id): Row => ({ time, values: { id, ...rest } })));
const someWeather = fc
  .array(
    fc.record({
      time: someTime,
      ...someKey,
      wind: fc.option(fc.integer({ min: 0, max: 3 })),
      sky: fc.option(fc.constantFrom("clear", "fog")),
    }),
    { minLength: 1, maxLength: 15 },
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
        async (flightRows, weatherRows, key, known, readsDirectly) => {
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
          const job = trainingJob({
            features: [
              { set: "own", by: {} },
              { set: "weather", by },
            ],
            label: column("id"),
          });
          const examples = compileExamples(job, [
            {
              set: features("own", "flights", { runway: column("runway") }),
              dataset: { spec: flights, ...(await store(db, "flights", flightRows, flightTypes)) },
              by: {},
            },
            {
              set: features("weather", "weather", {
                // A window reads what is known late as well, but its lag makes up for that.
                ...(readsDirectly && { wind: column("wind") }),
                sky: ["category", { op: "category", of: column("sky") }],
                winds,
              }),
              dataset: { spec: weather, ...(await store(db, "weather", weatherRows, weatherTypes)) },
              by,
            },
          ]);
          const expected = flightRows.map((flight) => {
            const entity = Object.fromEntries(key.map((name) => [name, flight.values[name] ?? null]));
            const latest = findLatest(weatherRows, entity, {
              notAfter: flight.time - BigInt(readsDirectly ? known : 0) * hour,
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
          expect(await select(db, examples)).toEqual(expected);
        },
      );
      await fc.assert(property, { numRuns: 60 });
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
        { set: features("own", "flights", { runway: column("runway") }), dataset: source, by: {} },
        { set: features("more", "flights", columns), dataset: source, by: {} },
      ],
    );

  it("computes another set of the spine's dataset on the example's own row", async () => {
    const found = await withDuckDb(tmpdir(), async (db) => {
      const source = { spec: flights, ...(await store(db, "flights", rows, flightTypes)) };
      return select(db, compileOwn(source, { half: { op: "divide", left: column("runway"), right: literal(2) } }));
    });
    expect(found.map(({ half }) => half)).toEqual([0.5, 2]);
  });

  it("has booleans as 0 and 1, and what overflows as missing", async () => {
    const found = await withDuckDb(tmpdir(), async (db) => {
      const source = { spec: flights, ...(await store(db, "flights", rows, flightTypes)) };
      return select(
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
