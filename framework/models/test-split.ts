/**
 * The test split, read once from its Parquet file: what was true, and what each model says about it.
 * @module
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { quoteName, quotePath } from "../data/sql.ts";
import { StewardError } from "../definitions/problem.ts";
import { reservedColumns, type TrainingSet } from "../features/training-set.ts";
import type { FeatureValue } from "./encode.ts";

/** Features by name, null where missing, booleans as 0 and 1. */
export type FeatureRow = Readonly<Record<string, FeatureValue>>;

/** Answers for rows, in their order: of several classes a probability for each, row by row. */
export type Predict = (rows: readonly FeatureRow[]) => Promise<Float32Array>;

/** The test rows by column, in the file's order. */
export interface TestSplit {
  readonly rows: number;
  /** Of several classes the place of each row's own. */
  readonly labels: Float64Array;
  /** Microseconds since 1970. */
  readonly times: Float64Array;
  /** The values of each slice column, in the order asked; a missing one reads `(missing)`. */
  readonly slices: readonly (readonly string[])[];
  /** The values of the kept feature, NaN where missing; empty when none was asked for. */
  readonly kept: Float64Array;
  /** What each model predicts, in the order of `models`: `width` numbers a row. */
  readonly predictions: readonly Float64Array[];
  /** How many numbers a row is predicted with: one for each of several classes, or 1. */
  readonly width: number;
}

export interface ReadOptions {
  /** A local Parquet file, as a training set's split describes it. */
  readonly file: string;
  readonly trainingSet: TrainingSet;
  readonly models: readonly Predict[];
  /** Columns of the spine to keep for slicing. @default none */
  readonly slices?: readonly string[];
  /** A number or boolean feature whose values to keep. @default none */
  readonly keep?: string;
  readonly signal?: AbortSignal;
  /** Given the features of each batch. @default nobody is given them */
  readonly onFeatures?: (rows: readonly FeatureRow[]) => void;
  /** Told after each batch how many rows are done. @default nobody is told */
  readonly onRows?: (rows: number) => void;
}

/** Reads the file batch by batch, so that features are never all in memory, and lets each model predict each batch. */
export async function readTestSplit(options: ReadOptions): Promise<TestSplit> {
  const { file, trainingSet, models, slices = [], keep, signal, onFeatures, onRows } = options;
  const { features } = trainingSet;
  const { rows } = trainingSet.splits.test;
  const width = trainingSet.classes?.length ?? 1;
  const split = {
    rows,
    labels: new Float64Array(rows),
    times: new Float64Array(rows),
    slices: slices.map(() => new Array<string>(rows)),
    kept: new Float64Array(keep === undefined ? 0 : rows),
    predictions: models.map(() => new Float64Array(rows * width)),
    width,
  };
  const keptFeature = features.findIndex(({ name }) => name === keep);

  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  try {
    const connection = await instance.connect();
    const result = await connection.stream(selectRows(file, trainingSet, slices));
    let done = 0;
    for await (const batch of result.yieldRows()) {
      signal?.throwIfAborted();
      if (done + batch.length > rows) throw wrongCount(`more than ${rows}`, rows);
      const featureRows = batch.map(([label = null, time = null, ...rest], i) => {
        const values = rest.slice(slices.length);
        split.labels[done + i] = toNumber(label);
        split.times[done + i] = toNumber(time);
        split.slices.forEach((list, at) => {
          list[done + i] = String(rest[at] ?? "(missing)");
        });
        if (keptFeature >= 0) split.kept[done + i] = toNumber(values[keptFeature] ?? null);
        return Object.fromEntries(
          features.map(({ name, type }, at) => [name, toFeature(type, values[at] ?? null)] as const),
        );
      });
      onFeatures?.(featureRows);
      for (const [i, predict] of models.entries()) split.predictions[i]?.set(await predict(featureRows), done * width);
      done += batch.length;
      onRows?.(done);
    }
    if (done !== rows) throw wrongCount(String(done), rows);
  } finally {
    instance.closeSync();
  }
  return split;
}

/** One row per example: label, time in microseconds, slices, then features in the order of the training set. */
function selectRows(file: string, { features }: TrainingSet, slices: readonly string[]): string {
  const columns = [
    `CAST(${quoteName(reservedColumns.label)} AS DOUBLE)`,
    `CAST(epoch_us(${quoteName(reservedColumns.time)}) AS DOUBLE)`,
    ...slices.map((column) => `CAST(${quoteName(reservedColumns.slicePrefix + column)} AS VARCHAR)`),
    ...features.map(({ name, type }) => `CAST(${quoteName(name)} AS ${type === "category" ? "VARCHAR" : "DOUBLE"})`),
  ];
  return `SELECT ${columns.join(", ")} FROM read_parquet(${quotePath(file)}, hive_partitioning = false)`;
}

function toNumber(value: unknown): number {
  return value === null ? Number.NaN : Number(value);
}

function toFeature(type: "number" | "boolean" | "category", value: unknown): FeatureValue {
  if (value === null) return null;
  return type === "category" ? String(value) : Number(value);
}

function wrongCount(got: string, expected: number): StewardError {
  return new StewardError({
    code: "test-split-damaged",
    at: "",
    what: "the test split does not have the rows its training set declares",
    got: `${got} rows`,
    expected: `${expected} rows`,
    fix: "materialise the training set again",
  });
}
