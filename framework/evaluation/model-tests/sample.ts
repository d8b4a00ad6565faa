/**
 * What tests of a model ask, and whom: a sample of its test rows, and the model, opened.
 * @module
 */
import { encodeRows, tolerateUnseen } from "../../models/encode.ts";
import { type ModelSession, openSession } from "../../models/session.ts";
import type { Reference } from "../../store/reference.ts";
import type { Subject } from "../predict-test-rows.ts";
import { type FeatureRow, readTestSplit } from "../test-split.ts";
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
  const session: ModelSession = await openSession(await fetchFile(made.onnx), made.inputs.length);
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
  const { trainingSet } = candidate;
  const { test } = trainingSet.splits;
  const chosen = new Set(placeEvenly(test.rows, most));
  const sample: FeatureRow[] = [];
  let row = 0;
  const keep = async (rows: readonly FeatureRow[]) => {
    for (const each of rows) if (chosen.has(row++)) sample.push(each);
    return new Float32Array(rows.length);
  };
  await readTestSplit({ file: await fetchFile(test.object), trainingSet, models: [keep], ...(signal && { signal }) });
  return sample;
}
