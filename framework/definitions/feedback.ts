/**
 * Feedback: the labels that become known of answers, some time after they were given.
 * @module
 */
import type { z } from "zod";
import type { Dataset } from "./dataset.ts";
import type { Expression, ValueOf } from "./expression.ts";
import type { ExpressionTree } from "./expression-tree.ts";
import { infer, type inferred } from "./inferred.ts";
import type { Row } from "./row.ts";
import type { Duration } from "./units.ts";
import { readExpressions } from "./written.ts";

/** A label comes to be known only of answers that say this. */
export interface ObservedWhen<L> {
  /**
   * What the answer says: true or false, or the name of a class.
   * @example false
   */
  readonly when: L;
}

/** A label comes to be known only of answers that are high enough. */
export interface ObservedFrom {
  /**
   * The least answer: the probability of a boolean label, or the value of a number.
   * @example 0.8
   */
  readonly atLeast: number;
}

/** A label comes to be known only of answers that are low enough. */
export interface ObservedBelow {
  /**
   * What the answer is below: the probability of a boolean label, or the value of a number.
   * @example 0.2
   */
  readonly below: number;
}

/** Of which answers labels come to be known: all of them, or those alone that the model's own decision lets happen. */
export type Observed<L = boolean | string> =
  | "always"
  | (L extends boolean | string ? ObservedWhen<L> : never)
  | ([L] extends [string] ? never : ObservedFrom | ObservedBelow);

/** How the labels of an endpoint's answers come to be known. */
export interface FeedbackOptions<L = unknown> {
  /**
   * What a label is: `z.boolean()`, the `z.enum` of the model's classes, or a number. It has the type of the model's label. One that says
   * something of a person is recorded as `.meta({ pii: "encrypt" })` says, by default as the strictest of the columns that the model's
   * label reads: `encrypt` takes the `subject` of each label, whose key it is encrypted with; `hash` is for booleans and classes.
   * @example z.boolean().meta({ pii: "encrypt" })
   */
  readonly label: z.ZodType<L>;
  /**
   * How long after its answer a label is taken to be final. Only answers that are as old count: what comes early is of the quick
   * cases, and a share of them would say something else than a share of all. Not shorter than the longest `known` of the columns
   * that the model's label reads.
   * @example "1 day"
   */
  readonly matures: Duration;
  /**
   * Of which answers a label can come to be known. Where a loan is granted only if the model says so, nobody learns what the
   * others would have done: such labels are flagged, and what is measured on them is said to be of that part of the answers alone.
   * @default "always" — whatever the model answers
   * @example { below: 0.2 }
   */
  readonly observed?: Observed<L>;
  /**
   * A dataset of the project whose rows are labels, beside those that are sent.
   * @default labels come to `POST /<endpoint>/feedback` alone
   * @example labels(outcomes, (row) => ({ id: row.inferenceId, label: row.defaulted }))
   */
  readonly from?: LabelSource<L>;
}

/** What a row of a dataset says as a label. */
export interface LabelColumns {
  /**
   * The id of the answer, as it was given with it. A row without one is no label.
   * @example row.inferenceId
   */
  readonly id: Expression<string, string, string>;
  /**
   * The label. A row without one is none.
   * @example row.defaulted
   */
  readonly label: Expression<number | boolean | string, string, string>;
  /**
   * Which row of the request the label is of, from 0; null means the only one.
   * @default 0
   * @example row.position
   */
  readonly row?: Expression<number, string, string>;
  /**
   * When the label became true.
   * @default the event time of the dataset
   * @example row.settledAt
   */
  readonly time?: Expression<Date, string, string>;
}

/** Labels of type `L` in the rows of a dataset. */
export interface LabelSource<L = unknown> {
  readonly kind: "labels";
  readonly dataset: Dataset;
  readonly columns: Readonly<Record<string, ExpressionTree>>;
  /** Never set: it carries the type. */
  readonly [inferred]: { readonly label: L };
}

/**
 * Takes the rows of a dataset as labels of answers. It stands in `from` of an endpoint's `feedback`. What was known at a moment is
 * what the version says that was live then.
 *
 * @param columns what a row says: the id of an answer and its label, where there are several rows which one, and since when
 * @example
 * labels(outcomes, (row) => ({ id: row.inferenceId, label: row.minutes.gt(15), time: row.arrived }))
 */
export function labels<V, C extends LabelColumns>(
  dataset: Dataset<V>,
  columns: (row: Row<V>) => C,
): LabelSource<ValueOf<C["label"]>> {
  return infer<LabelSource<ValueOf<C["label"]>>>({
    kind: "labels",
    dataset: dataset as Dataset,
    columns: readExpressions(columns),
  });
}
