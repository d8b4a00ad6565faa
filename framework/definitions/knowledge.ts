/**
 * When values are known: a feature may read only what somebody could have known at the moment of the event.
 * @module
 */
import { listColumns } from "./column.ts";
import type { PastOf, ReadsOf, ValueOf } from "./expression.ts";
import { type ExpressionScope, listReads } from "./expression-kind.ts";
import type { ExpressionTree } from "./expression-tree.ts";
import type { FeatureColumn } from "./features.ts";
import type { Wrong } from "./inferred.ts";
import type { Report } from "./report.ts";
import { durationPattern, toSeconds } from "./units.ts";

/** The columns an expression reads at the event or up to it with no lag; none when nothing could be inferred of it. */
type Touches<E> = string extends ReadsOf<E> | PastOf<E> ? never : ReadsOf<E> | PastOf<E>;

/** The features that touch a column the label is made of. */
type Leaks<F, L> = { [K in keyof F & string]: Touches<F[K]> & Touches<L> extends never ? never : K }[keyof F & string];

/** Whether a value is a text, of which nothing more is known: neither one of some texts, nor perhaps something else. */
type IsAnyText<V> = [V] extends [string] ? (string extends V ? true : false) : false;

/**
 * A label that no feature leaks, and of whose classes it is known what they are; else what nobody has, so that the compiler
 * names the feature.
 */
export type NoLeak<F, L> = [Leaks<F, L>] extends [never]
  ? IsAnyText<ValueOf<L>> extends true
    ? Wrong<"a label that is a text is one of several classes: write z.enum([…]) for its column, or compare it with eq(…)">
    : L
  : Wrong<`feature "${Leaks<F, L>}" reads what the label is made of, before it is known`>;

/** Reports what an expression reads before it is known, by what the columns say themselves. */
export function reportReadsAhead(tree: ExpressionTree, { dataset, at, report }: ExpressionScope): void {
  for (const { column, lag } of listReads(tree)) {
    const known = listColumns(dataset.schema).find((one) => one.name === column)?.known ?? "0 seconds";
    if (!(seconds(lag ?? "0 seconds") < seconds(known))) continue;
    const what =
      lag === undefined
        ? `"${column}" is read at the event, but is known only ${known} after it`
        : `the lag of ${lag} is shorter than the ${known} after which "${column}" is known`;
    report({ code: "feature-reads-ahead", at, what, fix: `aggregate it over a window with lag: "${known}" or more` });
  }
}

/** Reports features, or values to join by, that read columns of a label at the event or up to it. */
export function reportLeaks(
  features: readonly FeatureColumn[],
  labelColumns: ReadonlySet<string>,
  { at, report }: { readonly at: string; readonly report: Report },
): void {
  for (const { name, expression } of features) {
    const leak = listReads(expression).find(
      ({ column, lag = "0 seconds" }) => labelColumns.has(column) && seconds(lag) === 0,
    );
    if (!leak) continue;
    report({
      code: "feature-leaks-label",
      at,
      what: `"${name}" reads "${leak.column}", which the label is made of, before it is known`,
      fix: "aggregate it over a window with a lag",
    });
  }
}

/** The longest of durations. @default "0 seconds" for none */
export function findLongest(durations: readonly string[]): string {
  return durations.reduce(
    (longest, duration) => (seconds(duration) > seconds(longest) ? duration : longest),
    "0 seconds",
  );
}

/** A duration in seconds; NaN, which compares false with everything, when it is none: the schema of specs reports that. */
export function seconds(duration: string): number {
  return durationPattern.test(duration) ? toSeconds(duration) : Number.NaN;
}
