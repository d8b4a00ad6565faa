/**
 * Gates: what a candidate must show on the test rows before it may be released.
 * @module
 */
import type { GateSpec } from "./spec.ts";

/** A part of the test rows: those of one value of a column, value by value. */
export interface Slice<C extends string = string> {
  readonly column: C;
  readonly min: number;
}

export interface SliceOptions {
  /** The least rows a value must have to count; a value with fewer is listed and left out. A whole number, at least 1. */
  readonly min: number;
}

/**
 * The values of a string or boolean column of the examples, each judged by itself.
 *
 * @example
 * auc.atLeast(0.6).on(bySlice("origin", { min: 500 }))
 */
export function bySlice<const C extends string>(column: C, { min }: SliceOptions): Slice<C> {
  return { column, min };
}

/** A gate on metric `M`, on slices by column `C` or on all test rows together. */
export interface Gate<M extends string = string, C extends string = never> {
  readonly kind: "gate";
  readonly metric: M;
  readonly rule: GateSpec;
  /** Never set: it carries the column. */
  readonly inferred?: { readonly slice: C };
}

/** A gate on all test rows, which can be put on slices instead. */
export interface WholeGate<M extends string> extends Gate<M> {
  /** Asks the same of every slice that has enough rows. With none that has, the gate is inconclusive. */
  on<C extends string>(slice: Slice<C>): Gate<M, C>;
}

/** Makes a gate on all test rows. */
export function createGate<M extends string>(metric: M, rule: GateSpec): WholeGate<M> {
  return { kind: "gate", metric, rule, on: (slice) => ({ kind: "gate", metric, rule: { ...rule, slice } }) };
}
