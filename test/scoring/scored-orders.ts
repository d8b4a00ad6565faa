/**
 * Orders and models that score them, in a real store: what is scored, and what a model server answers to the same rows.
 * @module
 */
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { datasetVersionSchema } from "../../framework/data/dataset-version.ts";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { quotePath } from "../../framework/data/sql.ts";
import { listVersionParts } from "../../framework/data/version-files.ts";
import type { DatasetSpec, FeaturesSpec, TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { FeatureValue } from "../../framework/models/encode.ts";
import type { ModelPackage } from "../../framework/models/model-package.ts";
import { type ScoreOptions, scoreDataset } from "../../framework/scoring/score-dataset.ts";
import { type ScoreRequest, type ScoreResult, scoringIdentity } from "../../framework/scoring/scoring.ts";
import { loadModel } from "../../framework/serving/live-model.ts";
import type { Store } from "../../framework/store/store.ts";
import { storeVersion } from "../features/folder-store.ts";
import { job, orders } from "../features/orders.ts";

/** An order each hour, with a key. */
export const placed: DatasetSpec = {
  ...orders,
  columns: [...orders.columns, { name: "id", type: "integer", nullable: false, known: "0 seconds" }],
  key: ["id"],
};
export const stars: TrainingJobSpec = job;

/** Orders by their numbers: every seventh has no price, and some no city. */
export function listOrders(from: number, to: number): string {
  return `SELECT TIMESTAMP '2024-03-01' + to_hours(i) AS time, ['b', 'ä', 'B', 'a', 'zz', NULL][1 + i % 6] AS city,
    i % 2 = 0 AS gift, CASE WHEN i % 7 > 0 THEN i / 7 END AS price, CASE WHEN i % 10 < 9 THEN i % 5 END AS rating, i AS id
    FROM range(${from}, ${to}) AS t(i)`;
}

export interface Given {
  readonly store: Store;
  readonly folder: string;
  readonly dataset?: DatasetSpec;
  readonly features: FeaturesSpec;
  /** The queries of its parts. */
  readonly parts: readonly string[];
  readonly onnx: Uint8Array;
  readonly package: Pick<ModelPackage, "inputs" | "task" | "output" | "example"> & Partial<ModelPackage>;
  readonly columns?: readonly string[];
}

export interface Asked {
  readonly request: ScoreRequest;
  readonly package: ModelPackage;
}

/** Stores all that a request refers to. */
export async function ask(given: Given): Promise<Asked> {
  const { store, folder, dataset = placed, features, parts, columns = [] } = given;
  const work = await mkdtemp(join(folder, "given-"));
  await writeFile(join(work, "model.onnx"), given.onnx);
  const made: ModelPackage = {
    format: "model-package/3",
    model: "stars",
    onnx: await store.putFile(join(work, "model.onnx")),
    categories: {},
    run: "run",
    trainingSet: "set",
    ...given.package,
  };
  const { version } = await storeVersion({ ...store, folder: work, putFile: store.putFile }, dataset, parts);
  const wanted = {
    model: "stars",
    version: 3,
    package: (await store.putJson(made)).sha256,
    training: await store.putJson(stars),
    features: { orders: await store.putJson(features) },
    dataset: dataset.name,
    datasets: {
      [dataset.name]: { spec: await store.putJson(dataset), root: (await store.putJson(version)).sha256 },
    },
    columns,
  };
  const actor = { id: "ann", via: "test" } as const;
  return { request: { ...wanted, identity: scoringIdentity(wanted), actor }, package: made };
}

/** Scores, in a folder that is found again by the same request. */
export async function score(
  { store, folder }: Pick<Given, "store" | "folder">,
  { request }: Pick<Asked, "request">,
  options: Partial<ScoreOptions> = {},
): Promise<ScoreResult> {
  const workFolder = await mkdtemp(join(folder, "work-"));
  return scoreDataset({ request, store, workFolder, threads: 2, ...options });
}

const row = z.record(z.string(), z.unknown());

/** The rows of a version, in their order. */
export async function readRows(store: Store, root: string, folder: string): Promise<Record<string, unknown>[]> {
  const version = await store.getJson(root, datasetVersionSchema);
  const paths = await Promise.all(
    (await listVersionParts(store, version)).map(({ object }) => store.fetchFile(object)),
  );
  return withDuckDb(folder, (db) => db.rows(`SELECT * FROM read_parquet([${paths.map(quotePath).join(", ")}])`, row));
}

/** What a model server answers to features by column. */
export async function serve(
  store: Store,
  { request, package: made }: Asked,
  columns: Readonly<Record<string, readonly FeatureValue[]>>,
): Promise<readonly number[]> {
  const release = {
    format: "production/1",
    generation: 1,
    version: 1,
    package: request.package,
    evaluation: "e",
  } as const;
  const live = await loadModel({ getJson: async () => made, fetchFile: store.fetchFile }, "stars", release);
  try {
    const rows = Object.values(columns)[0]?.length ?? 0;
    return await live.answer(columns as Parameters<typeof live.answer>[0], rows);
  } finally {
    await live.release();
  }
}
