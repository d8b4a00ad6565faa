/**
 * The rows that the steps of a derivation are written against, and what each step is told.
 * @module
 */
import type { ContractRow } from "./contract.ts";
import type { Dataset } from "./dataset.ts";
import type { BooleanOperand, Expression, ValueOf } from "./expression.ts";
import type { inferred } from "./inferred.ts";
import type { PythonOptions } from "./trainer.ts";
import type { Duration } from "./units.ts";

/** The values that a kind is written for. */
type ValueOfKind = {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly timestamp: Date;
};

/** What a column is, whatever values of its kind it may have. In tuples, so that a union of strings is one kind. */
type Kind<T> = [T] extends [number]
  ? number
  : [T] extends [boolean]
    ? boolean
    : [T] extends [Date]
      ? Date
      : [T] extends [string]
        ? string
        : [T] extends [readonly number[]]
          ? readonly number[]
          : T;

/** The kinds of values, which may be missing or not. In a condition, so that a message shows them themselves. */
export type Kinds<V> = [V] extends [infer O] ? { [C in keyof O & string]-?: Kind<NonNullable<O[C]>> } : never;

/** The values `V` with some replaced and others added. */
type Replaced<V, N> = [V, N] extends [infer O, infer A]
  ? { [C in (keyof O | keyof A) & string]: C extends keyof A ? A[C] : C extends keyof O ? O[C] : never }
  : never;

/** Columns by their names, as a step makes them. */
export type DerivedColumns = Readonly<
  Record<string, Expression<number | boolean | string | Date | readonly number[], string>>
>;
type ValuesOf<D> = { readonly [C in keyof D]: ValueOf<D[C]> };

type NumbersOf<V> = { [C in keyof V & string]-?: [NonNullable<V[C]>] extends [number] ? C : never }[keyof V & string];

/** What a value can be made of another kind. */
type Castable<T> = [T] extends [string]
  ? "number" | "boolean" | "timestamp"
  : [T] extends [boolean]
    ? "string" | "number"
    : [T] extends [readonly number[]]
      ? never
      : "string";

/** What a missing value can be filled with. */
type Filling<T> = [T] extends [number]
  ? "mean" | "median" | "most-frequent" | { readonly constant: number }
  : [T] extends [boolean]
    ? "most-frequent" | { readonly constant: boolean }
    : [T] extends [string]
      ? "most-frequent" | { readonly constant: T }
      : never;

/**
 * The rows of a dataset, or what steps have made of them. Each step gives the rows that the next one is written against; it
 * changes nothing itself. Numbers are finite: what overflows, or is divided by zero, is missing.
 */
export interface Rows<V> {
  /** Never set: it carries the type of a row. */
  readonly [inferred]: { readonly values: V };
  /**
   * Keeps the rows of which the condition is true; those of which it is false or null are left out.
   * @example rows.filter((row) => row.delay.gte(-120))
   */
  filter(condition: (row: ContractRow<V>) => BooleanOperand): Rows<V>;
  /**
   * Adds columns, each an expression of the row as it was before; one of the same name is replaced.
   * @example rows.derive((row) => ({ hour: row.date.hour(), late: row.delay.gt(15) }))
   */
  derive<D extends DerivedColumns>(columns: (row: ContractRow<V>) => D): Rows<Replaced<V, ValuesOf<D>>>;
  /**
   * Makes values of another kind: of texts numbers, truths and moments, as a CSV file has them; of numbers, truths and
   * moments texts, moments as ISO 8601 in UTC; of truths the numbers 0 and 1. What cannot be made one is null.
   * @example rows.cast({ distance: "number" })
   */
  cast<const T extends { readonly [C in keyof V & string]?: Castable<NonNullable<V[C]>> }>(
    to: T,
  ): Rows<Replaced<V, { readonly [C in keyof T]: ValueOfKind[T[C] & keyof ValueOfKind] }>>;
  /**
   * Takes numbers to the nearest of those from one bound to the other. Bounds that are quantiles, from 0 to 1, are fitted:
   * found among the values that the step is given, between two of them in proportion, and kept with the version.
   * @example rows.clip({ delay: [-60, 600], distance: { quantiles: [0.01, 0.99] } })
   */
  clip(
    bounds: {
      readonly [C in NumbersOf<V>]?: readonly [number, number] | { readonly quantiles: readonly [number, number] };
    },
  ): Rows<V>;
  /**
   * Fills what is missing: with a constant, or with what is fitted, found among the values that the step is given and kept
   * with the version: their `mean`, their `median`, or the `most-frequent` one, of equally frequent ones the smallest.
   * All rows take part, those of a later test as well: what a model may learn of the training rows alone belongs into a
   * feature, `row.delay.imputed("median")`.
   * @example rows.impute({ delay: "median", carrier: "most-frequent", distance: { constant: 0 } })
   */
  impute(by: { readonly [C in keyof V & string]?: Filling<NonNullable<V[C]>> }): Rows<V>;
  /**
   * Keeps one of the rows that have the same values in some columns, nulls among them, and leaves the others out.
   * @example rows.deduplicate({ by: ["flight", "date"], keep: "first" })
   */
  deduplicate(options?: Deduplication<V>): Rows<V>;
  /**
   * Adds columns of another dataset, as of the row's event time: of its latest row that has the key and was known by then.
   * A row counts as known when all is known that is taken of it. Where there is none they are null. Of rows of one key and
   * time the last one counts, in the order of their values, nulls first.
   * @example rows.join(airports, { by: (row) => ({ code: row.origin }), take: (airport) => ({ city: airport.city }) })
   */
  join<W, K extends string, D extends DerivedColumns>(
    other: Dataset<W, K>,
    how: Joining<V, W, K, D>,
  ): Rows<Replaced<V, ValuesOf<D>>>;
  /**
   * Keeps a share of the rows, about as many as the fraction says. Chance decides of each row by itself, by the seed and the
   * row's values: a row that is kept stays so when others come or go. Equal rows are decided of one by one.
   * @example rows.sample({ fraction: 0.1, seed: 7 })
   */
  sample(options: Sampling): Rows<V>;
  /**
   * Keeps a share, or a number, of the rows of each group, which are those with the same values in some columns. Chance
   * decides which, by the seed and the rows' values.
   * @example rows.stratify({ by: "late", fraction: 0.1 })
   */
  stratify(options: Stratification<V>): Rows<V>;
  /**
   * Repeats rows of small groups until each group has a share of the largest one's rows. All rows of a group are repeated
   * equally often, but for one time more; chance decides of which.
   * @example rows.oversample({ by: "late", to: "balanced" })
   */
  oversample(options: Oversampling<V>): Rows<V>;
  /**
   * Adds copies of each row, in which numbers lie a little beside what they were: by an amount that chance takes evenly from
   * `-amount` to `amount`. Whole numbers of the dataset that is derived from stay whole.
   * @example rows.augment({ copies: 1, noise: { delay: 5 }, mark: "augmented" })
   */
  augment<const M extends string = never>(
    options: Augmentation<V, M>,
  ): Rows<Replaced<V, { readonly [C in M]: boolean }>>;
  /**
   * Hands all rows to a Python program, for what expressions cannot say. It finds `step.json` in the folder in which it is
   * started, reads the Parquet file that `input` names there, and writes its rows to the one that `output` names. The
   * modules that it imports beside it belong to it.
   * @example rows.python("clean.py", { lock: "requirements.lock", gives: { date: "timestamp", score: "number" } })
   */
  python<const G extends Readonly<Record<string, keyof ValueOfKind>>>(
    file: string,
    options: ProgramOptions<G>,
  ): Rows<string extends keyof G ? V : { [C in keyof G & string]: ValueOfKind[G[C]] }>;
}

