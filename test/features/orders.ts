/**
 * Orders of ten days with a job that predicts their ratings, and building and reading a training set of them.
 * @module
 */
import { tmpdir } from "node:os";
import { z } from "zod";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { quotePath } from "../../framework/data/sql.ts";
import {
  type BuiltTrainingSet,
  buildTrainingSet,
  type TrainingSetOptions,
} from "../../framework/features/build-training-set.ts";
import { type FolderStore, storeVersion } from "./folder-store.ts";
import { column, dataset, features, trainingJob, window } from "./given.ts";

export const orders = dataset("orders", {
  time: "timestamp",
  city: "string",
  gift: "boolean",
  price: "number",
  rating: { type: "integer", known: "2 hours" },
});
export const routes = features("orders", "orders", {
  price: column("price"),
  gift: ["boolean", column("gift")],
  city: ["category", { op: "category", of: column("city") }],
  ratings: window("mean", column("rating"), { by: [column("city")], over: "2 days", lag: "3 hours" }),
});
export const job = trainingJob({
  name: "stars",
  features: [{ set: "orders", by: {} }],
  label: column("rating"),
  split: { test: "1 day", validation: "1 day", gap: "2 hours" },
});

/** An order each hour of ten days; every tenth has no rating, the last among them. */
export const tenDays = `SELECT TIMESTAMP '2024-03-01' + to_hours(i) AS time, ['b', 'ä', 'B', 'a', '😀', NULL][1 + i % 6] AS city,
  i % 2 = 0 AS gift, i / 7 AS price, CASE WHEN i % 10 < 9 THEN i % 5 END AS rating FROM range(240) AS t(i)`;

type Given = Partial<TrainingSetOptions> & { readonly parts?: readonly string[] };

/** Builds the training set of the job, or of what is given. */
export async function build(
  store: FolderStore,
  { parts = [tenDays], ...given }: Given = {},
): Promise<BuiltTrainingSet> {
  return buildTrainingSet({
    training: job,
    features: { orders: routes },
    datasets: { orders: await storeVersion(store, orders, parts) },
    identity: "the-identity",
    store,
    workFolder: store.folder,
    ...given,
  });
}

/** The rows of a split, in the file's order. */
export function read(
  store: FolderStore,
  { trainingSet }: BuiltTrainingSet,
  split: keyof BuiltTrainingSet["trainingSet"]["splits"],
) {
  const path = store.pathOf(trainingSet.splits[split].object);
  const values = z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]));
  return withDuckDb(tmpdir(), (db) => db.rows(`SELECT * FROM read_parquet(${quotePath(path)})`, values));
}
