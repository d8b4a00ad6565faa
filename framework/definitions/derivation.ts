/**
 * Derivations: the rows of one dataset made from those of another, step by step.
 * @module
 */
import type { Dataset } from "./dataset.ts";
import type { Kinds, Rows } from "./derivation-rows.ts";
import { infer, type inferred } from "./inferred.ts";
import { recordSteps, type WrittenStep } from "./recorded-steps.ts";

/** What steps make of another dataset's rows, as a source. Its rows have the kinds of values `V`. */
export interface Derivation<V = unknown> {
  readonly kind: "derived";
  readonly from: Dataset;
  readonly steps: readonly WrittenStep[];
  /** Never set: it carries the kinds of the columns' values. */
  readonly [inferred]: { readonly values: V };
}

/** What the rows of a schema must be made as: a value of its kind for every column, missing or not. */
export type Wanted<V> = Kinds<V>;

/**
 * What steps make of another dataset's rows. It stands in `source` of a dataset, whose schema says which of the columns it
 * has, when they are known, and what the rows are held to: they are taken in under the contract like any others. A new
 * version is made when one of the datasets that it is made from has a new one; the same versions and steps give the same
 * rows, byte for byte.
 *
 * @param from the dataset whose rows the new ones are about
 * @param steps what is done to the rows, in this order
 * @example
 * source: derived(flights, (rows) => rows.filter((row) => row.delay.gte(-120)).impute({ distance: "median" }))
 */
export function derived<V, O>(from: Dataset<V>, steps: (rows: Rows<V>) => Rows<O>): Derivation<Kinds<O>> {
  return infer<Derivation<Kinds<O>>>({ kind: "derived", from, steps: recordSteps(steps) });
}

/** Whether a source is what steps make of other datasets. */
export function isDerivation(source: { readonly kind: string }): source is Derivation {
  return source.kind === "derived";
}

/** The datasets that a derivation is made from, with the place of each in it. */
export function listUpstream(source: Derivation): { readonly at: string; readonly to: Dataset }[] {
  return [
    { at: "from", to: source.from },
    ...source.steps.flatMap((step, i) =>
      step.step === "join" ? [{ at: `steps[${i}].dataset`, to: step.dataset }] : [],
    ),
  ];
}

/** The same derivation of other datasets. */
export function replaceUpstream(source: Derivation, replace: (to: Dataset) => Dataset): Derivation {
  const steps = source.steps.map((step) => (step.step === "join" ? { ...step, dataset: replace(step.dataset) } : step));
  return { ...source, from: replace(source.from), steps };
}
