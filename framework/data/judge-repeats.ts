/**
 * Judging a version by rows that are in more than one of its files, where its contract allows none to be. All parts of the
 * version are looked at, as a new row may be in any of them: that costs in proportion to the version, not to the change.
 * @module
 */
import type { z } from "zod";
import { StewardError } from "../definitions/problem.ts";
import type { DatasetSpec } from "../definitions/spec.ts";
import type { Reference } from "../store/reference.ts";
import { mapConcurrently } from "./concurrency.ts";
import type { DatasetVersion } from "./dataset-version.ts";
import { withDuckDb } from "./duckdb.ts";
import { describeRepeats, findRepeats, type PartedFile } from "./repeats.ts";
import { readVersionFiles } from "./version-files.ts";

/** How many parts are fetched at once. */
const fetchers = 8;
/** How many repeats are shown. */
const mostExamples = 3;

export interface JudgeRepeatsOptions {
  readonly spec: DatasetSpec;
  readonly version: DatasetVersion;
  readonly store: {
    getJson<T>(object: Reference, schema: z.ZodType<T>): Promise<T>;
    fetchFile(reference: Reference): Promise<string>;
  };
  /** Where the source is, for the problem. */
  readonly location: string;
  /** Takes what does not fit in memory. Left as it was found. */
  readonly workFolder: string;
  /** Ends the work; the promise is rejected with its reason. @default nothing does */
  readonly signal?: AbortSignal | undefined;
}

/** The reason to refuse a version for its repeats; nothing where there are none, or they are allowed. */
export async function judgeRepeats(options: JudgeRepeatsOptions): Promise<StewardError | undefined> {
  const { spec, version, store, location, workFolder, signal } = options;
  const { unique: columns } = spec.contract;
  // Repeats within a file are quarantined when it is read.
  if (!columns || version.files?.length === 1) return undefined;
  const parted = [];
  for await (const { name, parts } of readVersionFiles(store, version)) parted.push({ name, parts });
  const files = await mapConcurrently(parted, fetchers, async ({ name, parts }): Promise<PartedFile> => {
    signal?.throwIfAborted();
    return { name, paths: await Promise.all(parts.map(({ object }) => store.fetchFile(object))) };
  });
  const query = { files, columns, limit: mostExamples };
  const repeats = await withDuckDb(workFolder, (db) => findRepeats(db, query), signal ? { signal } : {});
  return repeats.count > 0 ? new StewardError(describeRepeats(spec, repeats, location)) : undefined;
}
