/**
 * Gates: what a candidate must show on the test rows before it may be released.
 * @module
 */

import { infer, type inferred } from "./inferred.ts";
import { readOptions } from "./options.ts";
import type { GateSpec } from "./spec.ts";

/** A part of the test rows: those of one value of a column, value by value. */
export interface Slice<C extends string = string> {
  /**
   * The column whose values are the slices.
   * @example "origin"
   */
  readonly column: C;
  /**
   * The least rows a value must have to count.
   * @example 500
   */
  readonly min: number;
}

/** Which slices count. */
export interface SliceOptions {
  /**
   * The least rows a value must have to count; a value with fewer is listed and left out. A whole number, at least 1.
   * @example 500
   */
  readonly min: number;
}

/**
 * The values of a string or boolean column of the examples, each judged by itself. It stands in `on` of a gate.
 *
 * @example
 * auc.atLeast(0.6).on(bySlice("origin", { min: 500 }))
 */
export function bySlice<const C extends string>(column: C, options: SliceOptions): Slice<C> {
  return { column, ...readOptions(options) };
}

/** A gate on metric `M`, on slices by column `C` or on all test rows together. */
export interface Gate<M extends string = string, C extends string = never> {
  readonly kind: "gate";
  readonly metric: M;
  readonly rule: GateSpec;
  /** Never set: it carries the column. */
  readonly [inferred]: { readonly slice: C };
}

/** A gate on all test rows, which can be put on slices instead. */
export interface WholeGate<M extends string> extends Gate<M> {
  /**
   * Asks the same of every slice that has enough rows. With none that has, the gate is inconclusive, which is no pass.
   * @example auc.atLeast(0.6).on(bySlice("origin", { min: 500 }))
   */
  on<C extends string>(slice: Slice<C>): Gate<M, C>;
}

/** Makes a gate on all test rows. */
export function createGate<M extends string>(metric: M, rule: GateSpec): WholeGate<M> {
  return infer<WholeGate<M>>({
    kind: "gate",
    metric,
    rule,
    on: <C extends string>(slice: Slice<C>) => infer<Gate<M, C>>({ kind: "gate", metric, rule: { ...rule, slice } }),
  });
}
