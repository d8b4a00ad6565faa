/**
 * The row that features, labels and joins are written against.
 * @module
 */
import type { z } from "zod";
import {
  type Aggregates,
  createExpression,
  type ExpressionOf,
  type NumberColumn,
  type UniversalExpression,
} from "./expression.ts";

type Column<V, C extends string> = [V] extends [number] ? NumberColumn<C> : ExpressionOf<V, C> & Aggregates<V, C>;

/** A column of its own kind for every field of a schema. */
export type Row<S extends z.ZodObject> = {
  readonly [C in keyof z.output<S> & string]-?: Column<NonNullable<z.output<S>[C]>, C>;
};

/** The names of a schema's columns. */
export type ColumnName<S extends z.ZodObject> = keyof z.output<S> & string;

/** The names of a schema's columns whose values are never missing and always a `V`. */
export type ColumnNameOf<S extends z.ZodObject, V> = {
  [C in ColumnName<S>]: z.output<S>[C] extends V ? C : never;
}[ColumnName<S>];

/**
 * Makes a row. It answers to every name, so that a column that does not exist is a located problem when the project is
 * resolved, together with all others, and not a `TypeError` in the middle of the team's file.
 */
export function createRow<S extends z.ZodObject>(): Row<S> {
  const columns = new Proxy<Record<string, UniversalExpression>>(
    {},
    { get: (_, name) => (typeof name === "string" ? createExpression({ op: "column", name }) : undefined) },
  );
  // The methods are those of every kind; which of them a column shows is known to the types alone.
  return columns as unknown as Row<S>;
}
