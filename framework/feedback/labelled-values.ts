/**
 * Answers with what came of them, in flat arrays: a row that is answered with one number takes some 16 to 24 bytes. Pure.
 * @module
 */
import type { LabelledRow } from "./join-labels.ts";

/** Rows in the order in which they came. */
export interface LabelledValues {
  /** How many numbers a row is answered with; 0 where there are no rows. */
  readonly width: number;
  /** The numbers of the rows, one row after the other. */
  readonly predictions: readonly number[];
  /** The label of each row: a number as it is, a boolean as 0 or 1, a text as its place among `texts`. */
  readonly labels: readonly number[];
  /** Each text that is a label, once. */
  readonly texts: readonly string[];
  /** Rows that are answered with more or fewer numbers than the first, and left out. */
  readonly odd: number;
}

/** Values to which rows are added. */
export class GrowingValues implements LabelledValues {
  width = 0;
  readonly predictions: number[] = [];
  readonly labels: number[] = [];
  odd = 0;
  readonly #places = new Map<string, number>();

  get texts(): readonly string[] {
    return [...this.#places.keys()];
  }

  add({ predictions, label }: Required<Pick<LabelledRow, "predictions" | "label">>): void {
    if (this.labels.length === 0) this.width = predictions.length;
    if (predictions.length !== this.width) {
      this.odd++;
      return;
    }
    for (const prediction of predictions) this.predictions.push(prediction);
    this.labels.push(typeof label === "string" ? this.#place(label) : Number(label));
  }

  #place(text: string): number {
    const place = this.#places.get(text) ?? this.#places.size;
    this.#places.set(text, place);
    return place;
  }
}
