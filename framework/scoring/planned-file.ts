/**
 * The files of a scored version before they are made: which slices each consists of, by what these are found, and where their rows are.
 * @module
 */
import type { VersionFile } from "../data/dataset-version.ts";
import { readVersionFiles } from "../data/version-files.ts";
import { type Digest, digestOf } from "../plan/digest.ts";
import type { Store } from "../store/store.ts";
import { digestHow, type ScoringSubject } from "./scoring-subject.ts";
import { chooseSliceRows, cutSlices, type Slice, sliceIdentity } from "./slice.ts";

export interface PlannedSlice extends Slice {
  readonly identity: Digest;
  /** Brings the file with its rows here, or makes it. @returns its path */
  readonly fetch: () => Promise<string>;
}

export interface PlannedFile {
  readonly source: Pick<VersionFile, "name" | "from" | "to">;
  readonly fingerprint: Digest;
  readonly slices: readonly PlannedSlice[];
}

export interface PlanOptions {
  readonly subject: ScoringSubject;
  readonly package: Digest;
  /** The identity of the scoring. */
  readonly identity: Digest;
  readonly store: Pick<Store, "fetchFile" | "getJson">;
  /** Makes the file of features that look at other rows. @returns its path */
  readonly make: () => Promise<string>;
}

/** Plans the files: one for each that is scored, or, where rows look at one another, one for all. */
export async function planScoredFiles(options: PlanOptions): Promise<readonly PlannedFile[]> {
  const { subject, package: digest, identity, store, make } = options;
  const { version } = subject.dataset;
  const most = chooseSliceRows(subject.package.classes?.length ?? 1);
  const by = { package: digest, how: digestHow(subject) };
  const plan = (of: Digest, rows: number, fetch: PlannedSlice["fetch"]): PlannedSlice[] =>
    cutSlices(of, rows, most).map((slice) => ({ ...slice, identity: sliceIdentity(slice, by), fetch }));
  if (subject.way.kind === "examples") {
    const { from, to } = version;
    return [{ source: { name: "", from, to }, fingerprint: identity, slices: plan(identity, version.rows, make) }];
  }
  const files: PlannedFile[] = [];
  for await (const { name, from, to, parts } of readVersionFiles(store, version)) {
    files.push({
      source: { name, from, to },
      fingerprint: digestOf({ ...by, parts: parts.map(({ object }) => object.sha256) }),
      slices: parts.flatMap(({ object, rows }) => plan(object.sha256, rows, () => store.fetchFile(object))),
    });
  }
  return files;
}
