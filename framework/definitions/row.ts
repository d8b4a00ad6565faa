/**
 * The row that features, labels and joins are written against.
 * @module
 */
import type { Aggregates, NumberAggregates } from "./aggregate.ts";
import type { BooleanExpression } from "./boolean-expression.ts";
import { createExpression, type UniversalExpression } from "./create-expression.ts";
import type { Expression } from "./expression.ts";
import type { NumberExpression } from "./number-expression.ts";
import type { StringExpression } from "./string-expression.ts";
import type { TimeExpression } from "./time-expression.ts";
import type { VectorExpression } from "./vector-expression.ts";

/** A column of numbers. */
export interface NumberColumn<C extends string> extends NumberExpression<C>, NumberAggregates<C> {}
/** A column of true and false. */
export interface BooleanColumn<C extends string> extends BooleanExpression<C>, Aggregates<boolean, C> {}
/** A column of texts, each one of `V`. */
export interface StringColumn<C extends string, V extends string = string>
  extends StringExpression<V, C>,
    Aggregates<V, C> {}
/** A column of moments. */
export interface TimeColumn<C extends string> extends TimeExpression<C>, Aggregates<Date, C> {}

/** In tuples, so that a union of strings is one column and not one per member. */
type Column<V, C extends string> = [V] extends [number]
  ? NumberColumn<C>
  : [V] extends [boolean]
    ? BooleanColumn<C>
    : [V] extends [Date]
      ? TimeColumn<C>
      : [V] extends [string]
        ? StringColumn<C, V>
        : [V] extends [readonly number[]]
          ? VectorExpression<C>
          : Expression<V, C>;

/**
 * The row that features, labels and joins are written against: a column of its own kind for every value `V` has.
 *
 * @example
 * const isLong = (row: Row<z.infer<typeof Flight>>) => row.distance.gte(1500);
 */
export type Row<V> = { readonly [C in keyof V & string]-?: Column<V[C] & {}, C> };

/** What the types know of the columns of rows of `V`. Members of one type, so that a message shows the names themselves. */
export type ColumnNames<V> = {
  /** Those whose values are never missing and always a date. */
  readonly times: { [C in keyof V & string]: V[C] extends Date ? C : never }[keyof V & string];
  /** Those that rows can be sliced by: texts, true and false. */
  readonly slices: {
    [C in keyof V & string]-?: NonNullable<V[C]> extends string | boolean ? C : never;
  }[keyof V & string];
};

/**
 * Makes a row. It answers to every name, so that a column that does not exist is a located problem when the project is
 * resolved, together with all others, and not a `TypeError` in the middle of the team's file.
 */
export function createRow<V>(): Row<V> {
  const columns = new Proxy<Record<string, UniversalExpression>>(
    {},
    { get: (_, name) => (typeof name === "string" ? createExpression({ op: "column", name }) : undefined) },
  );
  // The methods are those of every kind; which of them a column shows is known to the types alone.
  return columns as unknown as Row<V>;
}
