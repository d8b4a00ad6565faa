/**
 * Taking rows of a file back out of quarantine: from their values as they came to values of the schema's types, among the good
 * rows of the file, in the order in which they would have been read.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { StewardError } from "../definitions/problem.ts";
import type { DatasetSpec } from "../definitions/spec.ts";
import { fileIdentity } from "../plan/identity.ts";
import type { Reference } from "../store/reference.ts";
import { planSpan } from "./check.ts";
import { repeats } from "./contract.ts";
import type { VersionFile } from "./dataset-version.ts";
import { copyOptionsOf, copyToParquet, type DuckDb, withDuckDb } from "./duckdb.ts";
import { isAmong, judgeReadmitted, judgeRepeated, nameOf, planReadmitted } from "./judge-readmitted.ts";
import { profilePartWith } from "./profile/profile-part.ts";
import { identifyPositions } from "./readmission.ts";
import { quoteName, quotePath, quoteText } from "./sql.ts";

const rowsPerPart = 1_048_576;

export interface ReadmitOptions {
  readonly spec: DatasetSpec;
  /** The file as a version has it. */
  readonly file: VersionFile;
  /** The rows of it to take back, by their positions. Those that are not in quarantine are good already. */
  readonly positions: readonly number[];
  /** All rows of it that are taken back then, those that were before among them. */
  readonly all: readonly number[];
  readonly store: {
    fetchFile(reference: Reference): Promise<string>;
    putFile(path: string): Promise<Reference>;
    putJson(value: unknown): Promise<Reference>;
  };
  /** An existing folder, left as it was found. */
  readonly workFolder: string;
  /** Ends the work; the promise is rejected with its reason. @default nothing does */
  readonly signal?: AbortSignal | undefined;
}

/** A file with rows taken back. @throws StewardError with every row that cannot be, and why */
export async function readmitRows(options: ReadmitOptions): Promise<VersionFile> {
  const { spec, file, all, store, workFolder, signal } = options;
  const identity = fileIdentity(spec, file.fingerprint, identifyPositions(all));
  if (!file.quarantine) return { ...file, identity };
  const { quarantine: apart, ...kept } = file;
  const folder = await mkdtemp(join(workFolder, "readmit-"));
  try {
    const quarantine = await store.fetchFile(apart.object);
    const parts = await Promise.all(file.parts.map(({ object }) => store.fetchFile(object)));
    return await withDuckDb(
      folder,
      async (db) => {
        await db.run(planReadmitted(options, quarantine));
        const problems = await judgeReadmitted(db, options);
        if (problems.length > 0) throw new StewardError(problems);
        await db.run(planUnion(spec, parts));
        const repeated = await judgeRepeated(db, options);
        if (repeated) throw new StewardError(repeated);
        return { ...kept, identity, ...(await writeFile(db, { ...options, folder, quarantine })) };
      },
      signal ? { signal } : {},
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** SQL: all rows that are good then, under the names of their columns. */
function planUnion({ columns }: DatasetSpec, parts: readonly string[]): string {
  const names = columns.map(({ name }) => quoteName(name)).join(", ");
  const added = columns.map(({ name }, index) => `${nameOf(index)} AS ${quoteName(name)}`).join(", ");
  const there = `SELECT ${names} FROM read_parquet([${parts.map(quotePath).join(", ")}], hive_partitioning = false)`;
  return `CREATE TEMP TABLE good AS ${parts.length > 0 ? `${there} UNION ALL ` : ""}SELECT ${added} FROM readmitted`;
}

interface Writing extends ReadmitOptions {
  /** Takes what is written. */
  readonly folder: string;
  /** The Parquet file of the rows that were set apart. */
  readonly quarantine: string;
}

async function writeFile(
  db: DuckDb,
  writing: Writing,
): Promise<Pick<VersionFile, "rows" | "from" | "to" | "parts" | "quarantine">> {
  const { spec } = writing;
  const time = quoteName(spec.eventTime);
  const others = spec.columns.map(({ name }) => quoteName(name)).filter((name) => name !== time);
  const order = [time, ...others].map((name) => `${name} ASC NULLS LAST`).join(", ");
  await db.run(`CREATE TABLE ordered AS SELECT * FROM good ORDER BY ${order}`);
  const [counted] = await db.rows(
    `SELECT count(*) AS rows, ${planSpan(time)} FROM ordered`,
    z.object({ rows: z.coerce.number(), from: z.string().nullable(), to: z.string().nullable() }),
  );
  const rows = counted?.rows ?? 0;
  const parts = await writeParts(db, { ...writing, rows });
  const quarantine = await writeRest(db, writing);
  return { rows, from: counted?.from ?? "", to: counted?.to ?? "", parts, ...(quarantine && { quarantine }) };
}

async function writeParts(
  db: DuckDb,
  { spec, folder, store, signal, rows }: Writing & { readonly rows: number },
): Promise<VersionFile["parts"]> {
  const names = spec.columns.map(({ name }) => quoteName(name)).join(", ");
  const parts: VersionFile["parts"] = [];
  for (let start = 0; start < rows; start += rowsPerPart) {
    signal?.throwIfAborted();
    const end = Math.min(start + rowsPerPart, rows);
    const path = join(folder, `part-${parts.length}.parquet`);
    const query = `SELECT ${names} FROM ordered WHERE rowid >= ${start} AND rowid < ${end} ORDER BY rowid`;
    await db.run(copyToParquet(query, path, copyOptionsOf(spec.columns)));
    const profile = await store.putJson(await profilePartWith(db, { path, columns: spec.columns }));
    parts.push({ object: await store.putFile(path), rows: end - start, profile });
  }
  return parts;
}

/** The rows that stay set apart. @returns nothing where none do */
async function writeRest(
  db: DuckDb,
  { file, positions, folder, quarantine, store }: Writing,
): Promise<VersionFile["quarantine"]> {
  const path = join(folder, "quarantine.parquet");
  const all = `read_parquet(${quotePath(quarantine)}, hive_partitioning = false)`;
  await db.run(
    copyToParquet(`SELECT * FROM ${all} WHERE NOT (${isAmong("__position", positions)}) ORDER BY __position`, path),
  );
  const before = file.quarantine?.reasons ?? [];
  const [counted] = await db.rows(
    `SELECT count(*) AS rows, [${before.map((reason) => `count_if(${hasReason(reason)})`).join(", ")}] AS counts
     FROM read_parquet(${quotePath(path)}, hive_partitioning = false)`,
    z.object({ rows: z.coerce.number(), counts: z.array(z.coerce.number()) }),
  );
  if (!counted || counted.rows === 0) return undefined;
  const reasons = before
    .map((reason, index) => ({ ...reason, rows: counted.counts[index] ?? 0 }))
    .filter(({ rows }) => rows > 0)
    .sort((a, b) => b.rows - a.rows);
  return { object: await store.putFile(path), rows: counted.rows, reasons };
}

/** SQL: whether a row that was set apart has a reason. */
function hasReason({ column, reason }: { readonly column: string; readonly reason: string }): string {
  if (reason === repeats)
    return `len(list_filter(__reasons, lambda said: starts_with(said, ${quoteText(`${column} repeats row `)}))) > 0`;
  return `list_contains(__reasons, ${quoteText(column === "" ? reason : `${column} ${reason}`)})`;
}
