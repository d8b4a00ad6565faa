/**
 * 95 % intervals by the Poisson bootstrap (Hanley and MacGibbon 2006): each replicate counts each row Poisson(1) times.
 * Everything measured together shares its replicates, so two models are compared on the same resampled rows.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { createDraw, fillPoissonWeights } from "../models/random.ts";
import type { Measurement } from "./evaluation.ts";
import { findMetric, type Sample } from "./metrics.ts";

/** A metric to measure on a sample. */
export interface Question extends Sample {
  readonly metric: string;
}

export interface BootstrapOptions {
  /** @default 200 */
  readonly replicates?: number;
  /** The same rows and the same seed give the same interval to the last bit. @default 1 */
  readonly seed?: number;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
}

/** How long the event loop may be held before others get their turn, in milliseconds. */
const turn = 25;

/**
 * Measures each question on its rows, all of which have the same length, with percentile intervals.
 *
 * @returns in the order of the questions; undefined where the metric is not defined on these rows or is not known
 */
export async function measure(
  questions: readonly Question[],
  options: BootstrapOptions = {},
): Promise<readonly (Measurement | undefined)[]> {
  const { replicates = 200, seed = 1, signal } = options;
  const rows = questions[0]?.labels.length ?? 0;
  const weights = new Uint8Array(rows).fill(1);
  const asked = questions.map((question) => {
    const statistic = findMetric(question.metric)?.prepare(question) ?? (() => Number.NaN);
    return { metric: question.metric, statistic, value: statistic(weights), resampled: [] as number[] };
  });
  const defined = asked.filter(({ value }) => Number.isFinite(value));

  const draw = createDraw(seed);
  let since = performance.now();
  for (let replicate = 0; replicate < replicates && defined.length > 0; replicate++) {
    fillPoissonWeights(weights, draw);
    for (const { statistic, resampled } of defined) {
      const value = statistic(weights);
      if (Number.isFinite(value)) resampled.push(value);
    }
    if (performance.now() - since > turn) {
      await nextTurn();
      signal?.throwIfAborted();
      since = performance.now();
    }
  }
  return asked.map(({ metric, value, resampled }) => {
    if (!Number.isFinite(value)) return undefined;
    const sorted = Float64Array.from(resampled).sort();
    return { metric, value, low: quantile(sorted, 0.025) ?? value, high: quantile(sorted, 0.975) ?? value, rows };
  });
}

/** The quantile of sorted values, interpolated linearly between neighbours; undefined when there are none. */
function quantile(sorted: Float64Array, share: number): number | undefined {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  return below === undefined || above === undefined ? undefined : below + (above - below) * (position % 1);
}
