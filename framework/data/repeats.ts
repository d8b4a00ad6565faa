/**
 * Repeats over files: rows whose values of the columns of `unique` are in more than one file of a source. Within a file
 * the check sets them apart; over files nothing says which of them is wrong, so that the ingest is refused.
 * @module
 */
import { z } from "zod";
import type { Problem } from "../definitions/problem.ts";
import type { DatasetSpec } from "../definitions/spec.ts";
import type { DuckDb } from "./duckdb.ts";
import { showValue } from "./refusal.ts";
import { quoteName, quotePath, quoteText } from "./sql.ts";

/** A file of a source, and the Parquet files of its rows that keep the contract. */
export interface PartedFile {
  readonly name: string;
  readonly paths: readonly string[];
}

export interface Repeats {
  /** How many combinations of values are in more than one file. */
  readonly count: number;
  /** Some of them, in the order of the files. */
  readonly examples: readonly Repeat[];
}

interface Repeat {
  /** The values as texts, in the order of the columns. */
  readonly values: readonly string[];
  /** The first file that has them, and the last. */
  readonly files: readonly [first: string, last: string];
}

export interface RepeatsQuery {
  /** In the order of the source. */
  readonly files: readonly PartedFile[];
  /** The columns of `unique`. */
  readonly columns: readonly string[];
  /** How many examples are wanted. */
  readonly limit: number;
}

const repeatRow = z.object({
  count: z.coerce.number(),
  first: z.coerce.number(),
  last: z.coerce.number(),
  texts: z.array(z.string()),
});

/** Finds values that are in more than one file. Rows with a null in one of the columns are compared with none. */
export async function findRepeats(db: DuckDb, { files, columns, limit }: RepeatsQuery): Promise<Repeats> {
  const places = files.flatMap(({ paths }, number) => paths.map((path) => `(${quoteText(path)}, ${number})`));
  if (places.length === 0) return { count: 0, examples: [] };
  const paths = files.flatMap((file) => file.paths.map(quotePath)).join(", ");
  const names = columns.map(quoteName);
  const rows = await db.rows(
    `SELECT count(*) OVER () AS count, first, last, [${names.map((name) => `CAST(${name} AS VARCHAR)`).join(", ")}] AS texts
     FROM (
       SELECT ${names.join(", ")}, min(__number) AS first, max(__number) AS last
       FROM read_parquet([${paths}], filename = '__file', hive_partitioning = false)
       JOIN (VALUES ${places.join(", ")}) AS places(__path, __number) ON __file = __path
       WHERE ${names.map((name) => `${name} IS NOT NULL`).join(" AND ")}
       GROUP BY ${names.join(", ")} HAVING min(__number) <> max(__number)
     )
     ORDER BY first, last, ${names.join(", ")} LIMIT ${limit}`,
    repeatRow,
  );
  const nameOf = (number: number) => files[number]?.name ?? "";
  return {
    count: rows[0]?.count ?? 0,
    examples: rows.map(({ texts, first, last }) => ({ values: texts, files: [nameOf(first), nameOf(last)] })),
  };
}

/** What is said of values that are in more than one file. */
export function describeRepeats(spec: DatasetSpec, { count, examples }: Repeats, file: string): Problem {
  const { unique = [] } = spec.contract;
  const shown = examples.map(({ values, files: [first, last] }) => {
    const pairs = unique.map((column, index) => `${column} ${showValue(values[index])}`).join(", ");
    return `(${pairs}) in ${first} and ${last}`;
  });
  return {
    code: "contract-broken",
    at: `${spec.name}.contract.unique`,
    file,
    what: `${count.toLocaleString("en-US")} ${count === 1 ? "row is" : "rows are"} in more than one file, and "unique" allows none to be`,
    got: `${shown.join(", ")}${count > examples.length ? ", …" : ""}`,
    expected: `no two rows with the same ${unique.join(", ")}`,
    fix: "take the rows out of one of the files; which of them is wrong, only what writes them knows",
  };
}
