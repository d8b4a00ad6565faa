/**
 * Splits the examples by time and writes each split to a Parquet file of its own.
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { copyToParquet, type DuckDb } from "../data/duckdb.ts";
import type { OnProgress } from "../data/progress.ts";
import { quoteName } from "../data/sql.ts";
import { StewardError } from "../definitions/problem.ts";
import type { TrainingJobSpec } from "../definitions/spec.ts";
import type { Store } from "../store/store.ts";
import { relations } from "./compile-examples.ts";
import { formatTime } from "./microseconds.ts";
import { findEmptySplits, planSplit, type SplitName } from "./plan-split.ts";
import { reservedColumns, type TrainingSet } from "./training-set.ts";

/** One split of the examples. */
interface SplitRows {
  /** A query of its rows, in no order. */
  readonly query: string;
  readonly rows: number;
  /** First and last event time, RFC 3339; where there are no rows, the ends of the interval they would be in. */
  readonly from: string;
  readonly to: string;
}

export interface SplitExamples {
  /** All rows that have a label, those in the gaps of the split among them. */
  readonly rows: number;
  readonly splits: Readonly<Record<SplitName, SplitRows>>;
}

const microseconds = `epoch_us(${quoteName(reservedColumns.time)})`;
const extent = z.object({
  rows: z.coerce.number(),
  from: z.coerce.bigint().nullable(),
  to: z.coerce.bigint().nullable(),
});

/**
 * Splits the examples by the times they have.
 * @throws StewardError when a split that the job asks for has no rows.
 */
export async function splitExamples(db: DuckDb, job: TrainingJobSpec): Promise<SplitExamples> {
  const all = await measure(db, `SELECT * FROM ${relations.examples}`);
  if (all.from === null || all.to === null) {
    throw new StewardError({
      code: "label-invalid",
      at: `${job.name}.label`,
      what: '"label" is null in every row of the dataset',
      fix: "write a label that reads columns with values",
    });
  }
  const range = { from: all.from, to: all.to };
  const plan = planSplit(range, job.split);
  const measureSplit = async (name: SplitName): Promise<SplitRows> => {
    const { after, upTo } = plan[name];
    const query = `SELECT * FROM ${relations.examples} WHERE ${microseconds} > ${after} AND ${microseconds} <= ${upTo}`;
    const { rows, from, to } = await measure(db, query);
    return { query, rows, from: formatTime(from ?? after), to: formatTime(to ?? upTo) };
  };
  const splits = {
    train: await measureSplit("train"),
    validation: await measureSplit("validation"),
    test: await measureSplit("test"),
  };
  const empty = findEmptySplits(job, range, splits);
  if (empty.length > 0) throw new StewardError(empty);
  return { rows: all.rows, splits };
}

async function measure(db: DuckDb, query: string): Promise<z.output<typeof extent>> {
  const [found] = await db.rows(
    `SELECT count(*) AS rows, min(${microseconds}) AS from, max(${microseconds}) AS to FROM (${query})`,
    extent,
  );
  if (!found) throw new TypeError("a count has no row");
  return found;
}

export interface WriteOptions {
  /** See `CompiledExamples`. */
  readonly columns: readonly string[];
  readonly unpack: (rows: string) => string;
  /** @default there are no long vectors */
  readonly numbers?: number | undefined;
  readonly store: Pick<Store, "putFile">;
  /** Told of the phase `writing`. @default nobody is told */
  readonly onProgress?: OnProgress | undefined;
}

/** Writes each split, sorted by time and then by every other column in their order, so that the same examples have the same bytes. */
export async function writeSplits(
  db: DuckDb,
  splits: SplitExamples["splits"],
  options: WriteOptions,
): Promise<TrainingSet["splits"]> {
  const { columns, unpack, numbers, store, onProgress } = options;
  const { time } = reservedColumns;
  const order = [time, ...columns.filter((column) => column !== time)].map(quoteName).join(", ");
  const total = splits.train.rows + splits.validation.rows + splits.test.rows;
  let done = 0;
  const write = async (name: SplitName) => {
    const { query, rows, from, to } = splits[name];
    const path = join(db.folder, `${name}.parquet`);
    await db.run(copyToParquet(unpack(`${query} ORDER BY ${order}`), path, { numbers }));
    const object = await store.putFile(path);
    done += rows;
    onProgress?.({ phase: "writing", done, total, unit: "rows" });
    return { object, rows, from, to };
  };
  return { train: await write("train"), validation: await write("validation"), test: await write("test") };
}
