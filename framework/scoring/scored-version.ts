/**
 * The version of a dataset that scored rows become: its files are those of the dataset that was scored, each with the parts that came of its
 * rows. Many files stand on pages, as those of every version. Pure but for storing the pages.
 * @module
 */
import {
  type DatasetVersion,
  mostFilesInline,
  type VersionFile,
  type VersionPage,
  type versionPageSchema,
} from "../data/dataset-version.ts";
import { summarize, summarizeFile } from "../data/version-pages.ts";
import { formatOf } from "../definitions/format.ts";
import type { ColumnSpec } from "../definitions/spec.ts";
import { type Digest, digestOf } from "../plan/digest.ts";
import type { Store } from "../store/store.ts";
import type { ScoredPart } from "./scoring.ts";

export interface ScoredFile {
  /** The file that was scored, or all of them as one. */
  readonly source: Pick<VersionFile, "name" | "from" | "to">;
  /** What its rows depend on. */
  readonly fingerprint: Digest;
  readonly parts: readonly ScoredPart[];
}

export interface ScoredVersion {
  readonly name: string;
  readonly columns: readonly ColumnSpec[];
  readonly eventTime: string;
  readonly key: readonly string[];
  readonly identity: Digest;
  readonly files: readonly ScoredFile[];
}

const pageFiles = 128;

/** Composes the version. */
export async function composeScoredVersion(
  store: Pick<Store, "putJson">,
  { name, columns, eventTime, key, identity, files: scored }: ScoredVersion,
): Promise<DatasetVersion> {
  const files = scored.map(toFile);
  const version = {
    format: formatOf("dataset-version"),
    dataset: name,
    columns: [...columns],
    eventTime,
    key: [...key],
    ...summarize(files.map(summarizeFile)),
    fingerprint: identity,
  };
  if (files.length <= mostFilesInline) return { ...version, files };
  const pages: VersionPage[] = [];
  for (let first = 0; first < files.length; first += pageFiles)
    pages.push(await storePage(store, files.slice(first, first + pageFiles)));
  return { ...version, pages };
}

function toFile({ source, fingerprint, parts }: ScoredFile): VersionFile {
  const { name, from, to } = source;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  return {
    name,
    fingerprint,
    identity: fingerprint,
    rows,
    ...(rows > 0 ? { from, to } : { from: "", to: "" }),
    // A part without rows is none: all of them said no time.
    parts: parts.filter((part) => part.rows > 0).map(({ object, rows }) => ({ object, rows })),
  };
}

async function storePage(store: Pick<Store, "putJson">, files: readonly VersionFile[]): Promise<VersionPage> {
  const page: (typeof versionPageSchema)["_output"] = { format: formatOf("dataset-page"), files: [...files] };
  return {
    object: await store.putJson(page),
    files: files.length,
    identity: digestOf(files.map(({ name, fingerprint }) => [name, fingerprint])),
    ...summarize(files.map(summarizeFile)),
  };
}
