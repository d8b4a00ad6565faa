/**
 * The reading of one file, as a reader's process does it: looked at, converted, checked, and written in order. No row is
 * read twice but those of compressed text, which is unpacked once beforehand.
 * @module
 */
import { open, stat } from "node:fs/promises";
import { z } from "zod";
import { type Problem, StewardError } from "../../definitions/problem.ts";
import { formatOfSource } from "../../definitions/source-format.ts";
import type { DatasetSpec } from "../../definitions/spec.ts";
import { type CheckPlan, planCheck, planSpan, readFindings } from "../check.ts";
import { copyToParquet, type DuckDb, isOutOfMemory } from "../duckdb.ts";
import type { OnProgress } from "../progress.ts";
import type { FileReading } from "../read-source-files.ts";
import type { Breach } from "../refusal.ts";
import { loadedTable, openSource, readingSource } from "../source.ts";
import type { FileRequest } from "./channel.ts";
import { findOtherFormat, lookedAt } from "./content.ts";
import { lookThroughText, type TextLook } from "./text.ts";

const rowsPerPart = 1_048_576;
/** How often progress within the check is told, in milliseconds. */
const progressInterval = 500;
const shownCharacters = 1_000;

export interface FileOptions extends FileRequest {
  readonly spec: DatasetSpec;
  /** What may be spilled to disk, in bytes. */
  readonly spillBytes: number;
  readonly onProgress: OnProgress;
}

/**
 * Reads a file into Parquet files of its good and its bad rows. The database is left as it was found, unless this fails.
 * @throws StewardError when it cannot be read or lacks columns
 */
export async function readFile(db: DuckDb, options: FileOptions): Promise<FileReading> {
  await lookAtFile(options);
  try {
    return await readThrough(db, options);
  } catch (error) {
    throw isOutOfMemory(error) ? new StewardError(describeMemory(options, error), { cause: error }) : error;
  }
}

async function readThrough(db: DuckDb, options: FileOptions): Promise<FileReading> {
  const { spec, name, path, spillBytes, onProgress } = options;
  await db.run(`SET max_temp_directory_size = '${Math.floor(spillBytes / 2 ** 20)}MiB'`);
  const source = await openSource(db, spec, path);
  const plan = planCheck(spec, source);
  await readingSource(placeOf(options), () => check(db, plan, onProgress));
  await db.run(`DROP TABLE IF EXISTS ${loadedTable}`);
  const { rows, broken, breaches } = await readFindings(db, spec, plan);
  const written = await writeRows(db, { options, plan, good: rows - broken, broken });
  await db.run("DROP TABLE checked");
  return { name, rows, broken, breaches: breaches.map(shorten), dropped: [...source.dropped], ...written };
}

/** Values are shown in messages alone, and one may be megabytes long. */
export function shorten({ column, reason, rows, examples }: Breach): FileReading["breaches"][number] {
  const shown = examples.map(({ position, value }) => ({ position, value: value?.slice(0, shownCharacters) }));
  return { column, reason, rows, examples: shown };
}

function placeOf({ spec, path }: Pick<FileOptions, "spec" | "path">): { readonly at: string; readonly file: string } {
  return { at: `${spec.name}.source`, file: path };
}

/**
 * Refuses what would not be read to its end, or be read as something that it is not.
 * @returns what was seen of a text that had to be looked through
 */
export async function lookAtFile(options: FileOptions): Promise<TextLook | undefined> {
  const { spec, path, onProgress } = options;
  const format = formatOfSource(spec.source);
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => refuseFile(options, error.code));
  if (!facts.isFile()) return refuseFile(options, "not a file");
  const start = await readStart(path).catch((error: NodeJS.ErrnoException) => refuseFile(options, error.code));
  const isGzip = (format === "csv" || format === "json") && path.endsWith(".gz");
  if (!isGzip) refuseFormat(options, findOtherFormat(start, format));
  const hasLines = format === "csv";
  if (facts.size === 0 || !(isGzip || hasLines)) return undefined;
  const look = await lookThroughText({ path, size: facts.size, isGzip, hasLines, onProgress });
  if (look.refusal !== undefined) refuse(options, look.refusal);
  if (isGzip) refuseFormat(options, findOtherFormat(look.start, format), "unpacked ");
  return look;
}

async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(lookedAt), 0, lookedAt, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function refuseFile(options: FileOptions, got = "an unknown failure"): never {
  const what = "The file of a source cannot be read";
  throw new StewardError({
    code: "source-missing",
    ...placeOf(options),
    what,
    got,
    fix: "check what it is and who may read it",
  });
}

function refuseFormat(options: FileOptions, found: string | undefined, how = ""): void {
  if (found !== undefined) refuse(options, `${how}it begins like ${found}`);
}

function refuse(options: FileOptions, got: string): never {
  throw new StewardError({
    code: "source-unreadable",
    ...placeOf(options),
    what: `The source is not ${formatOfSource(options.spec.source)}${options.path.endsWith(".gz") ? ", compressed with gzip" : ""}`,
    got,
    fix: 'write the file anew, or correct the "format" of the source',
  });
}

function describeMemory(options: FileOptions, error: Error): Problem {
  const [said = ""] = error.message.split("\n");
  return {
    code: "source-unreadable",
    ...placeOf(options),
    what: "Reading the source takes more memory or disk than a reader may have",
    got: said,
    fix: "split the file, or write it with smaller rows or row groups",
  };
}

async function check(db: DuckDb, plan: CheckPlan, onProgress: OnProgress): Promise<void> {
  const tell = (done: number) => onProgress({ phase: "checking", done, total: 100, unit: "percent" });
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
    await db.run(copyToParquet(query, path, plan.copying));
    parts.push({ path, rows: end - start });
    onProgress({ phase: "writing", done: end, total: good, unit: "rows" });
  }
  const [span] = await db.rows(`SELECT ${planSpan(plan.time)} FROM checked WHERE broken IS NULL`, spanRow);
  const written = { parts, from: span?.from ?? "", to: span?.to ?? "" };
  if (broken === 0) return written;
  const path = `${prefix}-quarantine.parquet`;
  await db.run(copyToParquet(`SELECT ${plan.quarantined} FROM checked WHERE rowid >= ${good} ORDER BY position`, path));
  return { ...written, quarantine: { path, rows: broken } };
}
