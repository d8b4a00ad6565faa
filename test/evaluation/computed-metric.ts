/**
 * A metric computed on a few rows that a test writes out.
 * @module
 */
import { expect } from "vitest";
import { findMetric, type Sample } from "../../framework/evaluation/metrics.ts";

/** Each row written out as often as it counts: what weights must be the same as. */
export function repeat(values: readonly number[], weights: readonly number[]): readonly number[] {
  return values.flatMap((value, row) => Array.from({ length: weights[row] ?? 0 }, () => value));
}

/** What rows have beside labels and predictions. */
export interface Given extends Pick<Sample, "width" | "groups" | "scales"> {
  /** @default each row counts once */
  readonly weights?: readonly number[];
}

/** A metric of rows. NaN for one that there is not. */
export function compute(
  metric: string,
  labels: readonly number[],
  predictions: readonly number[],
  { weights = labels.map(() => 1), ...given }: Given = {},
): number {
  const statistic = findMetric(metric)?.prepare({
    ...given,
    labels: Float64Array.from(labels),
    predictions: Float64Array.from(predictions),
  });
  return statistic?.(Uint8Array.from(weights)) ?? Number.NaN;
}

/** Says whether two numbers are the same but for rounding, or both none. */
export function expectSame(got: number, expected: number): void {
  if (Number.isNaN(expected)) expect(got).toBeNaN();
  else expect(Math.abs(got - expected)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(expected)));
}
