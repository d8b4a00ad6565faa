/**
 * Datasets: rows of one zod schema, from one source, under a contract.
 * @module
 */
import type { z } from "zod";
import { describeColumns } from "./column.ts";
import type { Report } from "./report.ts";
import type { ColumnName, ColumnNameOf } from "./row.ts";
import type { Source } from "./source.ts";
import type { DatasetSpec } from "./spec.ts";

export interface DatasetOptions<S extends z.ZodObject, K extends string = never> {
  /** The team that answers for the data. Not empty. */
  readonly owner: string;
  /** The license of the data, as an SPDX identifier where it has one. @default none is recorded */
  readonly license?: string;
  /** The ingest contract, the training schema and the type of a request, in one. See `column.ts` for the subset of zod. */
  readonly schema: S;
  /** The column that says when a row happened: a date, never missing. Windows, splits and joins go by it. */
  readonly eventTime: ColumnNameOf<S, Date>;
  /** The columns that together name a row's entity when another dataset is joined to this one. @default [] — by time alone */
  readonly key?: readonly K[];
  /** Where the rows come from. */
  readonly source: Source;
  /** What happens to rows that break the schema. @default { violations: "reject", tolerance: 0 } */
  readonly contract?: Contract;
}

export interface Contract {
  /** `reject` refuses the ingest, `quarantine` sets the rows apart with their reasons, `accept` keeps them. */
  readonly violations: "reject" | "quarantine" | "accept";
  /** The largest share of rows, 0 to 1, that may break the schema before the ingest is refused. @default 0 */
  readonly tolerance?: number;
}

export interface Dataset<S extends z.ZodObject = z.ZodObject, K extends string = string> {
  readonly kind: "dataset";
  readonly name: string;
  readonly owner: string;
  readonly license?: string;
  readonly schema: S;
  readonly eventTime: string;
  readonly key: readonly K[];
  readonly source: Source;
  readonly contract: Contract;
}

/**
 * Declares a dataset.
 *
 * @example
 * dataset("rides", { owner: "city", schema: Ride, eventTime: "start", source: parquet("rides.parquet") })
 */
export function dataset<S extends z.ZodObject, const K extends ColumnName<NoInfer<S>> = never>(
  name: string,
  options: DatasetOptions<S, K>,
): Dataset<S, K> {
  return { kind: "dataset", name, key: [], contract: { violations: "reject" }, ...options };
}

/** The spec of a dataset. Reports what no column can be, and names of columns that are none. */
export function specifyDataset(dataset: Dataset, report: Report): DatasetSpec {
  const { name, owner, license, schema, eventTime, key, source, contract } = dataset;
  const columns = describeColumns(schema, `${name}.schema`, report);
  const names = Object.keys(schema.shape);
  for (const [i, column] of key.entries()) {
    if (names.includes(column)) continue;
    report({
      code: "column-unknown",
      at: `${name}.key[${i}]`,
      what: `"key" names no column`,
      got: column,
      expected: names.join(", "),
    });
  }
  const time = columns.find((column) => column.name === eventTime);
  if (names.length > 0 && !names.includes(eventTime)) {
    report({
      code: "column-unknown",
      at: `${name}.eventTime`,
      what: '"eventTime" names no column',
      got: eventTime,
      expected: names.join(", "),
    });
  } else if (time && (time.type !== "timestamp" || time.nullable)) {
    const got = `${time.nullable ? "optional " : ""}${time.type}`;
    report({
      code: "column-unknown",
      at: `${name}.eventTime`,
      what: `"eventTime" is not a date that every row has`,
      got,
      expected: "z.date()",
    });
  }
  return {
    kind: "dataset",
    name,
    owner,
    ...(license !== undefined && { license }),
    columns: names.map((column) => columns.find((one) => one.name === column) ?? unreadable(column)),
    eventTime,
    key: [...key],
    source,
    contract: { violations: contract.violations, tolerance: contract.tolerance ?? 0 },
  };
}

/** Stands for a column that was reported, so that the rest of the spec can still be checked. */
function unreadable(name: string): DatasetSpec["columns"][number] {
  return { name, type: "string", nullable: true, known: "0 seconds" };
}
