/**
 * The reading of many small files at once, as a reader's process does it: each becomes what `readFile` makes of it, byte for
 * byte, in a fraction of the statements. Whatever is odd about one of them fails all, and says nothing of which it is: then
 * they are read one by one.
 * @module
 */
import { isUtf8 } from "node:buffer";
import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { formatOfSource } from "../../definitions/source-format.ts";
import type { DatasetSpec } from "../../definitions/spec.ts";
import { type CheckPlan, type FileFindings, planCheck, readFileFindings } from "../check.ts";
import { mapConcurrently } from "../concurrency.ts";
import { copyToParquet, type DuckDb, splitToParquet } from "../duckdb.ts";
import type { Profile } from "../profile/profile.ts";
import { mostSmallRows, profileSmallParts } from "../profile/profile-small-parts.ts";
import type { FileReading } from "../read-source-files.ts";
import { openSources, type SourceGroup } from "../source.ts";
import { quotePath } from "../sql.ts";
import { type FileRequest, type ReadRequest, smallBytes } from "./channel.ts";
import { findOtherFormat, lookedAt } from "./content.ts";
import { lookAtFile, shorten } from "./read-file.ts";

/** So many rows are written and profiled at once at most; more are read, but one file at a time. */
const mostRows = 100_000;
/** How many files are looked at at once. */
const lookers = 8;
/** How much of a file of CSV is searched for its first line, in bytes. */
const headerBytes = 16 * 2 ** 10;

class NotAtOnce extends Error {}

/** Reads small files. @throws whatever goes wrong with any of them */
export async function readSmallFiles(db: DuckDb, request: ReadRequest): Promise<FileReading[]> {
  const { spec, files, spillBytes } = request;
  const looked = await mapConcurrently(files, lookers, (file) => lookAtSmallFile(spec, file));
  await requireFewRows(db, request);
  await db.run(`SET max_temp_directory_size = '${Math.floor(spillBytes / 2 ** 20)}MiB'`);
  const groups = await openSources(db, spec, looked);
  const byPath = new Map(files.map((file) => [file.path, file]));
  if (byPath.size < files.length) throw new NotAtOnce("one of them is there twice");
  const readings = new Map<string, FileReading>();
  for (const group of groups) {
    const own = group.files.map(({ location }) => byPath.get(location)).filter((file) => file !== undefined);
    for (const reading of await readGroup(db, { spec, group, files: own })) readings.set(reading.name, reading);
  }
  return files.map(({ name }) => {
    const reading = readings.get(name);
    if (!reading) throw new TypeError(`file "${name}" was not read`);
    return reading;
  });
}

/** Refuses what is for `readFile` to refuse, or to read. */
async function lookAtSmallFile(
  spec: DatasetSpec,
  file: FileRequest,
): Promise<{ readonly location: string; readonly header?: string | undefined }> {
  const { path } = file;
  const format = formatOfSource(spec.source);
  if (format !== "parquet" && path.endsWith(".gz")) {
    const look = await lookAtFile({ ...file, spec, spillBytes: 0, onProgress: () => {} });
    if (!look || look.unpacked > smallBytes) throw new NotAtOnce("it is empty, or unpacks to much");
    return { location: path };
  }
  const { size } = await stat(path).then((facts) => (facts.isFile() ? facts : { size: 0 }));
  if (size === 0 || size > smallBytes) throw new NotAtOnce("it is no file, or empty, or grew");
  const bytes = await readFile(path);
  const other = findOtherFormat(bytes.subarray(0, lookedAt), format);
  if (other !== undefined) throw new NotAtOnce(`it begins like ${other}`);
  // Of several files DuckDB does not look at columns that are not read.
  if (format === "csv" && !isUtf8(bytes)) throw new NotAtOnce("it is not UTF-8");
  return { location: path, header: format === "csv" ? findHeader(bytes.subarray(0, headerBytes)) : undefined };
}

/** The first line of a text, where it is of printable ASCII: what else there may be in one, DuckDB knows. */
function findHeader(start: Buffer): string | undefined {
  return /^([\x20-\x7e]+)\r?\n/.exec(start.toString("latin1"))?.[1];
}

/** Parquet says beforehand how many rows it has, and a small file may have any number. */
async function requireFewRows(db: DuckDb, { spec, files }: Pick<ReadRequest, "spec" | "files">): Promise<void> {
  if (formatOfSource(spec.source) !== "parquet") return;
  const paths = files.map(({ path }) => quotePath(path)).join(", ");
  const [{ rows } = { rows: 0 }] = await db.rows(
    `SELECT sum(num_rows) AS rows FROM parquet_file_metadata([${paths}])`,
    z.object({ rows: z.coerce.number() }),
  );
  if (rows > mostRows) throw new NotAtOnce("they have many rows");
}