/** Which row of those that repeat each other is kept. */
export interface Deduplication<V> {
  /**
   * The columns in which rows repeat each other.
   * @default all columns
   * @example ["flight", "date"]
   */
  readonly by?: readonly (keyof V & string)[];
  /**
   * The first or the last one in the order of event time, then of all columns by their names, nulls first.
   * @default "last"
   * @example "first"
   */
  readonly keep?: "first" | "last";
}

/** How the rows of another dataset are found, and what is taken of them. */
export interface Joining<V, W, K extends string, D> {
  /**
   * A value for every column of the other dataset's key; none for one without a key.
   * @example (row) => ({ code: row.origin })
   */
  readonly by: (row: ContractRow<V>) => { readonly [C in K]: Expression<NonNullable<W[C & keyof W]>, string> };
  /**
   * The columns that are added, as expressions of the other row.
   * @example (airport) => ({ city: airport.city })
   */
  readonly take: (row: ContractRow<W>) => D;
  /**
   * How old the other row may be at the row's time; an older one is none.
   * @default however old it is
   * @example "30 days"
   */
  readonly ttl?: Duration;
}

/** Chance that is the same each time. */
export interface Chance {
  /**
   * A whole number; with another one chance decides otherwise.
   * @default 0
   * @example 7
   */
  readonly seed?: number;
}

/** How many rows are kept of all. */
export interface Sampling extends Chance {
  /**
   * The share, above 0 and at most 1.
   * @example 0.1
   */
  readonly fraction: number;
}

/** How many rows are kept of each group: by a fraction or a number, one of the two. */
export interface Stratification<V> extends Chance {
  /**
   * The column, or columns, whose values a group shares; nulls are a value.
   * @example "late"
   */
  readonly by: (keyof V & string) | readonly (keyof V & string)[];
  /**
   * The share of each group, above 0 and at most 1: the nearest number of rows, and one at least.
   * @default the number is given
   * @example 0.1
   */
  readonly fraction?: number;
  /**
   * The most rows of each group. A whole number from 1.
   * @default the share is given
   * @example 1000
   */
  readonly perGroup?: number;
}

/** How often rows are repeated. */
export interface Oversampling<V> extends Chance {
  /**
   * The column, or columns, whose values a group shares; nulls are a value.
   * @example "late"
   */
  readonly by: (keyof V & string) | readonly (keyof V & string)[];
  /**
   * How many rows each group has at least, as a share of the largest one's, above 0 and at most 1; `balanced` is as many.
   * @example "balanced"
   */
  readonly to: "balanced" | number;
}

/** How rows are copied. */
export interface Augmentation<V, M extends string = never> extends Chance {
  /**
   * How many copies there are of each row: 1 to 100.
   * @example 1
   */
  readonly copies: number;
  /**
   * How far numbers may lie beside what they were, by column, in the column's unit. Above 0.
   * @example { delay: 5 }
   */
  readonly noise: { readonly [C in NumbersOf<V>]?: number };
  /**
   * A column that is true of the copies and false of the others.
   * @default nothing tells them
   * @example "augmented"
   */
  readonly mark?: M;
}

/** What a Python program runs with and gives. */
export interface ProgramOptions<G> extends PythonOptions {
  /**
   * The columns of the rows that it writes, with their kinds: `string`, `number`, `boolean` or `timestamp`.
   * @default those of the rows that it is given
   * @example { date: "timestamp", score: "number" }
   */
  readonly gives?: G;
}
