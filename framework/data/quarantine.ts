/**
 * The quarantine of a dataset's version, read for people: rows that broke the contract, as they came.
 * @module
 */
import { z } from "zod";
import type { Reference } from "../store/reference.ts";
import { repeats } from "./contract.ts";
import type { DatasetVersion, VersionFile } from "./dataset-version.ts";
import { type DuckDb, withDuckDb } from "./duckdb.ts";
import { quoteName, quotePath, quoteText } from "./sql.ts";
import { readVersionFiles } from "./version-files.ts";

/** A row that broke the contract. */
export interface QuarantinedRow {
  /** The name of its file; "" where the source is one file. */
  readonly file: string;
  /** Of the row in its file, from 1. */
  readonly position: number;
  /** Every reason, each beginning with its column where it has one. */
  readonly reasons: readonly string[];
  /** What was there, as texts, by column. */
  readonly values: Readonly<Record<string, string | null>>;
}

export interface QuarantineQuery {
  readonly store: QuarantineStore;
  readonly version: DatasetVersion;
  /** A part of one of a row's reasons, in any case. @default any reason */
  readonly reason?: string;
  /** The column that one of a row's reasons is about. @default any column */
  readonly column?: string;
  /** How many rows that fit are passed over. @default 0 */
  readonly skip?: number;
  /** How many rows are read at most. */
  readonly limit: number;
  /** Takes a temporary database. */
  readonly workFolder: string;
}

interface QuarantineStore {
  getJson<T>(reference: Reference, schema: z.ZodType<T>): Promise<T>;
  fetchFile(reference: Reference): Promise<string>;
}

export interface QuarantinePage {
  /** In the order of the files and of the rows in them. */
  readonly rows: readonly QuarantinedRow[];
  /** Whether there are more that fit. */
  readonly isMore: boolean;
}

/** Reads a page of the quarantine. A file is fetched only when a row of it may be on the page. */
export async function readQuarantine(query: QuarantineQuery): Promise<QuarantinePage> {
  const { store, version, limit, workFolder } = query;
  return withDuckDb(workFolder, async (db) => {
    const rows: QuarantinedRow[] = [];
    let skip = query.skip ?? 0;
    for await (const file of readVersionFiles(store, version)) {
      if (!file.quarantine || !mayFit(file.quarantine.reasons, query)) continue;
      if (isUnfiltered(query) && skip >= file.quarantine.rows) {
        skip -= file.quarantine.rows;
        continue;
      }
      const path = await store.fetchFile(file.quarantine.object);
      // One more than is wanted tells whether there is more.
      const found = await readFile(db, { query, path, wanted: limit + 1 - rows.length, skip });
      skip = found.length > 0 ? 0 : skip - (await countFitting(db, query, path));
      rows.push(...found.map((row) => ({ file: file.name, ...row })));
      if (rows.length > limit) return { rows: rows.slice(0, limit), isMore: true };
    }
    return { rows, isMore: false };
  });
}

type Reasons = NonNullable<VersionFile["quarantine"]>["reasons"];

/** Whether rows of a file may fit, by the reasons that its manifest counts. */
function mayFit(reasons: Reasons, { reason: part, column: wanted }: QuarantineQuery): boolean {
  return reasons.some(({ column, reason }) => {
    // Of a repeated row the manifest does not say which row it repeats.
    const isNamed = part === undefined || reason === repeats || includes(`${column} ${reason}`, part);
    return isNamed && (wanted === undefined || column === wanted || column.split(", ").includes(wanted));
  });
}

function includes(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

function isUnfiltered({ reason, column }: QuarantineQuery): boolean {
  return reason === undefined && column === undefined;
}

const rowSchema = z.looseObject({ __position: z.coerce.number(), __reasons: z.array(z.string()) });
const textSchema = z.record(z.string(), z.string().nullable());

interface FileQuery {
  readonly query: QuarantineQuery;
  readonly path: string;
  readonly wanted: number;
  readonly skip: number;
}

async function readFile(
  db: DuckDb,
  { query, path, wanted, skip }: FileQuery,
): Promise<readonly Omit<QuarantinedRow, "file">[]> {
  const rows = await db.rows(
    `SELECT * FROM read_parquet(${quotePath(path)}, hive_partitioning = false) WHERE ${planFilter(query)}
     ORDER BY __position LIMIT ${wanted} OFFSET ${skip}`,
    rowSchema,
  );
  return rows.map(({ __position: position, __reasons: reasons, ...values }) => ({
    position,
    reasons,
    values: textSchema.parse(values),
  }));
}

async function countFitting(db: DuckDb, query: QuarantineQuery, path: string): Promise<number> {
  const [counted] = await db.rows(
    `SELECT count(*) AS rows FROM read_parquet(${quotePath(path)}, hive_partitioning = false) WHERE ${planFilter(query)}`,
    z.object({ rows: z.coerce.number() }),
  );
  return counted?.rows ?? 0;
}

/** SQL: whether one reason of a row is what is looked for. */
function planFilter({ reason, column }: QuarantineQuery): string {
  const conditions = [
    ...(reason === undefined ? [] : [`contains(lower(reason), lower(${quoteText(reason)}))`]),
    ...(column === undefined
      ? []
      : [
          `(starts_with(reason, ${quoteText(`${column} `)}) OR (contains(reason, ' repeats row ') AND ` +
            `list_contains(string_split(split_part(reason, ' repeats row ', 1), ', '), ${quoteText(column)})))`,
        ]),
  ];
  if (conditions.length === 0) return "true";
  return `len(list_filter(${quoteName("__reasons")}, lambda reason: ${conditions.join(" AND ")})) > 0`;
}

/** The columns that a reason is about; none of a rule over the whole row. */
export function findReasonColumns(reason: string, columns: readonly string[]): readonly string[] {
  const own = columns.filter((column) => reason.startsWith(`${column} `));
  const [longest] = own.toSorted((a, b) => b.length - a.length);
  if (longest !== undefined) return [longest];
  const [, named = ""] = /^(.*) repeats row \d+$/s.exec(reason) ?? [];
  return named.split(", ").filter((column) => columns.includes(column));
}
