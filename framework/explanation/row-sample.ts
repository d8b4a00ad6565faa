/**
 * Some of many rows, chosen by chance before they are read and kept as they go by. Pure.
 * @module
 */
import { createDraw } from "../models/random.ts";

/** Rows of a matrix, chosen from all that go by. */
export interface RowSample {
  /** Which rows, from 0, in their order. */
  readonly rows: readonly number[];
  /** The chosen rows, of those that have gone by. */
  readonly matrix: Float32Array<ArrayBuffer>;
  readonly width: number;
  /** Keeps what is chosen of the next rows. */
  readonly take: (matrix: Float32Array) => void;
}

export interface RowSampleOptions {
  /** How many rows there are. */
  readonly of: number;
  /** How many to choose at most. */
  readonly most: number;
  /** How many columns they have. */
  readonly width: number;
  readonly seed: number;
}

/** Chooses rows: every row has the same chance, and the same seed chooses the same. */
export function createRowSample({ of, most, width, seed }: RowSampleOptions): RowSample {
  const draw = createDraw(seed);
  const rows: number[] = [];
  for (let row = 0; row < of && rows.length < most; row++) {
    // As likely as what is still to be chosen is among what still comes.
    if ((draw() / 2 ** 32) * (of - row) < most - rows.length) rows.push(row);
  }
  const matrix = new Float32Array(rows.length * width);
  let [gone, kept] = [0, 0];
  return {
    rows,
    matrix,
    width,
    take: (batch) => {
      const end = gone + batch.length / width;
      for (let row = rows[kept]; row !== undefined && row < end; row = rows[kept]) {
        matrix.set(batch.subarray((row - gone) * width, (row - gone + 1) * width), kept * width);
        kept++;
      }
      gone = end;
    },
  };
}
