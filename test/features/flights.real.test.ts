import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { quotePath } from "../../framework/data/sql.ts";
import { buildTrainingSet } from "../../framework/features/build-training-set.ts";
import { createFolderStore, storeVersion } from "./folder-store.ts";
import { column, dataset, features, literal, trainingJob, window } from "./given.ts";

const file = join(import.meta.dirname, "../../node_modules/vega-datasets/data/flights-3m.parquet");

const flights = dataset(
  "flights",
  {
    date: "timestamp",
    origin: "string",
    destination: "string",
    distance: "integer",
    delay: { type: "integer", known: "6 hours" },
  },
  { eventTime: "date" },
);
const meanDelay = (...by: string[]) =>
  window("mean", column("delay"), { by: by.map(column), over: "7 days", lag: "12 hours" });
const routes = features("routes", "flights", {
  hour: { op: "hour", of: column("date") },
  weekday: { op: "dayOfWeek", of: column("date") },
  distance: column("distance"),
  origin: ["category", { op: "category", of: column("origin") }],
  destination: ["category", { op: "category", of: column("destination") }],
  originDelay7d: meanDelay("origin"),
  routeDelay7d: meanDelay("origin", "destination"),
});
const late = trainingJob({
  name: "late-training",
  features: [{ set: "routes", by: {} }],
  label: { op: "gt", left: column("delay"), right: literal(15) },
  task: "binary",
  split: { test: "14 days", validation: "7 days", gap: "6 hours" },
});

const check = z.object({ expected: z.number().nullable(), got: z.number().nullable() });
const summary = z.object({
  rows: z.coerce.number(),
  hours: z.tuple([z.number(), z.number()]),
  weekdays: z.tuple([z.number(), z.number()]),
  late: z.number(),
  without: z.coerce.number(),
});

describe("a training set of three million flights", () => {
  it("has the examples, features and splits that plain SQL finds", async () => {
    await using store = await createFolderStore();
    const source = `SELECT date, origin, destination, distance, delay FROM read_parquet(${quotePath(file)})`;
    const { trainingSet, leftOut } = await buildTrainingSet({
      training: late,
      features: { routes },
      datasets: { flights: await storeVersion(store, flights, [`${source} ORDER BY date`]) },
      identity: "flights",
      store,
      workFolder: store.folder,
    });
    const { train, validation, test } = trainingSet.splits;

    await withDuckDb(store.folder, async (db) => {
      const counts = await db.rows(
        `SELECT count(*) FILTER (date > last - INTERVAL '336 hours') AS test,
          count(*) FILTER (date > last - INTERVAL '510 hours' AND date <= last - INTERVAL '342 hours') AS validation,
          count(*) FILTER (date <= last - INTERVAL '516 hours') AS train
        FROM (SELECT date, max(date) OVER () AS last FROM (${source}))`,
        z.object({ train: z.coerce.number(), validation: z.coerce.number(), test: z.coerce.number() }),
      );
      expect(counts).toEqual([{ train: train.rows, validation: validation.rows, test: test.rows }]);
      expect(leftOut).toEqual({ unlabelled: 0, gaps: 3_000_000 - train.rows - validation.rows - test.rows });

      const path = quotePath(store.pathOf(train.object));
      const [found] = await db.rows(
        `SELECT count(*) AS rows, [min(hour), max(hour)] AS hours, [min(weekday), max(weekday)] AS weekdays,
          avg(__label) AS late, count(*) FILTER (originDelay7d IS NULL) AS without FROM read_parquet(${path})`,
        summary,
      );
      expect(found).toMatchObject({ rows: train.rows, hours: [0, 23], weekdays: [1, 7] });
      expect(found?.late).toBeCloseTo(trainingSet.prior, 12);
      // Only the first twelve hours have nothing behind them, and airports with few flights.
      expect(found?.without).toBeGreaterThan(0);
      expect(found?.without).toBeLessThan(train.rows / 50);

      for (const [feature, isSame] of [
        ["originDelay7d", "f.origin = e.origin"],
        ["routeDelay7d", "f.origin = e.origin AND f.destination = e.destination"],
      ]) {
        const checks = await db.rows(
          `SELECT e.${feature} AS got, (
              SELECT avg(f.delay) FROM (${source}) AS f WHERE ${isSame}
                AND f.date >= e.__time - INTERVAL '180 hours' AND f.date < e.__time - INTERVAL '12 hours'
            ) AS expected
          FROM (SELECT * FROM read_parquet(${path}) ORDER BY hash(__time, origin, destination, distance) LIMIT 50) AS e`,
          check,
        );
        expect(checks).toHaveLength(50);
        expect(checks.filter(({ expected }) => expected !== null).length).toBeGreaterThan(40);
        for (const { got, expected } of checks) {
          if (expected === null) expect(got).toBeNull();
          else expect(got).toBeCloseTo(expected, 9);
        }
      }
    });
    expect(trainingSet.categories["origin"]?.slice(0, 3)).toEqual(["ABE", "ABI", "ABQ"]);
  }, 240_000);
});
