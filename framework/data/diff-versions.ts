/**
 * The difference of two versions of a dataset: columns, files, and rows by key. Only what the versions do not share is read:
 * parts of the same digest hold the same rows, so they cannot differ.
 * @module
 */
import type { ColumnSpec } from "../definitions/spec.ts";
import { toCanonicalJson } from "../plan/canonical.ts";
import type { Store } from "../store/store.ts";
import { mapConcurrently } from "./concurrency.ts";
import { type DatasetVersion, type VersionFile, versionPageSchema } from "./dataset-version.ts";
import { compareRows, type RowsDifference, type RowsPlan } from "./diff-rows.ts";
import { type DuckDb, withDuckDb } from "./duckdb.ts";

export interface ColumnsDifference {
  readonly added: readonly ColumnSpec[];
  readonly removed: readonly ColumnSpec[];
  readonly changed: readonly { readonly before: ColumnSpec; readonly after: ColumnSpec }[];
}

export interface FilesDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export interface VersionsDifference {
  readonly columns: ColumnsDifference;
  readonly files: FilesDifference;
  readonly rows: RowsDifference;
  /** What was read to find it. */
  readonly read: { readonly parts: number; readonly bytes: number };
}

export interface DiffOptions {
  readonly before: DatasetVersion;
  readonly after: DatasetVersion;
  readonly store: Pick<Store, "fetchFile" | "getJson">;
  /** An existing folder for what is too large for memory; left as it was found. */
  readonly workFolder: string;
  /** How many examples of each kind are kept. @default 5 */
  readonly examples?: number;
}

const fetchedAtOnce = 16;

/** Finds how two versions of a dataset differ. */
export async function diffVersions(options: DiffOptions): Promise<VersionsDifference> {
  const { before, after, store, workFolder, examples = 5 } = options;
  const files = await readDifferingFiles(store, before, after);
  const [left, right] = leaveShared(listParts(files.before), listParts(files.after));
  const plan = planRowsDifference(before, after);
  const fetchAll = (parts: readonly Part[]) =>
    mapConcurrently(parts, fetchedAtOnce, ({ object }) => store.fetchFile(object));
  const [leftPaths, rightPaths] = [await fetchAll(left), await fetchAll(right)];
  const compare = (db: DuckDb) => compareRows(db, plan, { before: leftPaths, after: rightPaths, examples });
  const comparable = plan.compared.length > 0;
  const rows =
    comparable && left.length + right.length > 0
      ? await withDuckDb(workFolder, compare)
      : describeUnread(plan, comparable ? { removed: 0, added: 0 } : { removed: before.rows, added: after.rows });
  const bytes = [...left, ...right].reduce((sum, { object }) => sum + object.size, 0);
  return {
    columns: diffColumns(before.columns, after.columns),
    files: diffFiles(files.before, files.after),
    rows,
    read: { parts: left.length + right.length, bytes },
  };
}

/** How the columns of two versions differ. Pure. */
export function diffColumns(before: readonly ColumnSpec[], after: readonly ColumnSpec[]): ColumnsDifference {
  const was = new Map(before.map((column) => [column.name, column]));
  const is = new Set(after.map(({ name }) => name));
  return {
    added: after.filter(({ name }) => !was.has(name)),
    removed: before.filter(({ name }) => !is.has(name)),
    changed: after.flatMap((column) => {
      const past = was.get(column.name);
      return past && toCanonicalJson(past) !== toCanonicalJson(column) ? [{ before: past, after: column }] : [];
    }),
  };
}

/** How the files of two versions differ. Pure. */
export function diffFiles(before: readonly VersionFile[], after: readonly VersionFile[]): FilesDifference {
  const was = new Map(before.map((file) => [file.name, file]));
  const is = new Set(after.map(({ name }) => name));
  const differs = (a: VersionFile, b: VersionFile) =>
    a.fingerprint !== b.fingerprint || toCanonicalJson(listParts([a])) !== toCanonicalJson(listParts([b]));
  return {
    added: after.flatMap(({ name }) => (was.has(name) ? [] : [name])),
    removed: before.flatMap(({ name }) => (is.has(name) ? [] : [name])),
    changed: after.flatMap((file) => {
      const past = was.get(file.name);
      return past && differs(past, file) ? [file.name] : [];
    }),
  };
}

type Part = VersionFile["parts"][number];

function listParts(files: readonly VersionFile[]): Part[] {
  return files.flatMap(({ parts }) => parts);
}

/** The files that the versions do not both have on the same page. */
async function readDifferingFiles(
  store: Pick<Store, "getJson">,
  before: DatasetVersion,
  after: DatasetVersion,
): Promise<{ readonly before: VersionFile[]; readonly after: VersionFile[] }> {
  const [left, right] = leaveShared(before.pages ?? [], after.pages ?? []);
  const read = async (version: DatasetVersion, pages: typeof left) => {
    const files = [...(version.files ?? [])];
    for (const { object } of pages) files.push(...(await store.getJson(object, versionPageSchema)).files);
    return files;
  };
  return { before: await read(before, left), after: await read(after, right) };
}

/** What two lists of objects do not share, each object counted as often as it occurs. Pure. */
export function leaveShared<T extends { readonly object: { readonly sha256: string } }>(
  before: readonly T[],
  after: readonly T[],
): readonly [readonly T[], readonly T[]] {
  const counts = new Map<string, number>();
  for (const { object } of after) counts.set(object.sha256, (counts.get(object.sha256) ?? 0) + 1);
  const shared = new Map<string, number>();
  const take = (left: Map<string, number>, digest: string): boolean => {
    const count = left.get(digest) ?? 0;
    if (count > 0) left.set(digest, count - 1);
    return count > 0;
  };
  const onlyBefore = before.filter(({ object: { sha256 } }) => {
    const both = take(counts, sha256);
    if (both) shared.set(sha256, (shared.get(sha256) ?? 0) + 1);
    return !both;
  });
  return [onlyBefore, after.filter(({ object }) => !take(shared, object.sha256))];
}

function planRowsDifference(before: DatasetVersion, after: DatasetVersion): RowsPlan {
  const types = new Map(before.columns.map(({ name, type }) => [name, type]));
  const both = after.columns.filter(({ name }) => types.has(name));
  const compared = both.filter(({ name, type }) => types.get(name) === type).map(({ name }) => name);
  const identity = [...new Set([...after.key, after.eventTime])];
  const known = after.key.length > 0 && identity.every((column) => compared.includes(column));
  const notCompared = both.map(({ name }) => name).filter((name) => !compared.includes(name));
  return { compared, by: known ? identity : undefined, notCompared };
}

/** The difference where no row is looked at: the versions share all parts, or no column. */
function describeUnread(
  { by, notCompared }: RowsPlan,
  counts: { readonly removed: number; readonly added: number },
): RowsDifference {
  const none = { changed: 0, columns: [], examples: { added: [], removed: [], changed: [] } };
  return { ...(by && { by }), ...counts, ...none, notCompared };
}
