/**
 * The example's flights as they come in: a file a week, January to June. Each week is one more file, of which alone is read;
 * what is derived from the flights follows by itself; and a prediction is made from what the online store holds of them.
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { datasetVersionSchema } from "../../../framework/data/dataset-version.ts";
import { copyToParquet, withDuckDb } from "../../../framework/data/duckdb.ts";
import { quotePath } from "../../../framework/data/sql.ts";
import { listVersionParts } from "../../../framework/data/version-files.ts";
import { locateSource } from "../../../framework/definitions/source-location.ts";
import type { LiveDataset } from "../../../framework/engine/entity-status.ts";
import { type Checkout, copyCheckout } from "../../support/checkout.ts";
import { type StackView, viewStack } from "../../support/deployed.ts";
import { expectServedAsTrained } from "../served-features.ts";

const deploy = ["up", "-s", "weekly", "--yes", "--skip-preview"];
/** Weeks of 2001 that are there when the stack is made; the others come one by one. */
const atFirst = 20;
const weeks = 26;

let checkout: Checkout;
let view: StackView;
let flights: string;

beforeAll(() => {
  checkout = copyCheckout();
  flights = locateSource(join(import.meta.dirname, "../../../examples/flights"), {
    kind: "file",
    format: "parquet",
    path: "npm:vega-datasets/data/flights-3m.parquet",
  });
  mkdirSync(join(checkout.folder, "weeks"));
  const settings = [
    "config:",
    "  steward:project: examples/flights/project.ts",
    "  steward:environment: weekly",
    "  steward:inputs:",
    `    flights.weeks: ${join(checkout.folder, "weeks", "*.parquet")}`,
    "",
  ];
  writeFileSync(join(checkout.folder, "Pulumi.weekly.yaml"), settings.join("\n"));
  view = viewStack({ folder: join(checkout.folder, ".steward/stacks/weekly"), project: "flights" });
});

afterAll(() => checkout.end());

describe("flights that come in week by week", () => {
  it("are one version a week, which reads the new file alone, and what is derived follows", async () => {
    for (let week = 1; week <= atFirst; week++) await arrive(week);
    // Whether a model of these weeks alone passes its gates at every airport is nothing that the data wait for.
    await checkout.pulumi(deploy);
    for (let week = atFirst + 1; week <= weeks; week++) {
      const before = await readParts("flights");
      await arrive(week);
      const ingested = await checkout.steward(["ingest", "flights", "-s", "weekly"]);
      expect(ingested.code, ingested.output).toBe(0);
      const after = await readParts("flights");
      expect([...before.keys()].every((digest) => after.has(digest))).toBe(true);
      expect(after.size - before.size).toBe(1);
    }
    const again = await checkout.steward(["ingest", "flights", "-s", "weekly"]);
    expect([again.code, again.output]).toEqual([0, expect.stringContaining("nothing new")]);
    const log = await checkout.steward(["data", "log", "flights", "-s", "weekly", "--json"]);
    expect(JSON.parse(log.stdout)).toMatchObject({ versions: { length: weeks - atFirst + 1 } });
    const { rows, quarantined } = await readLive("flights");
    expect([rows, quarantined]).toEqual([2_999_989, 11]);
    await expect.poll(async () => (await readLive("trips")).rows, { timeout: 120_000 }).toBe(2_999_798);
  });

  it("are trained on by the next update, and answered with what was known of the week before", async () => {
    const up = await checkout.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    await expectServedAsTrained(view);
  });
});

/** A week's file comes in. */
async function arrive(week: number): Promise<void> {
  const from = `TIMESTAMP '2001-01-01' + to_days(${7 * (week - 1)})`;
  const to = week === weeks ? "TIMESTAMP '2002-01-01'" : `TIMESTAMP '2001-01-01' + to_days(${7 * week})`;
  const name = `2001-${String(week).padStart(2, "0")}.parquet`;
  const query = `SELECT * FROM read_parquet(${quotePath(flights)}) WHERE date >= ${from} AND date < ${to}`;
  await withDuckDb(checkout.folder, (db) => db.run(copyToParquet(query, join(checkout.folder, "weeks", name))));
}

/** The digests of the parts of a dataset's live version. */
async function readParts(dataset: string): Promise<ReadonlySet<string>> {
  const { root } = await readLive(dataset);
  return view.store(async (store) => {
    const parts = await listVersionParts(store, await store.getJson(root, datasetVersionSchema));
    return new Set(parts.map(({ object }) => object.sha256));
  });
}

async function readLive(dataset: string): Promise<LiveDataset> {
  const live = await view.live("dataset", dataset);
  if (live?.kind !== "dataset") throw new Error(`dataset "${dataset}" has no version`);
  return live;
}
