/**
 * Finds how much each feature counts in a model's answers to test rows: by the paths of its trees where it is an ensemble of
 * trees, and else by exchanging values.
 * @module
 */
import { setImmediate } from "node:timers/promises";
import { type Explainer, openExplainer } from "../explanation/explainer.ts";
import { type Explained, InexactAttributions, type PredictMatrix } from "../explanation/explanation.ts";
import { createCorrelation, measurePermutation } from "../explanation/permutation-importance.ts";
import type { ModelPackage } from "../models/model-package.ts";
import { openSession } from "../models/session.ts";
import type { Matrix } from "../models/tree-model.ts";
import { type Attributions, type FeatureAttribution, rankFeatures } from "./attributions.ts";
import { formatCount } from "./number-text.ts";

export interface AttributeOptions {
  readonly package: ModelPackage;
  /** The path of the package's model. */
  readonly file: string;
  /** Test rows, as the model is given them. */
  readonly rows: Matrix;
  /** What is true of each of them. */
  readonly labels: ArrayLike<number>;
  /** Rows that stand for what is usual. */
  readonly background: Matrix;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
  /** Told in one line how far the work is. @default nobody is told */
  readonly onProgress?: (line: string) => void;
}

const seed = 1;
/** About how many steps of trees are taken at most, which is some twenty seconds, and how many answers are asked for. */
const mostSteps = 4e9;
const mostAnswers = 1_000_000;
/** From fewer rows no mean is taken: a model so large is looked at from outside. */
const fewestRows = 50;
const repeats = 5;
/** How many rows are explained before others have their turn. */
const batch = 32;

/** @returns nothing where there are no rows to look at */
export async function attribute(options: AttributeOptions): Promise<Attributions | undefined> {
  const { package: modelPackage, file, rows, background } = options;
  if (rows.matrix.length === 0 || background.matrix.length === 0) return undefined;
  const { inputs, classes } = modelPackage;
  const session = await openSession(file, inputs.length, classes?.length);
  try {
    const predict: PredictMatrix = (matrix, count) => session.predict(matrix, count);
    const explainer = await openExplainer({ file, background, predict, seed });
    try {
      return (
        (await attributeByTrees(explainer, options)) ?? (await attributeByPermutation(explainer, options, predict))
      );
    } finally {
      await explainer.close();
    }
  } finally {
    await session.close();
  }
}

async function attributeByTrees(explainer: Explainer, options: AttributeOptions): Promise<Attributions | undefined> {
  const { signal, onProgress } = options;
  const all = countRows(options.rows);
  const chosen = chooseRows(all, mostSteps / explainer.steps);
  if (explainer.method !== "tree-shap" || chosen.length < Math.min(fewestRows, all)) return undefined;
  const rows = takeRows(options.rows, chosen);
  const { width } = rows;
  const count = chosen.length;
  const explained: (readonly Explained[])[] = [];
  try {
    for (let at = 0; at < count; at += batch) {
      signal?.throwIfAborted();
      const part = rows.matrix.slice(at * width, (at + batch) * width);
      explained.push(...(await explainer.explain({ matrix: part, width })));
      onProgress?.(`explained ${formatCount(Math.min(at + batch, count), "row")} of ${count}`);
      await setImmediate();
    }
  } catch (error) {
    if (error instanceof InexactAttributions) return undefined;
    throw error;
  }
  const [first = []] = explained;
  const only = first.length === 1 ? first[0] : undefined;
  return {
    method: "tree-shap",
    unit: explainer.unit,
    rows: count,
    background: countRows(options.background),
    ...(only && { expected: only.expected }),
    ...rankFeatures(
      options.package.inputs.map(({ name, type }, feature) => summarize({ name, type, feature }, { rows, explained })),
    ),
  };
}

interface Input {
  readonly name: string;
  readonly type: ModelPackage["inputs"][number]["type"];
  readonly feature: number;
}

function summarize(
  { name, type, feature }: Input,
  { rows, explained }: { rows: Matrix; explained: readonly (readonly Explained[])[] },
): FeatureAttribution {
  const together = createCorrelation();
  const values = new Float64Array(explained.length);
  const added = new Float64Array(explained.length);
  let total = 0;
  for (const [row, answers] of explained.entries()) {
    for (const { attributions } of answers) total += Math.abs(attributions[feature] as number);
    values[row] = isMissing(type, rows.matrix[row * rows.width + feature] as number);
    added[row] = answers[0]?.attributions[feature] ?? 0;
    together.add(values[row], added[row]);
  }
  const isOne = explained[0]?.length === 1;
  const direction = isOne && type !== "category" ? together.value() : undefined;
  return {
    feature: name,
    importance: total / explained.length,
    ...(direction !== undefined && { direction }),
    // The codes of categories have an order that says nothing.
    ...(isOne && { byRow: { values: type === "category" ? values.fill(Number.NaN) : values, added } }),
  };
}

/** A value, NaN for a missing one: a category that is none has the code −1. */
function isMissing(type: Input["type"], value: number): number {
  return type === "category" && value < 0 ? Number.NaN : value;
}

async function attributeByPermutation(
  { method, why }: Explainer,
  options: AttributeOptions,
  predict: PredictMatrix,
): Promise<Attributions> {
  const { inputs } = options.package;
  const most = Math.max(fewestRows, mostAnswers / (inputs.length * repeats));
  const chosen = chooseRows(countRows(options.rows), most);
  const rows = takeRows(options.rows, chosen);
  const { labels, signal, onProgress } = options;
  const found = await measurePermutation({
    rows,
    labels: chosen.map((row) => labels[row] ?? Number.NaN),
    predict,
    seed,
    repeats,
    ...(signal && { signal }),
    onFeature: (done) => onProgress?.(`exchanged the values of ${formatCount(done, "feature")} of ${inputs.length}`),
  });
  return {
    method: "permutation",
    why:
      why ??
      (method === "tree-shap" ? "its trees are too many or too deep to be followed" : "it is no ensemble of trees"),
    unit: "squared-error",
    rows: chosen.length,
    background: 0,
    ...rankFeatures(
      inputs.map(({ name, type }, feature) => {
        const { importance = 0, spread = 0, direction } = found[feature] ?? {};
        const follows = direction !== undefined && type !== "category" && !options.package.classes;
        return { feature: name, importance, spread, ...(follows && { direction }) };
      }),
    ),
  };
}

function countRows({ matrix, width }: Matrix): number {
  return matrix.length / width;
}

/** Which of the rows are looked at where there is no time for all: they stand in the order of time, so even distances. */
function chooseRows(count: number, most: number): readonly number[] {
  const taken = Math.max(0, Math.min(count, Math.floor(most)));
  return Array.from({ length: taken }, (_, at) => Math.floor((at * count) / taken));
}

function takeRows({ matrix, width }: Matrix, rows: readonly number[]): Matrix {
  const taken = new Float32Array(rows.length * width);
  for (const [at, row] of rows.entries()) taken.set(matrix.subarray(row * width, (row + 1) * width), at * width);
  return { matrix: taken, width };
}
