/**
 * What the online store holds, as SQL over the rows of a dataset: from the parts that training sets are made of, so that
 * the values are those that an example at the moment would have. Pure.
 * @module
 */
import { compileExpression } from "../../data/expression-sql.ts";
import { quoteName } from "../../data/sql.ts";
import { kindOf, listReads, type ValueKind } from "../../definitions/expression-kind.ts";
import type { ExpressionTree, WindowTree } from "../../definitions/expression-tree.ts";
import { findLongest } from "../../definitions/knowledge.ts";
import type { FeaturesSpec } from "../../definitions/spec.ts";
import { compileWindows } from "../compile-windows.ts";
import { createRows, type DatasetRows } from "../dataset-rows.ts";
import { toMicroseconds } from "../microseconds.ts";
import { kindsOfColumns, type WindowsTable } from "./feature-table.ts";

/** The rows of a table of the online store. */
export interface CompiledRows {
  /** To be run in order. */
  readonly statements: readonly string[];
  /**
   * The rows in the order of their keys: the values of the key, the event time, the features. Times are BIGINT, in
   * microseconds; numbers and truths are DOUBLE, NaN where null; categories are VARCHAR.
   */
  readonly query: string;
}

const relation = "online";
const column = (name: string) => `r.${quoteName(name)}`;

/**
 * Compiles a joined set: for every key, the features at its latest row that was known at the moment. A row counts as known
 * when all that the features read of it directly is known. Of rows with one key and time it is the one that is last when
 * they are sorted by all columns in the order of the schema, nulls first.
 */
export function compileLatestRows(set: FeaturesSpec, dataset: DatasetRows, asOf: bigint): CompiledRows {
  const { columns, key, eventTime } = dataset.spec;
  const trees = set.columns.map(({ expression }) => expression);
  const windows = compileWindows({ relation, eventTime, count: dataset.rows }, trees);
  const kindOfColumn = kindsOfColumns(dataset.spec);
  const read = new Set(
    trees.flatMap((tree) => listReads(tree)).flatMap((one) => (one.lag === undefined ? [one.column] : [])),
  );
  const known = toMicroseconds(findLongest(columns.filter(({ name }) => read.has(name)).map((one) => one.known)));
  const values = [
    ...key.map((name, i) => `${writeKey(column(name), kindOfColumn(name))} AS key_${i}`),
    `epoch_us(${column(eventTime)}) AS event_time`,
    ...set.columns.map(({ type, expression }, i) => {
      const value = compileExpression(expression, windows.scope);
      return `${type === "category" ? value : toNumber(value)} AS feature_${i}`;
    }),
  ];
  const isKnown = `epoch_us(${column(eventTime)}) <= ${asOf - known}`;
  const isEntity = key.map((name) => namesEntity(column(name), kindOfColumn(name)));
  const names = columns.map(({ name }) => name).filter((name) => name !== eventTime);
  const order = [`${column(eventTime)} DESC`, ...names.map((name) => `${column(name)} DESC NULLS LAST`)];
  const partition = key.length > 0 ? `PARTITION BY ${key.map(column).join(", ")} ` : "";
  return {
    statements: [createRows(relation, dataset), ...windows.statements],
    query: `SELECT ${values.join(", ")} FROM ${windows.from}
      WHERE ${[isKnown, ...isEntity].join(" AND ")}
      QUALIFY row_number() OVER (${partition}ORDER BY ${order.join(", ")}) = 1
      ${orderBy(key.length)}`,
  };
}

const byColumn = (i: number) => `__online_by_${i}`;
const probeColumn = "__online_probe";

/**
 * Compiles windows: for every entity that has a row in one of them, their values at a moment. Each entity is given a row
 * at the moment, at which its windows are evaluated as they are at any other row; a window has no row of its own time.
 */
