/**
 * Cursors: the column by which only new rows of a query are read. Pure.
 * @module
 */
import { type Problem, StewardError } from "../../../definitions/problem.ts";
import type { SourceSpec } from "../../../definitions/spec.ts";
import { toSeconds } from "../../../definitions/units.ts";
import type { QueryColumn } from "./snapshot.ts";

/** A source of rows of a database. */
export type PostgresSource = Extract<SourceSpec, { readonly kind: "postgres" }>;

/** The column of a query that orders its rows. */
export interface Cursor {
  readonly name: string;
  /** Its place among the columns, from 0. */
  readonly index: number;
  /** What PostgreSQL calls its type. */
  readonly type: string;
  /** SQL: the greatest value that is taken now, of the cursor's type. @default there is none */
  readonly limit?: string;
}

interface CursorType {
  readonly name: string;
  /** SQL of the greatest value that is taken, given SQL of a moment. @default numbers have none */
  readonly limit?: (moment: string) => string;
}

/** By the numbers that PostgreSQL gives its types. */
const types: Readonly<Record<number, CursorType>> = {
  20: { name: "int8" },
  21: { name: "int2" },
  23: { name: "int4" },
  700: { name: "float4" },
  701: { name: "float8" },
  1700: { name: "numeric" },
  1114: { name: "timestamp", limit: (moment) => `(${moment}) AT TIME ZONE 'UTC'` },
  1184: { name: "timestamptz", limit: (moment) => moment },
  // Until a day is over, rows of it may come.
  1082: { name: "date", limit: (moment) => `((${moment}) AT TIME ZONE 'UTC')::date - 1` },
};

/**
 * Finds the cursor of a source among the columns of its query.
 * @returns nothing where the source has none
 * @throws StewardError when the query does not have it once, or it has no order that rows could come in
 */
export function findCursor(source: PostgresSource, columns: readonly QueryColumn[], at: string): Cursor | undefined {
  const { cursor: name, lag } = source;
  if (name === undefined) return undefined;
  const found = columns.flatMap((column, index) => (column.name === name ? [{ ...column, index }] : []));
  const [column] = found;
  if (!column || found.length > 1) throw new StewardError(describeAbsent(name, found.length, { columns, at }));
  const type = types[column.type];
  if (!type) throw new StewardError(describeType(name, at));
  const { limit } = type;
  if (lag !== undefined && !limit) throw new StewardError(describeLag(name, type.name, at));
  const cursor = { name, index: column.index, type: type.name };
  return limit
    ? { ...cursor, limit: limit(`now() - make_interval(secs => ${toSeconds(lag ?? "0 seconds")})`) }
    : cursor;
}

/** What is said of rows whose cursor is null. */
export function describeNulls(name: string, rows: string, at: string): Problem {
  return {
    code: "cursor-invalid",
    at: `${at}.cursor`,
    what: `"${name}" is null in rows of the query, which would never be read`,
    got: `${rows} ${rows === "1" ? "row" : "rows"}`,
    expected: "a value in every row",
    fix: `leave them out of the query with WHERE ${name} IS NOT NULL, or fill them in`,
  };
}

/** What is said of a cursor that nothing can be above. */
export function describeEndless(name: string, got: string, at: string): Problem {
  return {
    code: "cursor-invalid",
    at: `${at}.cursor`,
    what: `"${name}" has a value that no row can come after`,
    got,
    expected: "numbers that are finite",
    fix: "leave such rows out of the query, or mend them",
  };
}

/** What is said of a range that is to be read again and is none of the cursor. */
export function describeRange(name: string, got: string, at: string): Problem {
  return {
    code: "cursor-invalid",
    at: `${at}.cursor`,
    what: `what is to be read again is no range of "${name}"`,
    got,
    expected: `values that "${name}" may have`,
  };
}

function describeAbsent(
  name: string,
  times: number,
  { columns, at }: { readonly columns: readonly QueryColumn[]; readonly at: string },
): Problem {
  return {
    code: "cursor-invalid",
    at: `${at}.cursor`,
    what: times === 0 ? `The query gives no column "${name}"` : `The query gives more than one column "${name}"`,
    got: columns.map((column) => JSON.stringify(column.name)).join(", ") || "no columns",
    expected: "one of its columns",
    fix: "name the cursor as the query does, letter by letter",
  };
}

function describeType(name: string, at: string): Problem {
  return {
    code: "cursor-invalid",
    at: `${at}.cursor`,
    what: `"${name}" is neither a number nor a time`,
    expected: Object.values(types)
      .map((type) => type.name)
      .join(", "),
    fix: 'take another column, or leave "cursor" out: then all rows are read again when one of them has changed',
  };
}

function describeLag(name: string, type: string, at: string): Problem {
  return {
    code: "cursor-invalid",
    at: `${at}.lag`,
    what: `"lag" is about times, and "${name}" is a number`,
    got: type,
    expected: "timestamptz, timestamp or date",
    fix: 'leave "lag" out, or take a column of times as the cursor',
  };
}
