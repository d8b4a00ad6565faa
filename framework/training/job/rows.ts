/**
 * The rows of a split as a TypeScript trainer gets them: one typed array a column.
 * @module
 */
import { tmpdir } from "node:os";
import { withDuckDb } from "../../data/duckdb.ts";
import { quoteName, quoteText } from "../../data/sql.ts";
import type { Job } from "../run.ts";

export interface Rows {
  readonly count: number;
  /**
   * Each feature by its name, in the order of the model's inputs: numbers and truths with NaN for what is missing, a category as
   * its code, or -1 for a value that is missing or not among its categories.
   */
  readonly columns: Readonly<Record<string, Float32Array>>;
  readonly label: Float64Array;
}

/** Reads the rows of a Parquet file as the model gets them. */
export async function readRows(file: string, job: Pick<Job, "features" | "categories" | "label">): Promise<Rows> {
  return withDuckDb(tmpdir(), async ({ connection }) => {
    const selected = [...job.features.map((feature) => encode(feature, job.categories)), toLabel(job.label)];
    const result = await connection.stream(`SELECT ${selected.join(", ")} FROM read_parquet(${quoteText(file)})`);
    const parts: (readonly unknown[])[][] = selected.map(() => []);
    let count = 0;
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      for (const [place, part] of parts.entries()) part.push(chunk.getColumnValues(place));
      count += chunk.rowCount;
    }
    const label = fill(new Float64Array(count), parts.at(-1) ?? []);
    const columns = job.features.map(
      ({ name }, place) => [name, fill(new Float32Array(count), parts[place] ?? [])] as const,
    );
    return { count, columns: Object.fromEntries(columns), label };
  });
}

function encode({ name, type }: Job["features"][number], categories: Job["categories"]): string {
  const column = quoteName(name);
  if (type !== "category") return `CAST(${column} AS FLOAT)`;
  const values = (categories[name] ?? []).map(quoteText).join(", ");
  // A list of nothing has no type of its own.
  return `CAST(coalesce(list_position(CAST([${values}] AS VARCHAR[]), CAST(${column} AS VARCHAR)) - 1, -1) AS FLOAT)`;
}

function toLabel(name: string): string {
  return `CAST(${quoteName(name)} AS DOUBLE)`;
}

function fill<A extends Float32Array | Float64Array>(array: A, parts: readonly (readonly unknown[])[]): A {
  let at = 0;
  for (const part of parts) for (const value of part) array[at++] = typeof value === "number" ? value : Number.NaN;
  return array;
}