export function compileWindowRows(table: WindowsTable, dataset: DatasetRows, asOf: bigint): CompiledRows {
  const { eventTime } = dataset.spec;
  const scope = { row: "r", window: () => "NULL" };
  const kindOfColumn = kindsOfColumns(dataset.spec);
  const by = table.by.map((tree, i) => `${compileExpression(tree, scope)} AS ${quoteName(byColumn(i))}`);
  const entity = table.by.map((_, i) => quoteName(byColumn(i)));
  const trees = table.windows.map((tree): WindowTree => {
    return { ...tree, by: tree.by.map((_, i): ExpressionTree => ({ op: "column", name: byColumn(i) })) };
  });
  const windows = compileWindows({ relation, eventTime }, trees);
  const us = `epoch_us(${column(eventTime)})`;
  const [from, to] = extentOf(table.windows, asOf);
  const values = [
    ...table.by.map((tree, i) => `${writeKey(column(byColumn(i)), kindOf(tree, kindOfColumn))} AS key_${i}`),
    `CAST(${asOf} AS BIGINT) AS event_time`,
    ...trees.map((tree, i) => {
      const value = compileExpression(tree, windows.scope);
      const kind = kindOf(table.windows[i] ?? tree, kindOfColumn);
      return `${kind === "string" || kind === "category" ? value : toNumber(writeTime(value, kind))} AS feature_${i}`;
    }),
  ];
  const isEntity = table.by.map((tree, i) => namesEntity(column(byColumn(i)), kindOf(tree, kindOfColumn)));
  const probe = [...entity, `make_timestamp(${asOf}) AS ${quoteName(eventTime)}`, `TRUE AS ${quoteName(probeColumn)}`];
  return {
    statements: [
      createRows(`${relation}_rows`, dataset),
      `CREATE TEMP TABLE ${relation}_past AS
        SELECT ${["r.*", ...by].join(", ")} FROM ${relation}_rows AS r WHERE ${us} >= ${from} AND ${us} < ${to}`,
      `CREATE TEMP TABLE ${relation} AS
        SELECT *, FALSE AS ${quoteName(probeColumn)} FROM ${relation}_past
        UNION ALL BY NAME SELECT DISTINCT ${probe.join(", ")} FROM ${relation}_past`,
      ...windows.statements,
    ],
    query: `SELECT ${values.join(", ")} FROM ${windows.from}
      WHERE ${[column(probeColumn), ...isEntity].join(" AND ")}
      ${orderBy(table.by.length)}`,
  };
}

/** From when, inclusive, until when, exclusive, windows have rows. */
function extentOf(windows: readonly WindowTree[], asOf: bigint): [from: bigint, to: bigint] {
  const ends = windows.map(({ lag }) => asOf - toMicroseconds(lag));
  const starts = windows.map(({ over }, i) => (ends[i] ?? asOf) - toMicroseconds(over));
  const least = (a: bigint, b: bigint) => (a < b ? a : b);
  const greatest = (a: bigint, b: bigint) => (a > b ? a : b);
  return [starts.reduce(least, asOf), ends.reduce(greatest, ends[0] ?? asOf)];
}

/** No request can name an entity by a null or a NaN. */
function namesEntity(sql: string, kind: ValueKind): string {
  return kind === "number" ? `${sql} IS NOT NULL AND NOT isnan(${sql})` : `${sql} IS NOT NULL`;
}

function writeKey(sql: string, kind: ValueKind): string {
  return kind === "timestamp" ? `epoch_us(${sql})` : sql;
}

function writeTime(sql: string, kind: ValueKind): string {
  return kind === "timestamp" ? `epoch_ms(${sql})` : sql;
}

/** What overflowed is missing, like what is null. */
function toNumber(sql: string): string {
  const number = `CAST(${sql} AS DOUBLE)`;
  return `CASE WHEN isfinite(${number}) THEN ${number} ELSE CAST('NaN' AS DOUBLE) END`;
}

function orderBy(keys: number): string {
  return keys > 0 ? `ORDER BY ${Array.from({ length: keys }, (_, i) => `key_${i}`).join(", ")}` : "";
}
