/**
 * How much a model that nobody can look into relies on each feature: how its error grows when the feature's values are
 * exchanged between rows (permutation importance; Breiman 2001).
 * @module
 */

import { createDraw } from "../models/random.ts";
import type { Matrix } from "../models/tree-model.ts";
import type { PredictMatrix } from "./explanation.ts";

export interface PermutationOptions {
  readonly rows: Matrix;
  /** What is true of each row: a number, or the place of its class. */
  readonly labels: ArrayLike<number>;
  readonly predict: PredictMatrix;
  readonly seed: number;
  /** How often the values of a feature are exchanged. @default 5 */
  readonly repeats?: number;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
  /** Told after each feature how many are done. @default nobody is told */
  readonly onFeature?: (done: number) => void;
}

export interface PermutationImportance {
  /** By how much the mean squared error grows, the mean of all repeats. Below 0 by chance alone. */
  readonly importance: number;
  /** The standard deviation of the repeats. */
  readonly spread: number;
  /** From −1 to 1: whether a larger value makes a larger answer, of several classes the last one's. @default nothing follows it */
  readonly direction?: number;
}

/** Measures all features, in the order of their columns. */
export async function measurePermutation(options: PermutationOptions): Promise<readonly PermutationImportance[]> {
  const { rows, labels, predict, seed, repeats = 5, signal, onFeature } = options;
  const { matrix, width } = rows;
  const count = matrix.length / width;
  const answers = await predict(matrix, count);
  const usual = meanSquaredError(answers, labels);
  const draw = createDraw(seed);
  const found: PermutationImportance[] = [];
  for (let feature = 0; feature < width; feature++) {
    const growth: number[] = [];
    const together = createCorrelation();
    for (let repeat = 0; repeat < repeats; repeat++) {
      signal?.throwIfAborted();
      const exchanged = exchange({ matrix, width }, feature, draw);
      const others = await predict(exchanged, count);
      growth.push(meanSquaredError(others, labels) - usual);
      const outputs = others.length / count;
      for (let row = 0; row < count; row++) {
        const at = row * width + feature;
        const answer = (row + 1) * outputs - 1;
        together.add(
          (exchanged[at] as number) - (matrix[at] as number),
          (others[answer] as number) - (answers[answer] as number),
        );
      }
    }
    const importance = growth.reduce((total, each) => total + each, 0) / repeats;
    const deviation = growth.reduce((total, each) => total + (each - importance) ** 2, 0) / Math.max(1, repeats - 1);
    const direction = together.value();
    found.push({ importance, spread: Math.sqrt(deviation), ...(direction !== undefined && { direction }) });
    onFeature?.(feature + 1);
  }
  return found;
}

/** The rows with the values of one feature in another order. */
function exchange({ matrix, width }: Matrix, feature: number, draw: () => number): Float32Array {
  const exchanged = Float32Array.from(matrix);
  for (let row = matrix.length / width - 1; row > 0; row--) {
    const [at, other] = [row * width + feature, Math.floor((draw() / 2 ** 32) * (row + 1)) * width + feature];
    [exchanged[at], exchanged[other]] = [exchanged[other] as number, exchanged[at] as number];
  }
  return exchanged;
}

/** Of several classes the sum over all, as Brier has it. What is no number, as rows that never were may be answered, is left out. */
function meanSquaredError(answers: Float32Array, labels: ArrayLike<number>): number {
  const outputs = answers.length / labels.length;
  let [total, counted] = [0, 0];
  for (const [at, answer] of answers.entries()) {
    const label = labels[Math.floor(at / outputs)] as number;
    if (!Number.isFinite(answer) || !Number.isFinite(label)) continue;
    total += (answer - (outputs === 1 ? label : Number(label === at % outputs))) ** 2;
    counted++;
  }
  return counted === 0 ? 0 : (total * outputs) / counted;
}

/** The correlation of pairs, those left out of which one is missing. */
export function createCorrelation(): {
  readonly add: (x: number, y: number) => void;
  /** @returns nothing where one of them is always the same */
  readonly value: () => number | undefined;
} {
  let [n, meanX, meanY, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  return {
    add: (x, y) => {
      if (!Number.isFinite(x) || !Number.isFinite(y)) return;
      n++;
      const [dx, dy] = [x - meanX, y - meanY];
      meanX += dx / n;
      meanY += dy / n;
      xx += dx * (x - meanX);
      yy += dy * (y - meanY);
      xy += dx * (y - meanY);
    },
    value: () => (xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : undefined),
  };
}
