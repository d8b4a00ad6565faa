/**
 * What tests of a model ask, and whom: a sample of its test rows, and the model, opened.
 * @module
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { quoteName, quotePath } from "../../data/sql.ts";
import type { TrainingSet } from "../../features/training-set.ts";
import { encodeRows, type FeatureValue, tolerateUnseen } from "../../models/encode.ts";
import { type ModelSession, openSession } from "../../models/session.ts";
import type { FeatureRow } from "../../models/test-split.ts";
import type { Reference } from "../../store/reference.ts";
import type { Subject } from "../predict-test-rows.ts";
import { placeEvenly } from "./variation.ts";

export interface SampleOptions {
  readonly candidate: Subject;
  /** The path of a local copy whose bytes have been checked against the reference. */
  readonly fetchFile: (reference: Reference) => Promise<string>;
  /** How many rows at most. @default 1,000 */
  readonly most?: number;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
}

const sampledRows = 1_000;

/** A model that answers rows of features. */
export interface OpenModel extends AsyncDisposable {
  readonly predict: (rows: readonly FeatureRow[]) => Promise<Float32Array>;
}

/** Opens a model; rows that a server would refuse are asked as if what it refuses were missing. */
export async function openModel({ package: made }: Subject, fetchFile: SampleOptions["fetchFile"]): Promise<OpenModel> {
  const session: ModelSession = await openSession(await fetchFile(made.onnx), made.inputs.length, made.classes?.length);
  const signature = tolerateUnseen(made);
  return {
    predict: (rows) => session.predict(encodeRows(signature, rows), rows.length),
    [Symbol.asyncDispose]: () => session.close(),
  };
}

/** Reads test rows from all over the split, 1,000 at most unless told. */
export async function readSample({
  candidate,
  fetchFile,
  signal,
  most = sampledRows,
}: SampleOptions): Promise<readonly FeatureRow[]> {
  signal?.throwIfAborted();
  const { trainingSet } = candidate;
  const { test } = trainingSet.splits;
  return await readRowsAt({
    file: await fetchFile(test.object),
    trainingSet,
    places: placeEvenly(test.rows, most),
  });
}

export interface PlacedRows {
  /** A local Parquet file, as a training set describes a split. */
  readonly file: string;
  readonly trainingSet: Pick<TrainingSet, "features">;
  /** Where the rows are, from 0. */
  readonly places: readonly number[];
}

/** Reads rows of a split by their places, in the order of the file. The other rows are not looked at. */
export async function readRowsAt({
  file,
  trainingSet: { features },
  places,
}: PlacedRows): Promise<readonly FeatureRow[]> {
  if (places.length === 0) return [];
  const columns = features.map(
    ({ name, type }) => `CAST(${quoteName(name)} AS ${type === "category" ? "VARCHAR" : "DOUBLE"})`,
  );
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  try {
    const connection = await instance.connect();
    const read = await connection.runAndReadAll(
      `SELECT ${columns.join(", ")} FROM read_parquet(${quotePath(file)}, hive_partitioning = false, file_row_number = true)
       WHERE file_row_number IN (${places.join(", ")}) ORDER BY file_row_number`,
    );
    return read
      .getRows()
      .map((values) =>
        Object.fromEntries(features.map(({ name }, at) => [name, (values[at] ?? null) as FeatureValue])),
      );
  } finally {
    instance.closeSync();
  }
}
