/**
 * The attributions of a candidate on test rows: some are kept while all are read to be judged, so that they are read once.
 * @module
 */

import { readBackground } from "../explanation/background-rows.ts";
import { createRowSample } from "../explanation/row-sample.ts";
import { encodeRows, tolerateUnseen } from "../models/encode.ts";
import type { FeatureRow } from "../models/test-split.ts";
import type { Reference } from "../store/reference.ts";
import { attribute } from "./attribute.ts";
import type { Attributions } from "./attributions.ts";
import type { Subject } from "./predict-test-rows.ts";

export interface CandidateAttributions {
  /** Is given the test rows, batch by batch. */
  readonly onFeatures: (rows: readonly FeatureRow[]) => void;
  /** Finds the attributions once all rows were given. @returns nothing where there are no rows to look at */
  readonly find: (given: FindOptions) => Promise<Attributions | undefined>;
}

export interface FindOptions {
  /** What is true of all test rows. */
  readonly labels: ArrayLike<number>;
  /** The path of a local copy whose bytes have been checked against the reference. */
  readonly fetchFile: (reference: Reference) => Promise<string>;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
  /** Told in one line how far the work is. @default nobody is told */
  readonly onProgress?: (line: string) => void;
}

/** How many test rows are looked at, at most. */
const mostRows = 2_000;
const seed = 3;

export function prepareAttributions({ package: modelPackage, trainingSet }: Subject): CandidateAttributions {
  const width = trainingSet.features.length;
  const sample = createRowSample({ of: trainingSet.splits.test.rows, most: mostRows, width, seed });
  const encoding = tolerateUnseen(modelPackage);
  return {
    onFeatures: (rows) => sample.take(encodeRows(encoding, rows)),
    find: async ({ labels, fetchFile, signal, onProgress }) => {
      const listeners = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
      return attribute({
        package: modelPackage,
        file: await fetchFile(modelPackage.onnx),
        rows: { matrix: sample.matrix, width },
        labels: sample.rows.map((row) => labels[row] ?? Number.NaN),
        background: await readBackground({ package: modelPackage, trainingSet, fetchFile, ...listeners }),
        ...listeners,
      });
    },
  };
}
