/**
 * The background of attributions: rows that stand for what is usual, from the validation split, or from the training rows where
 * that has none. Never test rows: those are read once, to judge by.
 * @module
 */
import type { TrainingSet } from "../features/training-set.ts";
import { encodeRows, tolerateUnseen } from "../models/encode.ts";
import type { ModelPackage } from "../models/model-package.ts";
import { readTestSplit } from "../models/test-split.ts";
import type { Matrix } from "../models/tree-model.ts";
import type { Reference } from "../store/reference.ts";
import { createRowSample } from "./row-sample.ts";

export interface BackgroundOptions {
  readonly package: ModelPackage;
  /** What the model was trained on. */
  readonly trainingSet: TrainingSet;
  /** The path of a local copy whose bytes have been checked against the reference. */
  readonly fetchFile: (reference: Reference) => Promise<string>;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
}

/** How many rows at most. */
const mostRows = 5_000;
const seed = 11;

/** Reads the rows as a model is given them: the same rows each time. */
export async function readBackground(options: BackgroundOptions): Promise<Matrix> {
  const { package: modelPackage, trainingSet, fetchFile, signal } = options;
  const { splits, features } = trainingSet;
  const split = splits.validation.rows > 0 ? splits.validation : splits.train;
  const sample = createRowSample({ of: split.rows, most: mostRows, width: features.length, seed });
  const signature = tolerateUnseen(modelPackage);
  await readTestSplit({
    file: await fetchFile(split.object),
    // The rows are read as an evaluation reads the test rows, from the file of another split.
    trainingSet: { ...trainingSet, splits: { ...splits, test: split } },
    models: [],
    onFeatures: (rows) => sample.take(encodeRows(signature, rows)),
    ...(signal && { signal }),
  });
  return { matrix: sample.matrix, width: sample.width };
}
