/**
 * Judging rows that are to be taken back out of quarantine: whether each value is one of its column's type, and whether a row
 * would be there twice.
 * @module
 */
import { z } from "zod";
import type { Problem } from "../definitions/problem.ts";
import type { ColumnSpec, DatasetSpec } from "../definitions/spec.ts";
import { isStrict } from "./contract.ts";
import { convertColumn } from "./conversion.ts";
import type { VersionFile } from "./dataset-version.ts";
import type { DuckDb } from "./duckdb.ts";
import { showValue } from "./refusal.ts";
import { quoteName, quotePath } from "./sql.ts";

/** How many rows that cannot be taken back are told of. */
const mostProblems = 20;

/** Which rows of which file. */
export interface RowsToReadmit {
  readonly spec: DatasetSpec;
  readonly file: Pick<VersionFile, "name">;
  /** By their positions. */
  readonly positions: readonly number[];
}

/** Every value of rows that is none of its column's type, as a problem each. @param quarantine the Parquet file that has the rows */
export async function findUnfit(db: DuckDb, rows: RowsToReadmit, quarantine: string): Promise<readonly Problem[]> {
  await db.run(planReadmitted(rows, quarantine));
  const problems = await judgeReadmitted(db, rows);
  await db.run("DROP TABLE readmitted");
  return problems;
}

/** SQL: fills the table `readmitted` with the rows as they came, and as values under the names of `nameOf`. */
export function planReadmitted(
  { spec, positions }: Pick<RowsToReadmit, "spec" | "positions">,
  quarantine: string,
): string {
  const values = spec.columns.map((column, index) => {
    const value = convertColumn(column, { type: "text", sql: quoteName(column.name) });
    return `${value ?? "NULL"} AS ${nameOf(index)}`;
  });
  return `CREATE TEMP TABLE readmitted AS SELECT *, ${values.join(", ")}
    FROM read_parquet(${quotePath(quarantine)}, hive_partitioning = false)
    WHERE ${isAmong("__position", positions)}`;
}

/** The name of a column's value, by the column's place in the schema. */
export function nameOf(index: number): string {
  return `__value${index}`;
}

/** SQL: whether a position is one of some. */
export function isAmong(position: string, positions: readonly number[]): string {
  return positions.length === 0 ? "false" : `${position} IN (${positions.join(", ")})`;
}

const unfitRow = z.object({ position: z.coerce.number(), raw: z.string().nullable() });

/** Every value in the table `readmitted` that is none of its column's type, or is missing where none may be. */
export async function judgeReadmitted(db: DuckDb, rows: RowsToReadmit): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const [index, column] of rows.spec.columns.entries()) {
    const raw = quoteName(column.name);
    const isOptional = column.nullable && column.name !== rows.spec.eventTime;
    const found = await db.rows(
      `SELECT __position AS position, CAST(${raw} AS VARCHAR) AS raw FROM readmitted
       WHERE ${nameOf(index)} IS NULL${isOptional ? ` AND ${raw} IS NOT NULL` : ""}
       ORDER BY __position LIMIT ${mostProblems - problems.length}`,
      unfitRow,
    );
    problems.push(...found.map((row) => describeUnfit(rows, column, row)));
    if (problems.length >= mostProblems) break;
  }
  return problems;
}

function describeUnfit(
  { spec, file }: RowsToReadmit,
  { name, type, nullable }: ColumnSpec,
  { position, raw }: z.output<typeof unfitRow>,
): Problem {
  const row = `Row ${position}${file.name === "" ? "" : ` of ${file.name}`}`;
  return {
    code: "readmission-refused",
    at: `${spec.name}.${name}`,
    what:
      raw === null
        ? `${row} has no "${name}", which every row has to have`
        : `${row} has a "${name}" that is no ${type}`,
    got: showValue(raw ?? undefined),
    expected: nullable ? `${type}, or none` : type,
    fix: "leave the row in quarantine, and mend the source",
  };
}

const repeatedRow = z.object({ texts: z.array(z.string()), count: z.coerce.number() });

/** What is said when rows of the table `good` are there twice that must not be. */
export async function judgeRepeated(
  db: DuckDb,
  { spec, file }: Omit<RowsToReadmit, "positions">,
): Promise<Problem | undefined> {
  const { unique } = spec.contract;
  if (!unique || !isStrict(spec)) return undefined;
  const keys = unique.map(quoteName);
  const [repeated] = await db.rows(
    `SELECT [${keys.map((key) => `CAST(${key} AS VARCHAR)`).join(", ")}] AS texts, count(*) OVER () AS count FROM good
     WHERE ${keys.map((key) => `${key} IS NOT NULL`).join(" AND ")}
     GROUP BY ${keys.join(", ")} HAVING count(*) > 1 ORDER BY ${keys.join(", ")} LIMIT 1`,
    repeatedRow,
  );
  if (!repeated) return undefined;
  const { texts, count } = repeated;
  const where = file.name === "" ? "" : ` of ${file.name}`;
  return {
    code: "readmission-refused",
    at: `${spec.name}.contract.unique`,
    what: `${count.toLocaleString("en-US")} of the rows${where} would be there twice, and "unique" allows none to be`,
    got: unique.map((column, index) => `${column} ${showValue(texts[index])}`).join(", "),
    expected: `no two rows with the same ${unique.join(", ")}`,
    fix: "take back those rows only that repeat no other",
  };
}
