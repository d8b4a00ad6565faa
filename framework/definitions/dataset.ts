/**
 * Datasets: rows of one zod schema, from one source, under a contract.
 * @module
 */
import type { z } from "zod";
import { describeColumns, reportVectors } from "./column.ts";
import { type Contract, type RecordedContract, recordContract, specifyContract } from "./contract.ts";
import { type Derivation, isDerivation, type Wanted } from "./derivation.ts";
import { specifyDerivation } from "./derivation-spec.ts";
import { formatOf } from "./format.ts";
import { infer, type inferred } from "./inferred.ts";
import { readOptions } from "./options.ts";
import { notePlace } from "./place.ts";
import type { Report } from "./report.ts";
import type { ColumnNames } from "./row.ts";
import type { Schedule } from "./schedule.ts";
import type { Source } from "./source.ts";
import type { DatasetSpec } from "./spec.ts";
import type { Duration } from "./units.ts";

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
   * Where the rows come from: `parquet(…)`, `arrow(…)`, `csv(…)` or `json(…)` of files here or elsewhere, `postgres(…)`, `push()`,
   * or `derived(…)` from other datasets, which gives every column of the schema as its kind of value.
   * @example parquet("flights.parquet")
   */
  readonly source: Source | Derivation<Wanted<z.output<NoInfer<S>>>>;
  /**
   * How often it is looked whether the source has something new, which then becomes the next version. A run that finds
   * nothing new makes none.
   * @default when the definition is applied, and when `npx steward ingest` asks
   * @example every("1 hour")
   */
  readonly schedule?: Schedule;
  /**
   * What the rows must be beyond the schema, and what happens to those that are not.
   * @default { violations: "reject", tolerance: 0 }
   * @example { violations: "quarantine", tolerance: 0.01, unique: ["flight", "date"] }
   */
  readonly contract?: Contract<z.output<NoInfer<S>>>;
  /**
   * Which versions `npx steward data gc` leaves in the store. Whatever is said here, the live version stays, and so does
   * every version that a training set was built from.
   * @default every version is kept
   * @example { versions: 10, for: "90 days" }
   */
  readonly retention?: Retention;
}

/** Which versions of a dataset are kept: those that one of the two says. One of them at least is given. */
export interface Retention {
  /**
   * The latest versions, the live one among them: how many. A whole number from 1.
   * @default none is kept for its number
   * @example 10
   */
  readonly versions?: number;
  /**
   * The versions that were live within this time.
   * @default none is kept for its age
   * @example "90 days"
   */
  readonly for?: Duration;
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
  readonly source: Source | Derivation;
  readonly schedule?: Schedule;
  readonly contract: RecordedContract;
  readonly retention?: Retention;
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
  const { contract = { violations: "reject" }, ...others } = readOptions(options, own);
  const recorded = recordContract(contract);
  const defined = infer<Dataset<z.output<S>, K>>({ ...own, key: [], ...others, contract: recorded });
  return notePlace(defined, dataset);
}

/** The spec of a dataset. Reports what no column can be, and names of columns that are none. */
export function specifyDataset(dataset: Dataset, report: Report): DatasetSpec {
  const { name, owner, license, schema, eventTime, key, source, schedule, retention } = dataset;
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
  reportVectors(columns, { at: `${name}.key`, option: "key", names: key, report });
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
    format: formatOf("dataset"),
    kind: "dataset",
    name,
    owner,
    ...(license !== undefined && { license }),
    columns: names.map((column) => columns.find((one) => one.name === column) ?? unreadable(column)),
    eventTime,
    key: [...key],
    source: isDerivation(source) ? specifyDerivation({ name, columns }, source, report) : source,
    ...(schedule && { schedule }),
    contract: specifyContract(dataset, report),
    ...(retention && { retention }),
  };
}

/** Stands for a column that was reported, so that the rest of the spec can still be checked. */
function unreadable(name: string): DatasetSpec["columns"][number] {
  return { name, type: "string", nullable: true, known: "0 seconds" };
}
