/**
 * What windows and as-of joins mean, by brute force: for every row, a look at every other.
 * @module
 */
import { quoteText } from "../../framework/data/sql.ts";
import type { WindowTree } from "../../framework/definitions/expression-tree.ts";

export type Value = number | string | boolean | null;

/** A row of small data: its time in microseconds, and its other columns. */
export interface Row {
  readonly time: bigint;
  readonly values: Readonly<Record<string, Value>>;
}

/** The values at a row of what windows take, all of them bare columns. */
export function aggregate(
  rows: readonly Row[],
  row: Row,
  tree: WindowTree,
  lengths: { over: bigint; lag: bigint },
): Value {
  const end = row.time - lengths.lag;
  const start = end - lengths.over;
  const entity = tree.by.map((by) => read(row, by));
  const past = rows.filter(
    (other) =>
      other.time >= start &&
      other.time < end &&
      tree.by.every((by, i) => entity[i] !== null && read(other, by) === entity[i]),
  );
  if (tree.aggregate === "last") {
    const latest = past.filter((row) => past.every((other) => other.time <= row.time));
    return pick(present(latest, tree), (a, b) => a > b);
  }
  const values = present(past, tree);
  if (tree.aggregate === "count") return values.length;
  if (tree.aggregate === "distinct") return new Set(values).size;
  if (tree.aggregate === "min") return pick(values, (a, b) => a < b);
  if (tree.aggregate === "max") return pick(values, (a, b) => a > b);
  if (values.length === 0) return null;
  const sum = values.reduce<number>((total, value) => total + Number(value), 0);
  if (tree.aggregate === "std") return deviate(values.map(Number));
  return tree.aggregate === "sum" ? sum : sum / values.length;
}

/** The standard deviation of a sample, in two passes. */
export function deviate(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1));
}

/** Where a joined row may lie. */
export interface Reach {
  readonly notAfter: bigint;
  /** @default however old it is */
  readonly notBefore?: bigint;
  /** The order of rows of one key and time, nulls first: the last one counts. */
  readonly columns: readonly string[];
}

/** The latest row of the same key that is not after a time, unless it is too old. A null is no key; a NaN is one. */
export function findLatest(
  rows: readonly Row[],
  key: Readonly<Record<string, Value>>,
  { notAfter, notBefore, columns }: Reach,
): Row | undefined {
  const latest = rows
    .filter((row) => row.time <= notAfter)
    .filter((row) => Object.entries(key).every(([name, value]) => isSame(value, row.values[name] ?? null)))
    .reduce<Row | undefined>((last, row) => (last && !isAfter(row, last, columns) ? last : row), undefined);
  return latest && notBefore !== undefined && latest.time < notBefore ? undefined : latest;
}

function isSame(a: Value, b: Value): boolean {
  return a !== null && (a === b || (Number.isNaN(a) && Number.isNaN(b)));
}

function isAfter(row: Row, other: Row, columns: readonly string[]): boolean {
  if (row.time !== other.time) return row.time > other.time;
  for (const column of columns) {
    const [a = null, b = null] = [row.values[column], other.values[column]];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    return b === null || (a !== null && isGreater(a, b));
  }
  return false;
}

/** Texts by their bytes in UTF-8; NaN is greater than every number. */
function isGreater(a: string | number | boolean, b: string | number | boolean): boolean {
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0;
  return Number.isNaN(a) || (!Number.isNaN(b) && a > b);
}

function present(rows: readonly Row[], { of }: WindowTree): (number | string | boolean)[] {
  return rows.map((row) => read(row, of)).filter((value) => value !== null);
}

function pick<V>(values: readonly V[], better: (a: V, b: V) => boolean): V | null {
  return values.reduce<V | null>((best, value) => (best === null || better(value, best) ? value : best), null);
}

function read(row: Row, tree: WindowTree["of"]): Value {
  if (tree.op !== "column") throw new TypeError("the oracle reads bare columns only");
  return row.values[tree.name] ?? null;
}

/** The rows as a query; `types` has the SQL type of every column but the time. */
export function selectRows(rows: readonly Row[], types: Readonly<Record<string, string>>): string {
  const names = Object.keys(types);
  const tuples = rows.map(
    (row) => `(${[row.time, ...names.map((name) => write(row.values[name] ?? null))].join(", ")})`,
  );
  const columns = Object.entries(types).map(([name, type]) => `CAST("${name}" AS ${type}) AS "${name}"`);
  const given = ["time", ...names].map((name) => `"${name}"`).join(", ");
  return `SELECT ${["make_timestamp(time) AS time", ...columns].join(", ")} FROM (VALUES ${tuples.join(", ")}) AS v(${given})`;
}

function write(value: Value): string {
  if (Number.isNaN(value)) return "CAST('NaN' AS DOUBLE)";
  if (Object.is(value, -0)) return "CAST('-0' AS DOUBLE)";
  return value === null ? "NULL" : typeof value === "string" ? quoteText(value) : String(value);
}
