/**
 * What each feature adds to an answer of any model, by trying it out: features take the values of a row one after the other, in
 * an order drawn by chance and then in the reverse of it, from a row of the background on (Shapley values by sampled orders,
 * antithetic; Mitchell, Cooper, Frank and Holmes 2022).
 * @module
 */

import { createDraw } from "../models/random.ts";
import type { Matrix } from "../models/tree-model.ts";
import { type Explained, InexactAttributions, type PredictMatrix } from "./explanation.ts";

export interface SamplingOptions {
  readonly background: Matrix;
  readonly predict: PredictMatrix;
  readonly seed: number;
  /** How many orders are tried, each forth and back. @default as many as 20,000 answers allow, from 8 to 200 */
  readonly orders?: number;
}

const mostAnswers = 20_000;
const [fewestOrders, mostOrders] = [8, 200];
/** How many rows a model is asked at once. */
const batch = 4_096;

/**
 * Prepares explaining rows; the same row gets the same attributions whichever rows it is among.
 *
 * @throws InexactAttributions, explaining, for a model that answers no numbers to rows that never were
 */
export function explainBySampling(options: SamplingOptions): {
  readonly steps: number;
  readonly explain: (rows: Matrix) => Promise<readonly (readonly Explained[])[]>;
} {
  const { width } = options.background;
  const allowed = Math.floor(mostAnswers / (2 * (width + 1)));
  const orders = options.orders ?? Math.min(Math.max(allowed, fewestOrders), mostOrders);
  return {
    steps: orders * 2 * (width + 1),
    explain: async (rows) => {
      const explained: (readonly Explained[])[] = [];
      for (let at = 0; at < rows.matrix.length; at += width)
        explained.push(await explainRow(rows.matrix.subarray(at, at + width), { ...options, orders }));
      return explained;
    },
  };
}

interface Trial {
  readonly order: readonly number[];
  /** Where the row of the background begins from which it starts. */
  readonly from: number;
}

async function explainRow(
  row: Float32Array,
  { background, predict, seed, orders }: SamplingOptions & { readonly orders: number },
): Promise<readonly Explained[]> {
  const { width } = background;
  const trials = drawTrials({ orders, width, rows: background.matrix.length / width, seed });
  const length = width + 1;
  const matrix = new Float32Array(trials.length * length * width);
  for (const [i, { order, from }] of trials.entries()) {
    const now = Float32Array.from(background.matrix.subarray(from * width, (from + 1) * width));
    matrix.set(now, i * length * width);
    for (const [step, feature] of order.entries()) {
      now[feature] = row[feature] as number;
      matrix.set(now, (i * length + step + 1) * width);
    }
  }
  const answers = await predictInBatches(predict, matrix, width);
  const outputs = answers.length / (trials.length * length);
  return Array.from({ length: outputs }, (_, output) => {
    const answerOf = (trial: number, step: number) => answers[(trial * length + step) * outputs + output] as number;
    return summarize(trials, width, answerOf);
  });
}

/** Each order forth and back from the same row: two trials that err in opposite directions. */
function drawTrials(given: { orders: number; width: number; rows: number; seed: number }): readonly Trial[] {
  const draw = createDraw(given.seed);
  const below = (end: number) => Math.floor((draw() / 2 ** 32) * end);
  return Array.from({ length: given.orders }, () => {
    const order = Array.from({ length: given.width }, (_, at) => at);
    for (let at = order.length - 1; at > 0; at--) {
      const other = below(at + 1);
      [order[at], order[other]] = [order[other] as number, order[at] as number];
    }
    const from = below(given.rows);
    return [
      { order, from },
      { order: order.toReversed(), from },
    ];
  }).flat();
}

async function predictInBatches(predict: PredictMatrix, matrix: Float32Array, width: number): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for (let at = 0; at < matrix.length; at += batch * width) {
    const part = matrix.slice(at, at + batch * width);
    parts.push(await predict(part, part.length / width));
  }
  const answers = new Float32Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    answers.set(part, at);
    at += part.length;
  }
  return answers;
}

function summarize(
  trials: readonly Trial[],
  width: number,
  answerOf: (trial: number, step: number) => number,
): Explained {
  const isNumber = (trial: number) =>
    Array.from({ length: width + 1 }, (_, step) => answerOf(trial, step)).every(Number.isFinite);
  // Rows that never were may be answered with what is no number: such orders say nothing.
  const usable = Array.from({ length: trials.length / 2 }, (_, pair) => pair).filter(
    (pair) => isNumber(2 * pair) && isNumber(2 * pair + 1),
  );
  const pairs = usable.length;
  if (pairs === 0) throw new InexactAttributions("it answers no numbers where features have the values of other rows");
  const [sums, squares] = [new Float64Array(width), new Float64Array(width)];
  let expected = 0;
  for (const pair of usable) {
    const ofPair = new Float64Array(width);
    for (const trial of [2 * pair, 2 * pair + 1]) {
      for (const [step, feature] of (trials[trial]?.order ?? []).entries())
        ofPair[feature] = (ofPair[feature] as number) + (answerOf(trial, step + 1) - answerOf(trial, step)) / 2;
    }
    expected += answerOf(2 * pair, 0) / pairs;
    for (const [feature, value] of ofPair.entries()) {
      sums[feature] = (sums[feature] as number) + value;
      squares[feature] = (squares[feature] as number) + value * value;
    }
  }
  const attributions = sums.map((sum) => sum / pairs);
  const errors = squares.map((square, feature) => {
    const mean = attributions[feature] as number;
    return pairs < 2 ? Number.POSITIVE_INFINITY : Math.sqrt(Math.max(0, square / pairs - mean * mean) / (pairs - 1));
  });
  return { expected, value: answerOf(0, width), attributions, errors };
}
