/**
 * The contract of a dataset as rules in SQL: what a row may not be, and what is said when it is.
 * @module
 */
import type { ColumnSpec, DatasetSpec } from "../definitions/spec.ts";
import { quoteNumber, quoteText } from "./sql.ts";

/** One way in which a row breaks the contract. */
export interface Rule {
  readonly column: string;
  /** What the column is then, to be read after its name: `is below -120`. */
  readonly reason: string;
  /** SQL, true for a row that breaks it. */
  readonly broken: string;
}

/** Where a column is found in the query that rules are put in: as it came, and as a value of its type, both SQL. */
export interface ColumnPlace {
  readonly raw: string;
  /** NULL where the raw value is not one of the column's type. */
  readonly value: string;
}

const nouns: Readonly<Record<ColumnSpec["type"], string>> = {
  string: "a text",
  integer: "an integer",
  number: "a number",
  boolean: "true or false",
  timestamp: "a time",
};

/**
 * The rules of a dataset, in the order of its columns. Where the contract accepts violations, only those remain without
 * which a row cannot be held at all: every value is of its type, and the row has a time.
 */
export function planRules(
  spec: Pick<DatasetSpec, "columns" | "eventTime" | "contract">,
  places: readonly ColumnPlace[],
): Rule[] {
  const strict = spec.contract.violations !== "accept";
  return spec.columns.flatMap((column, index) => {
    const place = places[index];
    if (!place) return [];
    const rule = (reason: string, broken: string): Rule => ({ column: column.name, reason, broken });
    const rules = [rule(`is not ${nouns[column.type]}`, `(${place.raw} IS NOT NULL AND ${place.value} IS NULL)`)];
    if (column.name === spec.eventTime || (strict && !column.nullable))
      rules.push(rule("is null", `(${place.raw} IS NULL)`));
    if (strict) rules.push(...planBounds(column, place.value).map(([reason, broken]) => rule(reason, broken)));
    return rules;
  });
}

function planBounds(column: ColumnSpec, value: string): [reason: string, broken: string][] {
  const { min, max, minLength, maxLength, values } = column;
  const bounds: [string, string][] = [];
  if (min !== undefined) bounds.push([`is below ${min}`, `(${value} < ${quoteNumber(min)})`]);
  if (max !== undefined) bounds.push([`is above ${max}`, `(${value} > ${quoteNumber(max)})`]);
  // Both DuckDB and zod (from 4.6 on) count code points.
  const length = `length(${value})`;
  if (minLength !== undefined) bounds.push([`is shorter than ${minLength}`, `(${length} < ${minLength})`]);
  if (maxLength !== undefined) bounds.push([`is longer than ${maxLength}`, `(${length} > ${maxLength})`]);
  if (values)
    bounds.push([
      "is none of its values",
      values.length > 0 ? `(${value} NOT IN (${values.map(quoteText).join(", ")}))` : `(${value} IS NOT NULL)`,
    ]);
  return bounds;
}
