/**
 * Reading: from a source's file to Parquet files of the rows that keep the contract and of those that do not. Every row is
 * read once, converted, checked and put in order.
 *
 * The same file and spec give the same bytes: rows lie in the order of event time and then of all other columns, parts are
 * cut at every 1,048,576th row, and one version of DuckDB writes the same Parquet whatever the machine.
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import type { DatasetSpec } from "../definitions/spec.ts";
import { type CheckPlan, planCheck, readFindings } from "./check.ts";
import { copyToParquet, type DuckDb, withDuckDb } from "./duckdb.ts";
import type { OnProgress } from "./progress.ts";
import type { Breach } from "./refusal.ts";
import { openSource, readingSource } from "./source.ts";

const rowsPerPart = 1_048_576;
/** How often progress within the check is told, in milliseconds. */
const progressInterval = 500;

export interface ReadOptions {
  readonly spec: DatasetSpec;
  /** The files, by their names in the version. */
  readonly files: readonly { readonly name: string; readonly path: string }[];
  /** An existing folder. What a reading names lies there until its reader takes it away; all else is removed. */
  readonly folder: string;
  /** Ends the work; what is thrown is its reason. @default nothing does */
  readonly signal?: AbortSignal | undefined;
  /** Hears of the phase `checking`, in percent of a file, and `writing`, in rows. @default nobody does */
  readonly onProgress?: OnProgress | undefined;
}

/** What was read of one file. Plain data. */
export interface FileReading {
  readonly name: string;
  /** Rows of the file. */
  readonly rows: number;
  /** Rows that break at least one rule. */
  readonly broken: number;
  /** Each rule that was broken, most frequent first. */
  readonly breaches: readonly Breach[];
  /** Columns of the file that the schema lacks; they were not read. */
  readonly dropped: readonly string[];
  /** First and last event time of the rows that keep the contract, RFC 3339; both "" where there are none. */
  readonly from: string;
  readonly to: string;
  /** Parquet files of the rows that keep the contract, in order. */
  readonly parts: readonly { readonly path: string; readonly rows: number }[];
  /** A Parquet file of the rows that break it. @default there are none */
  readonly quarantine?: { readonly path: string; readonly rows: number };
}

/**
 * Reads files one after another and yields each as it is done. Whether there are too many bad rows is not judged here.
 *
 * @throws StewardError when a file cannot be read or lacks columns
 */
export async function* readSourceFiles(options: ReadOptions): AsyncGenerator<FileReading> {
  const { files, folder, signal } = options;
  for (const [number, file] of files.entries()) {
    const read = (db: DuckDb) => readFile(db, { ...options, file, prefix: join(folder, `file-${number}`) });
    yield await withDuckDb(folder, read, signal ? { signal } : {});
  }
}

type FileOptions = ReadOptions & {
  readonly file: ReadOptions["files"][number];
  /** Begins the paths of what is written. */
  readonly prefix: string;
};

async function readFile(db: DuckDb, options: FileOptions): Promise<FileReading> {
  const { spec, file, onProgress } = options;
  const source = await openSource(db, spec, file.path);
  const plan = planCheck(spec, source);
  await readingSource({ at: `${spec.name}.source`, file: file.path }, () => check(db, plan, onProgress));
  const { rows, broken, breaches } = await readFindings(db, spec, plan);
  const written = await writeRows(db, { options, plan, good: rows - broken, broken });
  return { name: file.name, rows, broken, breaches, dropped: source.dropped, ...written };
}

async function check(db: DuckDb, plan: CheckPlan, onProgress: OnProgress | undefined): Promise<void> {
  const tell = (done: number) => onProgress?.({ phase: "checking", done, total: 100, unit: "percent" });
  const telling = setInterval(() => tell(Math.floor(db.progress())), progressInterval);
  try {
    await db.run(plan.statement);
  } finally {
    clearInterval(telling);
  }
  tell(100);
}

const spanRow = z.object({ from: z.string().nullable(), to: z.string().nullable() });

interface Writing {
  readonly options: FileOptions;
  readonly plan: CheckPlan;
  readonly good: number;
  readonly broken: number;
}

async function writeRows(
  db: DuckDb,
  { options: { prefix, onProgress }, plan, good, broken }: Writing,
): Promise<Pick<FileReading, "parts" | "quarantine" | "from" | "to">> {
  const parts: { path: string; rows: number }[] = [];
  for (let start = 0; start < good; start += rowsPerPart) {
    const end = Math.min(start + rowsPerPart, good);
    const path = `${prefix}-part-${parts.length}.parquet`;
    const query = `SELECT ${plan.values} FROM checked WHERE rowid >= ${start} AND rowid < ${end} ORDER BY rowid`;
    await db.run(copyToParquet(query, path));
    parts.push({ path, rows: end - start });
    onProgress?.({ phase: "writing", done: end, total: good, unit: "rows" });
  }
  const [span] = await db.rows(
    `SELECT ${showTime(`min(${plan.time})`)} AS "from", ${showTime(`max(${plan.time})`)} AS "to" FROM checked WHERE broken IS NULL`,
    spanRow,
  );
  const written = { parts, from: span?.from ?? "", to: span?.to ?? "" };
  if (broken === 0) return written;
  const path = `${prefix}-quarantine.parquet`;
  await db.run(copyToParquet(`SELECT ${plan.quarantined} FROM checked WHERE rowid >= ${good} ORDER BY position`, path));
  return { ...written, quarantine: { path, rows: broken } };
}

/** RFC 3339 in UTC, with a fraction of a second only where there is one. */
function showTime(timestamp: string): string {
  return `regexp_replace(strftime(${timestamp}, '%Y-%m-%dT%H:%M:%S.%f'), '\\.?0*$', '') || 'Z'`;
}