interface Group {
  readonly spec: DatasetSpec;
  readonly group: SourceGroup;
  /** In the order of the group. */
  readonly files: readonly FileRequest[];
}

/** Reads files with the same columns. */
async function readGroup(db: DuckDb, { spec, group, files }: Group): Promise<FileReading[]> {
  const plan = planCheck(spec, group.source);
  await db.run(plan.statement);
  const findings = await readFileFindings(db, spec, plan);
  const good = new Map(Array.from(findings, ([number, { rows, broken }]) => [number, rows - broken] as const));
  for (const [number, rows] of good) if (rows === 0) good.delete(number);
  const total = [...good.values()].reduce((sum, rows) => sum + rows, 0);
  const atOnce = total <= mostRows;
  await writeParts(db, { plan, files, findings, good, atOnce });
  const isSmall = atOnce && [...good.values()].every((rows) => rows <= mostSmallRows);
  const profiles = isSmall ? await profileGood(db, plan, good) : undefined;
  const readings = [];
  for (const [number, file] of files.entries()) {
    const { name } = file;
    const { rows, broken, breaches, from, to } = findings.get(number) ?? nothingFound;
    const dropped = [...group.source.dropped];
    const parts = describePart(file, good.get(number), profiles?.get(number));
    const reading = { name, rows, broken, breaches: breaches.map(shorten), dropped, from, to, parts };
    if (broken === 0) readings.push(reading);
    else readings.push({ ...reading, quarantine: await writeQuarantine(db, { plan, file, number, broken }) });
  }
  await db.run("DROP TABLE checked");
  return readings;
}

const nothingFound: FileFindings = { start: 0, rows: 0, broken: 0, breaches: [], from: "", to: "" };

/** Ascending by number, as the rows lie. */
function profileGood(
  db: DuckDb,
  { columns }: CheckPlan,
  good: ReadonlyMap<number, number>,
): Promise<ReadonlyMap<number, Profile>> {
  const rows = new Map([...good].sort(([a], [b]) => a - b));
  return profileSmallParts(db, { from: "checked WHERE broken IS NULL", part: "file", order: "rowid", rows, columns });
}

function describePart(file: FileRequest, rows: number | undefined, profile: Profile | undefined): FileReading["parts"] {
  if (rows === undefined) return [];
  const part = { path: pathOfPart(file), rows };
  return [profile ? { ...part, profile } : part];
}

function pathOfPart({ prefix }: FileRequest): string {
  return `${prefix}-part-0.parquet`;
}

interface Writing {
  readonly plan: CheckPlan;
  readonly files: readonly FileRequest[];
  readonly findings: ReadonlyMap<number, FileFindings>;
  /** How many good rows each file has that has any. */
  readonly good: ReadonlyMap<number, number>;
  /** Whether all are written by one statement: as many rows as one thread reads, in their order. */
  readonly atOnce: boolean;
}

async function writeParts(db: DuckDb, { plan, files, findings, good, atOnce }: Writing): Promise<void> {
  const written = Array.from(good, ([number, rows]) => {
    const file = files[number];
    if (!file) throw new TypeError(`there is no file ${number}`);
    return { number, rows, path: pathOfPart(file), start: findings.get(number)?.start ?? 0 };
  });
  // Long vectors are written in groups of fewer rows, which files that are written at once are not.
  if (!atOnce || plan.copying.numbers !== undefined) {
    for (const { start, rows, path } of written) {
      const range = `rowid >= ${start} AND rowid < ${start + rows}`;
      await db.run(
        copyToParquet(`SELECT ${plan.values} FROM checked WHERE ${range} ORDER BY rowid`, path, plan.copying),
      );
    }
    return;
  }
  const [first] = written;
  if (!first) return;
  const folder = `${first.path}-all`;
  const query = (file: string) =>
    `SELECT file AS ${file}, ${plan.values} FROM checked WHERE broken IS NULL ORDER BY rowid`;
  const names = plan.columns.map(({ name }) => name);
  const { statement, folderOf } = splitToParquet(query, { folder, names });
  await db.run(statement);
  await mapConcurrently(written, lookers, async ({ number, path }) => {
    const own = join(folder, folderOf(number));
    const [only, ...others] = await readdir(own);
    if (only === undefined || others.length > 0) throw new TypeError(`the rows of a file became ${others.length + 1}`);
    await rename(join(own, only), path);
  });
  await rm(folder, { recursive: true });
}

async function writeQuarantine(
  db: DuckDb,
  { plan, file, number, broken }: { plan: CheckPlan; file: FileRequest; number: number; broken: number },
): Promise<FileReading["quarantine"]> {
  const path = `${file.prefix}-quarantine.parquet`;
  const rows = `file = ${number} AND broken IS NOT NULL ORDER BY position`;
  await db.run(copyToParquet(`SELECT ${plan.quarantined} FROM checked WHERE ${rows}`, path));
  return { path, rows: broken };
}
