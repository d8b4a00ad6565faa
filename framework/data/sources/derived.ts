/**
 * The rows that steps make of other datasets, as a source.
 * @module
 */
import { join } from "node:path";
import { listPrograms } from "../../definitions/derivation-programs.ts";
import { StewardError } from "../../definitions/problem.ts";
import type { SourceSpec } from "../../definitions/spec.ts";
import { digestOf } from "../../plan/digest.ts";
import { mapConcurrently } from "../concurrency.ts";
import { datasetVersionSchema } from "../dataset-version.ts";
import { deriveRows } from "../derivation/derive-rows.ts";
import type { FittedValue } from "../derivation/fitted-value.ts";
import type { UpstreamRows } from "../derivation/flow.ts";
import { describeListing } from "../fingerprint.ts";
import type { FetchOptions, SourceListing } from "../source-files.ts";
import { listVersionParts } from "../version-files.ts";
import type { SourceAccess } from "./list-files.ts";

type DerivedSource = Extract<SourceSpec, { readonly kind: "derived" }>;

/** How many parts are fetched at once. */
const fetchers = 4;

/**
 * Lists one file, which is made when it is fetched. It is the same while the versions and programs are, of which nothing is
 * read before.
 */
export async function listDerived(source: DerivedSource, access: SourceAccess): Promise<SourceListing> {
  const { spec, upstream = {}, programs = [] } = access;
  requirePrograms(access);
  const roots = Object.fromEntries(source.from.map((name) => [name, findRoot(name)]));
  const fingerprint = digestOf({ roots, programs: programs.map(({ digest }) => digest) });
  let fitted: readonly FittedValue[] = [];
  const fetch = async (folder: string, options: FetchOptions): Promise<string> => {
    const rows: Record<string, UpstreamRows> = {};
    for (const name of source.from) rows[name] = await fetchRows(access, findRoot(name), options);
    const output = join(folder, "rows.parquet");
    const { from, steps } = source;
    fitted = await deriveRows({ spec, from, steps, upstream: rows, programs, output, workFolder: folder, ...options });
    return output;
  };
  return describeListing([{ name: "", fingerprint, size: 0, fetch, fitted: () => fitted }]);

  function findRoot(name: string): string {
    const root = upstream[name];
    if (root === undefined)
      throw new TypeError(`"${spec.name}" is derived from "${name}", which came without its version`);
    return root;
  }
}

/** Refuses steps whose programs are not at hand. */
function requirePrograms({ spec, programs = [] }: SourceAccess): void {
  const places = listPrograms(spec).map(({ at }) => `${spec.name}.${at}`);
  if (places.length === programs.length) return;
  const what = "The program of a step is not at hand where the dataset is derived";
  const got = `${programs.length} of ${places.length}`;
  throw new StewardError(places.map((at) => ({ code: "derivation-failed", at, what, got })));
}

/** The rows of a version as files in the local cache. */
async function fetchRows(
  { store }: Pick<SourceAccess, "store">,
  root: string,
  { signal, onProgress }: FetchOptions,
): Promise<UpstreamRows> {
  const version = await store.getJson(root, datasetVersionSchema);
  const parts = await listVersionParts(store, version);
  const total = parts.reduce((sum, { object }) => sum + object.size, 0);
  let done = 0;
  const files = await mapConcurrently(parts, fetchers, async ({ object }) => {
    signal?.throwIfAborted();
    const path = await store.fetchFile(object);
    done += object.size;
    onProgress?.({ phase: "fetching", done, total, unit: "bytes" });
    return path;
  });
  const { columns, eventTime, key } = version;
  return { columns, eventTime, key, files };
}
