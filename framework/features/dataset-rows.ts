/**
 * The rows of a dataset as a relation that features are computed from. Pure.
 * @module
 */
import { quoteName, quotePath } from "../data/sql.ts";
import type { ColumnSpec, DatasetSpec } from "../definitions/spec.ts";

/** The rows of a dataset that a feature set is computed from. */
export interface DatasetRows {
  readonly spec: DatasetSpec;
  /** The Parquet files. */
  readonly files: readonly string[];
  readonly rows: number;
}

/**
 * The statement that makes the relation: numbers as DOUBLE, times as TIMESTAMP. Rows without a time, which a contract may
 * have accepted, are before nothing and after nothing: they are left out.
 */
export function createRows(relation: string, rows: ReadRows): string {
  return `CREATE TEMP VIEW ${relation} AS ${selectRows(rows)}`;
}

/** What of them is read. */
interface ReadRows extends Pick<DatasetRows, "files"> {
  readonly spec: Pick<DatasetSpec, "columns" | "eventTime">;
}

/** Rows of one file by their places in it, from 0: from the first up to the second, and without it. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** The query of the relation's rows. @param range those that are wanted of one file. @default all of all files */
export function selectRows({ spec, files }: ReadRows, range?: RowRange): string {
  const columns = spec.columns.map((column) => `${readColumn(column)} AS ${quoteName(column.name)}`);
  const wanted = range ? ` AND file_row_number >= ${range.from} AND file_row_number < ${range.to}` : "";
  const places = range ? ", file_row_number = true" : "";
  return `SELECT ${columns.join(", ")}
    FROM read_parquet([${files.map(quotePath).join(", ")}], hive_partitioning = false${places})
    WHERE ${quoteName(spec.eventTime)} IS NOT NULL${wanted}`;
}

function readColumn({ name, type }: ColumnSpec): string {
  const column = quoteName(name);
  switch (type) {
    case "integer":
    case "number":
      return `CAST(${column} AS DOUBLE)`;
    case "timestamp":
      return `CAST(${column} AS TIMESTAMP)`;
    case "boolean":
    case "string":
      return column;
    case "vector":
      return `CAST(${column} AS DOUBLE[])`;
  }
}
