/**
 * What an explanation of an answer is.
 * @module
 */

/** How attributions are found. */
export type AttributionMethod = "tree-shap" | "permutation";

/** Answers rows of a matrix: one number for each row, or one for each class. */
export type PredictMatrix = (matrix: Float32Array, rows: number) => Promise<Float32Array>;

/** What attributions of an answer add up to. */
export type AttributionUnit = "log-odds" | "answer";

/** The attributions of one answer of one row. */
export interface Explained {
  /** What the model says of nothing in particular: the attributions and this add up to `value`. */
  readonly expected: number;
  /** What is explained, in the explainer's unit. */
  readonly value: number;
  /** By the place of the feature among the model's inputs. */
  readonly attributions: Float64Array;
  /** How far each may be off by chance: its standard error. @default they are exact */
  readonly errors?: Float64Array;
}

/** Thrown for attributions that do not add up to what they are of. */
export class InexactAttributions extends Error {
  override readonly name = "InexactAttributions";
}
