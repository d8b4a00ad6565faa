/**
 * Measures a model on the validation rows, by which trainings are chosen among. The test rows are not touched.
 * @module
 */
import { listGroupColumns } from "../definitions/metric-name.ts";
import type { TrainingSet } from "../features/training-set.ts";
import { encodeRows, tolerateUnseen } from "../models/encode.ts";
import { openSession } from "../models/session.ts";
import { readTestSplit } from "../models/test-split.ts";
import type { Reference } from "../store/reference.ts";
import { numberGroups } from "./group-rows.ts";
import { findMetric } from "./metrics.ts";
import { measureScales } from "./naive-scale.ts";
import { validateAnswers } from "./validate-evaluation.ts";

export interface ValidationOptions {
  /** What the model is called in problems. */
  readonly name: string;
  readonly onnx: Reference;
  /** What it was trained on. */
  readonly trainingSet: TrainingSet;
  /** Names of metrics of the training set's task. */
  readonly metrics: readonly string[];
  /** The path of a local copy whose bytes have been checked against the reference. */
  readonly fetchFile: (reference: Reference) => Promise<string>;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
}

/**
 * Lets a model predict the validation rows and measures its answers.
 *
 * @returns in the order of the metrics; NaN where one is not defined on these rows, as AUC where all labels are the same
 * @throws StewardError `prediction-unfit` for answers that are not what the task promises
 */
export async function measureValidation(options: ValidationOptions): Promise<readonly number[]> {
  const { name, onnx, trainingSet, metrics, fetchFile, signal } = options;
  const { splits, features, categories, fitted, task } = trainingSet;
  const signature = tolerateUnseen({ inputs: features, categories, ...(fitted && { fitted }) });
  const grouped = listGroupColumns(metrics);
  const session = await openSession(await fetchFile(onnx), features.length, trainingSet.classes?.length);
  try {
    const { labels, predictions, width, ...read } = await readTestSplit({
      file: await fetchFile(splits.validation.object),
      // The rows are read as an evaluation reads the test rows, from the file of another split.
      trainingSet: { ...trainingSet, splits: { ...splits, test: splits.validation } },
      models: [(rows) => session.predict(encodeRows(signature, rows), rows.length)],
      slices: grouped,
      ...(signal && { signal }),
    });
    const sample = {
      labels,
      predictions: predictions[0] ?? new Float64Array(),
      width,
      groups: Object.fromEntries(grouped.map((by, i) => [by, numberGroups(read.slices[i] ?? [])])),
      ...(await measureScales({ trainingSet, metrics, fetchFile })),
    };
    validateAnswers(name, task, sample);
    const once = new Uint8Array(labels.length).fill(1);
    return metrics.map((metric) => findMetric(metric)?.prepare(sample)(once) ?? Number.NaN);
  } finally {
    await session.close();
  }
}
