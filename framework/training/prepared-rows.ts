/**
 * The rows of a job with what was fitted applied to them: what a trainer reads is what the model will get.
 * @module
 */
import { join } from "node:path";
import { copyToParquet, withDuckDb } from "../data/duckdb.ts";
import { quoteName, quotePath } from "../data/sql.ts";
import { compileSteps } from "../features/fitted-step.ts";
import type { TrainingSet } from "../features/training-set.ts";

/** A feature that is not as it stands in the splits, and SQL of what it is. */
export interface PreparedFeature {
  readonly name: string;
  readonly sql: string;
}

/** The features that fitted steps change. */
export function listPrepared({
  features,
  categories,
  fitted = {},
}: Pick<TrainingSet, "features" | "categories" | "fitted">): PreparedFeature[] {
  return features.flatMap(({ name }) => {
    const steps = Object.hasOwn(fitted, name) ? (fitted[name] ?? []) : [];
    const column = quoteName(name);
    const sql = compileSteps(column, steps, categories[name]);
    // What refuses unseen texts leaves the others alone.
    return sql === column ? [] : [{ name, sql }];
  });
}

/** The files of the training and validation rows. */
type Files = Readonly<Record<"train" | "validation", string>>;

/** Copies files into a folder with features changed, the rows in their order. */
export async function prepareRows(
  { train, validation }: Files,
  prepared: readonly PreparedFeature[],
  {
    folder,
    numbers,
    signal,
  }: {
    readonly folder: string;
    /** How many features a row has. */
    readonly numbers: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Files> {
  const copies = { train: join(folder, "train.parquet"), validation: join(folder, "validation.parquet") };
  const replaced = prepared.map(({ name, sql }) => `${sql} AS ${quoteName(name)}`).join(", ");
  const copy = (from: string, to: string) =>
    copyToParquet(
      `SELECT * REPLACE (${replaced}) FROM read_parquet(${quotePath(from)}, hive_partitioning = false)`,
      to,
      { numbers },
    );
  await withDuckDb(
    folder,
    async (db) => {
      await db.run(copy(train, copies.train));
      await db.run(copy(validation, copies.validation));
    },
    { ...(signal && { signal }) },
  );
  return copies;
}
