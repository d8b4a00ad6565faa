/**
 * Datasets: rows of one zod schema, from one source, under a contract.
 * @module
 */
import type { z } from "zod";
import { describeColumns } from "./column.ts";
import { formatOf } from "./format.ts";
import { infer, type inferred } from "./inferred.ts";
import { readOptions } from "./options.ts";
import { notePlace } from "./place.ts";
import type { Report } from "./report.ts";
import type { ColumnNames } from "./row.ts";
import type { Source } from "./source.ts";
import type { DatasetSpec } from "./spec.ts";

/** What a dataset is made of. */
export interface DatasetOptions<S extends z.ZodObject, K extends string = never> {
  /**
   * The team that answers for the data. Not empty.
   * @example "ops-data"
   */
  readonly owner: string;
  /**
   * The license of the data, as an SPDX identifier where it has one.
   * @default none is recorded
   * @example "CC0-1.0"
   */
  readonly license?: string;
  /**
   * The columns: the ingest contract, the training schema and the type of a request, in one. At least one column, of the
   * subset of zod in docs/zod-subset.md.
   * @example z.object({ start: z.date(), minutes: z.int().min(0).meta({ unit: "min", known: "1 hour" }) })
   */
  readonly schema: S;
  /**
   * The column that says when a row happened: a date, never missing. Windows, splits and joins go by it.
   * @example "date"
   */
  readonly eventTime: ColumnNames<z.output<S>>["times"];
  /**
   * The columns that together name a row's entity when another dataset is joined to this one.
   * @default [] — by time alone
   * @example ["airport"]
   */
  readonly key?: readonly K[];
  /**
   * Where the rows come from: `parquet(…)`, `csv(…)` or `json(…)`.
   * @example parquet("flights.parquet")
   */
  readonly source: Source;
  /**
   * What happens to rows that break the schema.
   * @default { violations: "reject", tolerance: 0 }
   * @example { violations: "quarantine", tolerance: 0.01 }
   */
  readonly contract?: Contract;
}

/** What happens to rows that break the schema. */
export interface Contract {
  /**
   * `reject` refuses the ingest when any row does, `quarantine` sets the rows apart with their reasons, `accept` keeps
   * them as far as their values are of the columns' types.
   * @example "quarantine"
   */
  readonly violations: "reject" | "quarantine" | "accept";
  /**
   * The largest share of rows, 0 to 1, that may break the schema before the ingest is refused. 0 where `violations` is
   * `reject`.
   * @default 0
   * @example 0.01
   */
  readonly tolerance?: number;
}

/** A dataset whose rows have the values `V`, and whose entities have the key `K`. */
export interface Dataset<V = unknown, K extends string = string> {
  readonly kind: "dataset";
  readonly name: string;
  readonly owner: string;
  readonly license?: string;
  readonly schema: z.ZodObject;
  readonly eventTime: string;
  readonly key: readonly K[];
  readonly source: Source;
  readonly contract: Contract;
  /** Never set: it carries the type of a row. */
  readonly [inferred]: { readonly values: V };
}

/**
 * Declares a dataset: rows of one zod schema, from one source, under a contract. Features are written against it, training
 * jobs take its rows as examples.
 *
 * @param name lower-case letters, digits and hyphens, at most 63; no other dataset of the project has it
 * @example
 * const flights = dataset("flights", {
 *   owner: "ops-data",
 *   schema: z.object({
 *     date: z.date(),
 *     origin: z.string().length(3),
 *     delay: z.int().meta({ unit: "min", known: "6 hours" }),
 *   }),
 *   eventTime: "date",
 *   source: parquet("flights.parquet"),
 *   contract: { violations: "quarantine", tolerance: 0.01 },
 * });
 */
export function dataset<S extends z.ZodObject, const K extends keyof z.output<NoInfer<S>> & string = never>(
  name: string,
  options: DatasetOptions<S, K>,
): Dataset<z.output<S>, K> {
  const own = { kind: "dataset", name } as const;
  const defined = infer<Dataset<z.output<S>, K>>({
    ...own,
    key: [],
    contract: { violations: "reject" },
    ...readOptions(options, own),
  });
  return notePlace(defined, dataset);
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
  if (contract.violations === "reject" && (contract.tolerance ?? 0) > 0) {
    report({
      code: "definition-invalid",
      at: `${name}.contract.tolerance`,
      what: '"tolerance" has no effect where "violations" is "reject"',
      got: String(contract.tolerance),
      expected: '0, or "violations" of "quarantine" or "accept"',
    });
  }
  return {
    format: formatOf("dataset"),
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
