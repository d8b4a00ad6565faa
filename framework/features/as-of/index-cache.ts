/**
 * The cache of as-of indexes. Any number of processes may share its folder: an index appears whole, by a rename, or not
 * at all, and those that were used longest ago go when there is no room for another.
 * @module
 */
import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { version } from "@duckdb/node-api";
import type { FeaturesSpec } from "../../definitions/spec.ts";
import { digestOf } from "../../plan/digest.ts";
import type { DatasetRows } from "../dataset-rows.ts";
import { type AsOfIndex, measureIndex, openIndex, touchIndex } from "./as-of-index.ts";
import { buildIndex, type IndexWork } from "./build-index.ts";
import { compileIndex } from "./compile-index.ts";

/** What all indexes of a cache may hold together, in bytes. Those that are in use are kept, whatever their size. */
const capacity = 16 * 2 ** 30;

/**
 * An index counts as in use for so long, in milliseconds. A training set finds or builds all of its indexes before it reads
 * the first one.
 */
const inUseFor = 3600 * 1000;

/** Builds that were cut off are removed after this long, in milliseconds. */
const staleAfter = 24 * 3600 * 1000;

const draftPrefix = "draft-";

/** What an index is made of. */
export interface IndexSource {
  readonly set: FeaturesSpec;
  readonly dataset: DatasetRows;
  /** The digests of the dataset's files, in their order: what is in them decides what is in the index. */
  readonly digests: readonly string[];
}

/** Finds the index of a set, or builds it. */
export async function provideIndex(
  folder: string,
  { set, dataset, digests }: IndexSource,
  work: IndexWork,
): Promise<AsOfIndex> {
  // The same statements over the same bytes make the same index, in the same DuckDB.
  const key = digestOf({ layout: 1, duckdb: version(), compiled: compileIndex(set, { ...dataset, files: digests }) });
  const place = join(folder, key);
  const found = await openIndex(place);
  if (found && (await touchIndex(place))) return found;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = await mkdtemp(join(folder, draftPrefix));
  try {
    await buildIndex({ ...work, compiled: compileIndex(set, dataset), folder: draft });
    return await settle(draft, place);
  } finally {
    await rm(draft, { recursive: true, force: true });
    await makeRoom(folder, key);
  }
}

/** Gives a draft its place, unless another process was faster. */
async function settle(draft: string, place: string): Promise<AsOfIndex> {
  for (;;) {
    await rename(draft, place).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EEXIST")))
        throw error;
    });
    const found = await openIndex(place);
    if (found) return found;
    await rm(place, { recursive: true, force: true });
  }
}

async function makeRoom(folder: string, needed: string): Promise<void> {
  const names = await readdir(folder);
  for (const name of names.filter((one) => one.startsWith(draftPrefix))) {
    const facts = await stat(join(folder, name)).catch(() => undefined);
    if (facts && Date.now() - facts.mtimeMs > staleAfter)
      await rm(join(folder, name), { recursive: true, force: true });
  }
  const indexes: { readonly name: string; readonly usedAt: number; readonly size: number }[] = [];
  for (const name of names) {
    const measured = await measureIndex(join(folder, name));
    if (measured && !name.startsWith(draftPrefix)) indexes.push({ name, ...measured });
  }
  for (const name of chooseToRemove(indexes, { needed, capacity, unusedSince: Date.now() - inUseFor }))
    await rm(join(folder, name), { recursive: true, force: true });
}

/** Which indexes go: of those not in use, those used longest ago, until the rest has room. Times are in milliseconds. */
export function chooseToRemove(
  indexes: readonly { readonly name: string; readonly usedAt: number; readonly size: number }[],
  {
    needed,
    capacity,
    unusedSince,
  }: { readonly needed: string; readonly capacity: number; readonly unusedSince: number },
): string[] {
  const latestFirst = indexes.toSorted(
    (a, b) => Number(b.name === needed) - Number(a.name === needed) || b.usedAt - a.usedAt,
  );
  let total = 0;
  return latestFirst.flatMap(({ name, usedAt, size }) => {
    total += size;
    return total > capacity && name !== needed && usedAt < unusedSince ? [name] : [];
  });
}
