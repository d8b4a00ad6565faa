/**
 * The statements that a source asks of PostgreSQL, around the query that a team wrote. Pure.
 * @module
 */
import { quoteName, quoteText } from "../../sql.ts";
import type { Cursor } from "./cursor.ts";
import type { SliceRange } from "./slice.ts";
import type { QueryColumn } from "./snapshot.ts";

/** A query with what is known of it. */
export interface KnownQuery {
  readonly query: string;
  readonly columns: readonly QueryColumn[];
  /** @default it has none */
  readonly cursor?: Cursor | undefined;
}

const boolean = 16;
const timestamptz = 1184;

/** Its rows as a table `steward`, whose columns have names of our own: a query may give two of one name. */
function rowsOf({ query, columns }: KnownQuery): string {
  const names = columns.map((_, index) => nameColumn(index)).join(", ");
  // The line break ends a comment that the query may end with.
  return `(${query.replace(/[;\s]+$/u, "")}\n) AS steward(${names})`;
}

function nameColumn(index: number): string {
  return `c${index}`;
}

/** The whole row as a text, in an order that is the same everywhere. */
const row = '((steward.*)::text COLLATE "C")';

const content = `count(*)::text AS rows, coalesce(sum(hashtextextended(${row}, 0)), 0)::text AS hash`;

/** How many rows have no cursor, and up to where rows are taken now: nothing where there is none above `after`. */
export function askEnd(known: KnownQuery, cursor: Cursor, after: string | undefined): string {
  const column = nameColumn(cursor.index);
  const conditions = [
    ...(after === undefined ? [] : [`${column} > ${literal(after, cursor)}`]),
    ...(cursor.limit === undefined ? [] : [`${column} <= ${cursor.limit}`]),
  ];
  const rows = rowsOf(known);
  return `SELECT (SELECT count(*) FROM ${rows} WHERE ${column} IS NULL)::text AS nulls,
    (SELECT max(${column}) FROM ${rows}${where(conditions)})::text AS "end"`;
}

/** How many rows a range has. */
export function askCount(known: KnownQuery, cursor: Cursor, range: SliceRange): string {
  return `SELECT count(*)::text AS rows FROM ${rowsOf(known)}${where(within(cursor, range))}`;
}

/**
 * The cursor of every so many rows of a range below its end, in order and each once: values that are equal may be written in
 * several ways, as 1.0 and 1.00 are.
 */
export function askBounds(
  known: KnownQuery,
  cursor: Cursor,
  cut: { readonly range: SliceRange; readonly every: number },
): string {
  const column = nameColumn(cursor.index);
  return `SELECT bound::text AS bound FROM (
      SELECT DISTINCT bound FROM (
        SELECT ${column} AS bound, row_number() OVER (ORDER BY ${column}) AS number
        FROM ${rowsOf(known)}${where(within(cursor, cut.range))}
      ) AS numbered WHERE number % ${cut.every} = 0 AND bound < ${literal(cut.range.to, cursor)}
    ) AS bounds ORDER BY bounds.bound`;
}

/** What is in each of some ranges that follow on each other: their places, from 0, of those that have rows. */
export function askContents(known: KnownQuery, cursor: Cursor, ranges: readonly SliceRange[]): string {
  const column = nameColumn(cursor.index);
  const [first, last] = [ranges.at(0), ranges.at(-1)];
  if (!first || !last) throw new TypeError("no range is asked for");
  const bounds = `ARRAY[${ranges.map(({ to }) => quoteText(to)).join(", ")}]::${cursor.type}[]`;
  // A bound belongs to the range that ends with it; the function counts it to the next one.
  const place = `width_bucket(${column}, ${bounds}) - CASE WHEN ${column} = ANY(${bounds}) THEN 1 ELSE 0 END`;
  const whole = { ...first, to: last.to };
  return `SELECT ${place} AS place, ${content} FROM ${rowsOf(known)}${where(within(cursor, whole))} GROUP BY 1`;
}

/** What is in a range, or in all of the query. */
export function askContent(known: KnownQuery, range: SliceRange | undefined): string {
  return `SELECT ${content} FROM ${rowsOf(known)}${where(conditionOf(known, range))}`;
}

/** Which of some ranges have a value of the cursor from the first up to and without the second: their places, from 0. */
export function askMeeting(
  cursor: Cursor,
  ranges: readonly SliceRange[],
  again: { readonly from?: string; readonly to?: string },
): string {
  const rows = ranges.map(({ from, to }, place) => {
    const begin = from === undefined ? `NULL::${cursor.type}` : literal(from, cursor);
    return `(${place}, ${begin}, ${literal(to, cursor)})`;
  });
  const conditions = [
    ...(again.from === undefined ? [] : [`"end" >= ${given(again.from, cursor)}`]),
    ...(again.to === undefined ? [] : [`("begin" IS NULL OR "begin" < ${given(again.to, cursor)})`]),
  ];
  return `SELECT place FROM (VALUES ${rows.join(", ")}) AS ranges(place, "begin", "end")${where(conditions)} ORDER BY place`;
}

/**
 * The rows of a range, or all, as CSV with a header. Truth and moments are written in forms that can be taken for nothing else;
 * all other values in PostgreSQL's own, which is exact. The order is always the same.
 */
export function askRows(known: KnownQuery, range: SliceRange | undefined): string {
  const { columns, cursor } = known;
  const listed = columns.map(({ name, type }, index) => `${show(nameColumn(index), type)} AS ${quoteName(name)}`);
  const order = [...(cursor ? [nameColumn(cursor.index)] : []), row].join(", ");
  return `COPY (SELECT ${listed.join(", ")} FROM ${rowsOf(known)}${where(conditionOf(known, range))} ORDER BY ${order})
    TO STDOUT (FORMAT csv, HEADER true, ENCODING 'UTF8')`;
}

function show(column: string, type: number): string {
  if (type === boolean) return `${column}::text`;
  // The zone is UTC, so that this can stand nowhere else.
  if (type === timestamptz) return `replace(${column}::text, '+00', 'Z')`;
  return column;
}

function conditionOf({ cursor }: KnownQuery, range: SliceRange | undefined): string[] {
  return cursor && range ? within(cursor, range) : [];
}

function within(cursor: Cursor, { from, to }: SliceRange): string[] {
  const column = nameColumn(cursor.index);
  const above = from === undefined ? [] : [`${column} > ${literal(from, cursor)}`];
  return [...above, `${column} <= ${literal(to, cursor)}`];
}

function where(conditions: readonly string[]): string {
  return conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
}

function literal(text: string, { type }: Cursor): string {
  return `${quoteText(text)}::${type}`;
}

/** A value as a person writes it: a time may have an offset, which a type without one would drop. */
function given(text: string, cursor: Cursor): string {
  if (cursor.type !== "timestamp" && cursor.type !== "date") return literal(text, cursor);
  return `(${quoteText(text)}::timestamptz AT TIME ZONE 'UTC')::${cursor.type}`;
}
