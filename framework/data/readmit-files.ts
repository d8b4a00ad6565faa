/**
 * What decisions on quarantined rows ask of an ingest: which files of its base have their rows already, which are to be changed,
 * and which of those that were read.
 * @module
 */
import type { z } from "zod";
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { DatasetSpec } from "../definitions/spec.ts";
import type { Digest } from "../plan/digest.ts";
import { fileIdentity } from "../plan/identity.ts";
import type { Reference } from "../store/reference.ts";
import { unlessLost } from "../store/unless-lost.ts";
import type { BaseVersion } from "./base-version.ts";
import { type DatasetVersion, datasetVersionSchema, type VersionFile } from "./dataset-version.ts";
import {
  findAdded,
  identifyPositions,
  identifyReadmitted,
  listReadmitted,
  type ReadmittedRows,
  readmissionsSchema,
} from "./readmission.ts";
import { readmitRows } from "./readmit-rows.ts";
import type { SourceFile } from "./source-files.ts";

/** The decisions in force, as an ingest takes them. */
export interface Readmitted {
  /** The stored `Readmissions`. */
  readonly list: Reference;
  /** The rows that they take back. */
  readonly rows: ReadmittedRows;
}

/** Rows of a file that are to be taken back. */
export interface FileReadmission {
  /** Those that are to be yet. */
  readonly positions: readonly number[];
  /** Those and the ones that were before. */
  readonly all: readonly number[];
}

/** The rows that are to be taken back, and those that the base has taken back. */
export interface OpenReadmissions {
  readonly wanted: ReadmittedRows;
  readonly there: ReadmittedRows;
}

interface ReadmittingOptions {
  readonly spec: DatasetSpec;
  readonly store: {
    getJson<T>(object: Reference | Digest, schema: z.ZodType<T>): Promise<T>;
    putFile(path: string): Promise<Reference>;
    putJson(value: unknown): Promise<Reference>;
    fetchFile(reference: Reference): Promise<string>;
  };
  readonly base?: Digest | undefined;
  readonly readmitted?: Readmitted | undefined;
  readonly workFolder: string;
  readonly signal?: AbortSignal | undefined;
}

const none: ReadmittedRows = new Map();

/** Reads which rows the base has taken back, where any are to be. */
export async function openReadmissions({ store, base, readmitted }: ReadmittingOptions): Promise<OpenReadmissions> {
  const wanted = readmitted?.rows ?? none;
  if (wanted.size === 0 || base === undefined) return { wanted, there: none };
  const version = await unlessLost(store.getJson(base, datasetVersionSchema));
  const list = version?.readmitted && (await unlessLost(store.getJson(version.readmitted.list, readmissionsSchema)));
  return { wanted, there: list ? listReadmitted(list) : none };
}

/**
 * Finds a file in a base: as it is wanted, or with fewer rows taken back.
 *
 * @returns the file, and what is still to be taken back of it; nothing when it is to be read
 */
export function findKept(
  spec: DatasetSpec,
  { name, fingerprint }: SourceFile,
  { base, readmissions }: { readonly base: BaseVersion; readonly readmissions: OpenReadmissions },
): { readonly kept?: VersionFile; readonly rest?: FileReadmission } {
  const find = (positions: readonly number[] | undefined) =>
    base.findFile(fileIdentity(spec, fingerprint, identifyPositions(positions)), name);
  const all = readmissions.wanted.get(fingerprint);
  const same = find(all);
  if (same) return { kept: same };
  if (!all) return {};
  const plain = find(undefined);
  if (plain) return { kept: plain, rest: { positions: all, all } };
  const there = readmissions.there.get(fingerprint);
  const positions = there && findAdded(all, there);
  const near = positions && find(there);
  return near ? { kept: near, rest: { positions, all } } : {};
}

interface KeptFiles {
  readonly keptFiles: ReadonlyMap<string, VersionFile>;
  readonly readmissions: ReadonlyMap<string, FileReadmission>;
}

/** Takes rows back in kept files. @throws StewardError with every row that cannot be, and why */
export async function readmitKept<C extends KeptFiles>(change: C, options: ReadmittingOptions): Promise<C> {
  if (change.readmissions.size === 0) return change;
  return { ...change, keptFiles: await readmitAll(change.keptFiles, change.readmissions, options) };
}

/** Takes rows back in files that were read. @throws StewardError with every row that cannot be, and why */
export async function readmitRead(
  read: ReadonlyMap<string, VersionFile>,
  options: ReadmittingOptions,
): Promise<ReadonlyMap<string, VersionFile>> {
  const wanted = [...read.values()].flatMap(({ name, fingerprint }) => {
    const all = options.readmitted?.rows.get(fingerprint);
    return all ? [[name, { positions: all, all }] as const] : [];
  });
  return wanted.length === 0 ? read : readmitAll(read, new Map(wanted), options);
}

async function readmitAll(
  files: ReadonlyMap<string, VersionFile>,
  readmissions: KeptFiles["readmissions"],
  { spec, store, workFolder, signal }: ReadmittingOptions,
): Promise<ReadonlyMap<string, VersionFile>> {
  const changed = new Map(files);
  const problems: Problem[] = [];
  for (const [name, rows] of readmissions) {
    const file = files.get(name);
    if (!file) continue;
    try {
      changed.set(name, await readmitRows({ spec, file, ...rows, store, workFolder, signal }));
    } catch (error) {
      if (!(error instanceof StewardError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new StewardError(problems);
  return changed;
}

/** What a version says of rows that were taken back. */
export function describeReadmitted(readmitted: Readmitted | undefined): Pick<DatasetVersion, "readmitted"> {
  const rows = readmitted && identifyReadmitted(readmitted.rows);
  return readmitted && rows !== undefined ? { readmitted: { list: readmitted.list, rows } } : {};
}
