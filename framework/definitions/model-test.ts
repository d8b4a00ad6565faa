/**
 * Tests of models: what every candidate must do whatever its metrics say, beside the gates. A test that fails holds the
 * candidate back, with its numbers.
 * @module
 */
import { infer, type inferred } from "./inferred.ts";
import type { ModelTestSpec } from "./model-test-spec.ts";
import { readOptions } from "./options.ts";

/** A test that names features `F` of any type, and features `N` with numbers or truths. */
export interface ModelTest<F extends string = string, N extends string = string> {
  readonly kind: "model-test";
  readonly rule: ModelTestSpec;
  /** Never set: it carries the features. */
  readonly [inferred]: { readonly feature: F; readonly number: N };
}

/** Which way an answer may go. */
export type Direction = "up" | "down";

/** What rows may exceed. */
export interface Leeway {
  /**
   * How far an answer may be off, in the label's unit. 0 or more.
   * @default 0
   * @example 0.01
   */
  readonly tolerance?: number;
  /**
   * The share of the rows that may be off by more. 0 to 1.
   * @default 0
   * @example 0.05
   */
  readonly share?: number;
}

/** Which way the answer may go, and what rows may exceed. */
export interface MonotoneOptions extends Leeway {
  /**
   * Where the answer may go with more of the feature.
   * @example "up"
   */
  readonly direction: Direction;
}

/** How much a feature is changed, and what the answer may do. */
export interface DirectionalOptions extends MonotoneOptions {
  /**
   * What is added to the feature, in its unit. Not 0.
   * @example 500
   */
  readonly by: number;
}

/** How many rows may be out of range. */
export interface RangeOptions {
  /**
   * The share of the rows that may be out of it. 0 to 1.
   * @default 0
   * @example 0.001
   */
  readonly share?: number;
}

/** A row whose answer is known. */
export interface GoldenRow<F extends string = string> {
  /**
   * The values of features; one that is left out is missing.
   * @example { hour: 7, origin: "SEA" }
   */
  readonly features: { readonly [Name in F]?: number | string | boolean | null };
  /**
   * What the model answers: the probability of a boolean label, or the number.
   * @example 0.27
   */
  readonly answer: number;
}

/** The features that rows name; of those of a file the compiler knows nothing. */
type FeaturesOf<R> = R extends readonly (infer Row)[]
  ? Row extends { readonly features: infer Features }
    ? keyof Features & string
    : never
  : never;

/** How near golden answers must be. */
export interface GoldenOptions {
  /**
   * How far an answer may be off, in units of the larger of 1 and the answer. 0 or more.
   * @default 1e-5
   * @example 1e-4
   */
  readonly within?: number;
}

/** How near a sum of probabilities must be to 1. */
export interface SimplexOptions {
  /**
   * How far it may be off. 0 or more.
   * @default 1e-6
   * @example 1e-5
   */
  readonly tolerance?: number;
}

/** How fast answers must be. */
export interface LatencyOptions {
  /**
   * How many single rows are asked a second, for three seconds, whether or not the ones before are answered. 10 to 1,000.
   * @default 100
   * @example 200
   */
  readonly rate?: number;
  /**
   * How many times as long as a server that answers without a model, asked in turn with it, 99 of 100 answers may take. More
   * than 0.
   * @example 5
   */
  readonly ratio: number;
}

/**
 * Asks for one finite answer for each row, the same alone as among others.
 *
 * @example
 * answersEachRow()
 */
export function answersEachRow(): ModelTest<never, never> {
  return test({ kind: "answers-each-row" });
}

/**
 * Asks that the same rows get the same answers in every bit, when they are asked again and when the model is opened anew.
 *
 * @example
 * deterministic()
 */
export function deterministic(): ModelTest<never, never> {
  return test({ kind: "deterministic" });
}

/**
 * Asks that answers are in a range, both ends included.
 *
 * @example
 * inRange(0, 1440, { share: 0.001 })
 */
export function inRange(low: number, high: number, options: RangeOptions = {}): ModelTest<never, never> {
  return test({ kind: "in-range", low, high, share: 0, ...readOptions(options) });
}

/**
 * Asks that the probabilities of a boolean label are at least 0 and sum to 1.
 *
 * @example
 * simplex()
 */
export function simplex(options: SimplexOptions = {}): ModelTest<never, never> {
  return test({ kind: "simplex", tolerance: 1e-6, ...readOptions(options) });
}

/**
 * Asks for known answers to known rows, 256 at most: those that are given, or those of a file of the project, which
 * `steward test <model> --record <file>` writes. Of a file each row names every feature, with null for what is missing. What is in it
 * is part of the definition: when it changes, candidates are evaluated again.
 *
 * @param rows the rows, or the path of a JSON file relative to the project file and within its folder
 * @example
 * golden("golden.json", { within: 0.01 })
 */
export function golden<const R extends readonly GoldenRow[] | string>(
  rows: R,
  options: GoldenOptions = {},
): ModelTest<FeaturesOf<R>, never> {
  const given = typeof rows === "string" ? { rows: [], file: rows } : { rows: rows as never };
  return test({ kind: "golden", ...given, within: 1e-5, ...readOptions(options) });
}

/**
 * Asks that the answer never goes the other way with more of a number, all else as it is: each row is asked with values from the
 * least to the most that test rows have of it.
 *
 * @example
 * monotone("distance", { direction: "up", tolerance: 0.01, share: 0.05 })
 */
export function monotone<const N extends string>(feature: N, options: MonotoneOptions): ModelTest<never, N> {
  return test({ kind: "monotone", feature, tolerance: 0, share: 0, ...readOptions(options) });
}

/**
 * Asks that the answer does not depend on a feature: each row is asked with values that other test rows have of it.
 *
 * @example
 * invariant("carrier", { tolerance: 0.02, share: 0.01 })
 */
export function invariant<const F extends string>(feature: F, options: Leeway = {}): ModelTest<F, never> {
  return test({ kind: "invariant", feature, tolerance: 0, share: 0, ...readOptions(options) });
}

/**
 * Asks that the answer does not go the other way when a number is changed by so much, all else as it is.
 *
 * @example
 * directional("originDelay7d", { by: 10, direction: "up", tolerance: 0.01 })
 */
export function directional<const N extends string>(feature: N, options: DirectionalOptions): ModelTest<never, N> {
  return test({ kind: "directional", feature, tolerance: 0, share: 0, ...readOptions(options) });
}

/**
 * Asks that a model server answers single rows at a rate about as fast as one that answers without a model, on the same machine
 * and in turn with it: the ratio says what the model costs, whatever the machine. A row's time runs from when it is due, not from
 * when it is asked, so that a server which falls behind does not look fast.
 *
 * @example
 * latency({ rate: 100, ratio: 5 })
 */
export function latency(options: LatencyOptions): ModelTest<never, never> {
  return test({ kind: "latency", rate: 100, ...readOptions(options) });
}

function test<F extends string, N extends string>(rule: ModelTestSpec): ModelTest<F, N> {
  return infer<ModelTest<F, N>>({ kind: "model-test", rule });
}
