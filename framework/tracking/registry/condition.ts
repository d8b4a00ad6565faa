/**
 * Clauses of a filter as conditions of a statement. Values travel as parameters, never as text of it.
 * @module
 */
import type { AnySql } from "../database.ts";
import type { Clause, Comparator } from "../search/filter-text.ts";
import { invalid } from "../tracking-failure.ts";
import type { Fragment } from "./model-version.ts";

/** How texts can be compared, and numbers. */
export const textComparators: readonly Comparator[] = ["=", "!=", "LIKE", "ILIKE"];
export const numberComparators: readonly Comparator[] = ["=", "!=", "<", "<=", ">", ">="];

/** @throws TrackingFailure `INVALID_PARAMETER_VALUE` where a comparison is none that is had here. @param what it compares, for the message */
export function requireComparator({ comparator }: Clause, known: readonly Comparator[], what: string): void {
  if (!known.includes(comparator)) throw invalid(`Invalid comparator for ${what}: ${comparator}`);
}

/** The condition that a text column compares so to a value. */
export function compareText(sql: AnySql, column: Fragment, { comparator, value }: Clause): Fragment {
  if (typeof value === "object") {
    return comparator === "IN" ? sql`${column} = ANY(${[...value]})` : sql`${column} <> ALL(${[...value]})`;
  }
  const text = String(value);
  switch (comparator) {
    case "=":
      return sql`${column} = ${text}`;
    case "!=":
      return sql`${column} <> ${text}`;
    case "LIKE":
      return sql`${column} LIKE ${text}`;
    case "ILIKE":
      return sql`${column} ILIKE ${text}`;
    default:
      throw invalid(`Invalid comparator for a text: ${comparator}`);
  }
}

/** The condition that a column of numbers compares so to one. */
export function compareNumber(sql: AnySql, column: Fragment, { comparator, value, key }: Clause): Fragment {
  const number = typeof value === "object" || value === "" ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) throw invalid(`Invalid value for numeric attribute '${key}': '${String(value)}'`);
  switch (comparator) {
    case "=":
      return sql`${column} = ${number}::float8`;
    case "!=":
      return sql`${column} <> ${number}::float8`;
    case "<":
      return sql`${column} < ${number}::float8`;
    case "<=":
      return sql`${column} <= ${number}::float8`;
    case ">":
      return sql`${column} > ${number}::float8`;
    case ">=":
      return sql`${column} >= ${number}::float8`;
    default:
      throw invalid(`Invalid comparator for a number: ${comparator}`);
  }
}

/** All of some conditions; none is true. */
export function all(sql: AnySql, conditions: readonly Fragment[]): Fragment {
  return conditions.reduce((before, next) => sql`${before} AND ${next}`, sql`true`);
}
