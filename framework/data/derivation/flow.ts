/**
 * The rows between two steps of a derivation, as a relation: its columns have numbers as DOUBLE, texts as VARCHAR, truths as
 * BOOLEAN, moments as TIMESTAMP and vectors as DOUBLE[]. Pure.
 * @module
 */
import type { ColumnSpec } from "../../definitions/spec.ts";
import { quoteName, quotePath } from "../sql.ts";

/** A column between two steps. Whole numbers are told apart as long as they are. */
export type FlowColumn = Pick<ColumnSpec, "name" | "type" | "length">;

export interface Flow {
  /** The name of a table or view. */
  readonly relation: string;
  readonly columns: readonly FlowColumn[];
  /** The column by which rows are earlier and later. */
  readonly eventTime: string;
}

/** The rows of a version that steps begin with, or that are joined. */
export interface UpstreamRows {
  readonly columns: readonly ColumnSpec[];
  readonly eventTime: string;
  readonly key: readonly string[];
  /** The Parquet files of its parts. */
  readonly files: readonly string[];
}

/** The query of a version's rows. */
export function selectUpstream({ columns, files }: UpstreamRows): string {
  if (files.length === 0) {
    const nothing = columns.map(({ name, type }) => `CAST(NULL AS ${sqlTypes[type]}) AS ${quoteName(name)}`);
    return `SELECT ${nothing.join(", ")} WHERE FALSE`;
  }
  const values = columns.map(({ name, type }) => `CAST(${quoteName(name)} AS ${sqlTypes[type]}) AS ${quoteName(name)}`);
  return `SELECT ${values.join(", ")} FROM read_parquet([${files.map(quotePath).join(", ")}], hive_partitioning = false)`;
}

const sqlTypes: Readonly<Record<ColumnSpec["type"], string>> = {
  string: "VARCHAR",
  integer: "DOUBLE",
  number: "DOUBLE",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMP",
  vector: "DOUBLE[]",
};

/** The columns by their names, as SQL. */
export function listNames(columns: readonly Pick<FlowColumn, "name">[], row?: string): string[] {
  return columns.map(({ name }) => (row === undefined ? quoteName(name) : `${row}.${quoteName(name)}`));
}

/** In the order of their names, which no order of steps changes. */
export function sortColumns<C extends Pick<FlowColumn, "name">>(columns: readonly C[]): C[] {
  return columns.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The columns with some replaced in their place, and others behind them. */
export function replaceColumns(columns: readonly FlowColumn[], made: readonly FlowColumn[]): FlowColumn[] {
  const names = new Set(columns.map(({ name }) => name));
  return [
    ...columns.map((column) => made.find(({ name }) => name === column.name) ?? column),
    ...made.filter(({ name }) => !names.has(name)),
  ];
}
