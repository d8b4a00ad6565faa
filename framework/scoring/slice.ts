/**
 * Slices: rows of a file that are scored together and become one part of the result. Pure.
 * @module
 */
import type { RowRange } from "../features/dataset-rows.ts";
import { type Digest, digestOf } from "../plan/digest.ts";

/** Rows of one file. */
export interface Slice extends RowRange {
  /** What they are found by: the digest of the file, or of what it is made from. */
  readonly of: Digest;
}

/** So many rows make a slice, four groups of rows as DuckDB writes them: so a scorer that was killed has lost a second's work. */
const mostRows = 4 * 131_072;
/** How many numbers a slice is answered with at most, all of which are in memory. */
const mostAnswers = 2 ** 22;
/** DuckDB's step of rows. */
const stepRows = 2048;

/** How many rows a slice has. @param answers how many numbers a row is answered with */
export function chooseSliceRows(answers: number): number {
  const most = Math.min(mostRows, mostAnswers / answers);
  return Math.max(1, Math.floor(most / stepRows)) * stepRows;
}

/** Cuts the rows of a file into slices. @param most how many rows one has at most */
export function cutSlices(of: Digest, rows: number, most: number): readonly Slice[] {
  return Array.from({ length: Math.ceil(rows / most) }, (_, i) => {
    return { of, from: i * most, to: Math.min(rows, (i + 1) * most) };
  });
}

/**
 * Of what came of a slice: equal identity, the same part.
 * @param how the digest of how its features are found and what is kept
 */
export function sliceIdentity({ of, from, to }: Slice, by: { readonly package: Digest; readonly how: Digest }): Digest {
  return digestOf({ format: 1, package: by.package, how: by.how, of, from, to });
}
