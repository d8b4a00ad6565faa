/**
 * Bins of answers as what a chart draws. Pure.
 * @module
 */
import type { Mark } from "../page/chart.ts";
import { formatCount } from "./number-text.ts";

/** Rows in bins: their mean prediction, what was true of them, and how many there are. */
export type Bins = readonly { readonly predicted: number; readonly actual: number; readonly rows: number }[];

/** What would be right: what is predicted is what is true. */
export const diagonal: Mark = {
  kind: "line",
  tone: "ideal",
  points: [
    [0, 0],
    [1, 1],
  ],
};

export function toPoints(bins: Bins): Mark["points"] {
  return bins.map(({ predicted, actual }) => [predicted, actual] as const);
}

/** A dot for each bin, which says its numbers when a reader points at it. */
export function dotBins(bins: Bins): Mark {
  const titles = bins.map(
    ({ predicted, actual, rows }) =>
      `predicted ${predicted.toPrecision(3)}, actual ${actual.toPrecision(3)}, ${formatCount(rows, "row")}`,
  );
  return { kind: "points", tone: "own", points: toPoints(bins), titles };
}

/** The bars of a histogram, as shares of all that it counts. */
export function toShares({ edges, counts }: { readonly edges: readonly number[]; readonly counts: readonly number[] }) {
  const all = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  return counts.map((count, bin) => [edges[bin] ?? 0, count / all] as const);
}
