/**
 * Lets the candidate, and the version in production where the two can be compared, predict the same test rows.
 * @module
 */
import type { TrainingSet } from "../features/training-set.ts";
import { encodeRows, tolerateUnseen } from "../models/encode.ts";
import type { ModelPackage } from "../models/model-package.ts";
import { openSession } from "../models/session.ts";
import { type FeatureRow, type Predict, readTestSplit, type TestSplit } from "../models/test-split.ts";
import type { Reference } from "../store/reference.ts";
import { formatCount } from "./number-text.ts";
import { validateAnswers } from "./validate-evaluation.ts";

/** A model with the training set that its test rows belong to. */
export interface Subject {
  readonly package: ModelPackage;
  /** The digest of the package. */
  readonly packageDigest: string;
  readonly trainingSet: TrainingSet;
}

export interface PredictOptions {
  readonly candidate: Subject;
  /** The version in production. @default nothing is in production */
  readonly production?: Subject;
  /** The path of a local copy whose bytes have been checked against the reference. */
  readonly fetchFile: (reference: Reference) => Promise<string>;
  /** Columns of the spine to keep for slicing. */
  readonly slices: readonly string[];
  /** Those of the slices by which production is judged too: its rows must have the same values. @default none */
  readonly productionSlices?: readonly string[];
  /** A feature whose values to keep. @default none */
  readonly keep?: string;
  /** Given the features of the candidate's test rows, batch by batch. @default nobody is given them */
  readonly onFeatures?: (rows: readonly FeatureRow[]) => void;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
  /** Told in one line how far the work is. @default nobody is told */
  readonly onProgress?: (line: string) => void;
}

/** What the version in production says of the same rows, or why it says nothing. */
export type ProductionPredictions =
  | { readonly state: "none" }
  | { readonly state: "incomparable"; readonly why: string }
  | { readonly state: "judged"; readonly packageDigest: string; readonly predictions: Float64Array };

export interface TestPredictions {
  readonly split: TestSplit;
  readonly candidate: Float64Array;
  readonly production: ProductionPredictions;
}

/** Reads the candidate's test split once; production's own copy of the rows is read only when it is another file. */
export async function predictTestRows(options: PredictOptions): Promise<TestPredictions> {
  const { candidate, production } = options;
  const shared = production && isSameFile(candidate, production) ? [production] : [];
  const split = await predict([candidate, ...shared], options);
  const [own = new Float64Array(), others] = split.predictions;
  return { split, candidate: own, production: await predictProduction({ ...options, split, others }) };
}

async function predictProduction(
  options: PredictOptions & { readonly split: TestSplit; readonly others: Float64Array | undefined },
): Promise<ProductionPredictions> {
  const {
    candidate,
    production,
    split,
    others,
    fetchFile,
    slices,
    productionSlices = [],
    signal,
    onProgress,
  } = options;
  if (production === undefined) return { state: "none" };
  const { packageDigest, trainingSet } = production;
  if (others) return { state: "judged", packageDigest, predictions: others };

  const why = differenceOfDeclared(candidate.trainingSet, trainingSet);
  if (why !== undefined) return { state: "incomparable", why };
  const missing = productionSlices.find((column) => !trainingSet.slices.includes(column));
  if (missing !== undefined) return { state: "incomparable", why: `its test rows have no "${missing}"` };
  const listeners = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const other = await predict([production], { fetchFile, slices: productionSlices, ...listeners });
  if (!isEqual(split.labels, other.labels) || !isEqual(split.times, other.times)) {
    return { state: "incomparable", why: "its test rows have other labels or times" };
  }
  // Rows of one time and label may lie in another order: of no consequence to all of them together, but to slices.
  for (const [i, column] of productionSlices.entries()) {
    if (isEqual(split.slices[slices.indexOf(column)] ?? [], other.slices[i] ?? [])) continue;
    return { state: "incomparable", why: `its test rows have "${column}" in another order` };
  }
  return { state: "judged", packageDigest, predictions: other.predictions[0] ?? new Float64Array() };
}

/** Predicts the test rows of the first subject by every subject. */
async function predict(
  subjects: readonly [Subject, ...Subject[]],
  options: Omit<PredictOptions, "candidate" | "production" | "productionSlices">,
): Promise<TestSplit> {
  const { fetchFile, slices, keep, onFeatures, signal, onProgress } = options;
  const [{ trainingSet }] = subjects;
  const total = formatCount(trainingSet.splits.test.rows, "test row");
  const file = await fetchFile(trainingSet.splits.test.object);
  const models: OpenModel[] = [];
  try {
    for (const subject of subjects) models.push(await openModel(subject, fetchFile));
    const split = await readTestSplit({
      file,
      trainingSet,
      models: models.map(({ predict }) => predict),
      slices,
      ...(keep !== undefined && { keep }),
      ...(onFeatures && { onFeatures }),
      ...(signal && { signal }),
      onRows: (rows) => onProgress?.(`predicted ${formatCount(rows, "row")} of ${total}`),
    });
    for (const [i, subject] of subjects.entries()) {
      const { model, task } = subject.package;
      const { labels, width } = split;
      validateAnswers(model, task, { labels, width, predictions: split.predictions[i] ?? new Float64Array() });
    }
    return split;
  } finally {
    await Promise.all(models.map(({ close }) => close()));
  }
}

interface OpenModel {
  readonly predict: Predict;
  readonly close: () => Promise<void>;
}

async function openModel(
  { package: modelPackage }: Subject,
  fetchFile: PredictOptions["fetchFile"],
): Promise<OpenModel> {
  const { onnx, inputs, classes } = modelPackage;
  const session = await openSession(await fetchFile(onnx), inputs.length, classes?.length);
  // A row that a server would refuse is judged all the same: leaving it out would flatter the model.
  const signature = tolerateUnseen(modelPackage);
  return {
    predict: (rows) => session.predict(encodeRows(signature, rows), rows.length),
    close: () => session.close(),
  };
}

/** The same bytes may mean something else: a label is the place of its class, of which one may be new that no row has. */
function isSameFile({ trainingSet: own }: Subject, { trainingSet: other }: Subject): boolean {
  const isSame = own.splits.test.object.sha256 === other.splits.test.object.sha256;
  return isSame && differenceOfDeclared(own, other) === undefined;
}

/** Why two training sets cannot have the same test rows, by what they declare; undefined when they may. */
function differenceOfDeclared(own: TrainingSet, other: TrainingSet): string | undefined {
  if (own.task !== other.task) return `it answers a ${other.task}, not a ${own.task}`;
  if (!isEqual(own.classes ?? [], other.classes ?? [])) return "it answers with other classes";
  const [rows, otherRows] = [own.splits.test.rows, other.splits.test.rows];
  return rows === otherRows
    ? undefined
    : `it was kept from ${formatCount(otherRows, "test row")}, not these ${formatCount(rows, "test row")}`;
}

function isEqual<T>(a: ArrayLike<T>, b: ArrayLike<T>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
