/**
 * An as-of index: the features of a set at every row of a dataset version, sorted by entity and time, so that a join
 * looks them up and sorts nothing. It is a folder of files, made once for a set and a version, whatever joins it.
 *
 * `rows.bin` has, row after row, the time in microseconds as an Int64 and each feature as a Float64: truths as 0 or 1,
 * categories by their codes, what is missing as NaN. Rows are cut into segments, each of one entity and of so few rows
 * that a block of memory holds it; `segments.bin` has where they begin. `entities.parquet` gives entities their codes,
 * and `category_<i>.parquet` the values of a category theirs.
 * @module
 */
import { lstat, open, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** The most rows of a segment, unless an index is built with other ones. */
export const defaultSegmentRows = 65_536;

/** What `index.json` says, which is written last. */
const manifestSchema = z.object({
  rows: z.int(),
  entities: z.int(),
  segments: z.int(),
  features: z.int(),
  sizes: z.record(z.string(), z.int()),
});

type Manifest = z.output<typeof manifestSchema>;

/** Which rows are whose. */
export interface Segments {
  /** The first segment of each entity by its code, and behind the last the count of segments. */
  readonly firsts: Float64Array;
  /** The first row of each segment, and behind the last the count of rows. */
  readonly starts: Float64Array;
  /** The time of that row, in microseconds. */
  readonly heads: BigInt64Array;
}

/** An index that is whole. */
export interface AsOfIndex extends Segments {
  readonly folder: string;
  readonly rows: number;
  /** How many features a row has. */
  readonly features: number;
}

/** The files of an index in a folder. */
export const indexFiles = {
  rows: (folder: string) => join(folder, "rows.bin"),
  segments: (folder: string) => join(folder, "segments.bin"),
  entities: (folder: string) => join(folder, "entities.parquet"),
  category: (folder: string, feature: number) => join(folder, `category_${feature}.parquet`),
} as const;

const manifestName = "index.json";

/** The modification time of every file of an index. A later write changes it, so that sizes and times are proof enough. */
const stamp = new Date("2000-01-01T00:00:00Z");

/** Opens the index in a folder. @returns nothing when there is none, or a file is not as it was written */
export async function openIndex(folder: string): Promise<AsOfIndex | undefined> {
  const manifest = await readManifest(folder);
  if (!manifest) return undefined;
  for (const [name, size] of Object.entries(manifest.sizes)) {
    const facts = await lstat(join(folder, name)).catch(() => undefined);
    if (!facts?.isFile() || facts.size !== size || facts.mtimeMs !== stamp.getTime()) return undefined;
  }
  const { rows, entities, segments, features } = manifest;
  // Another process may have removed the index meanwhile.
  const bytes = await readFile(indexFiles.segments(folder)).catch(() => undefined);
  if (!bytes) return undefined;
  // A buffer of its own begins where typed arrays may.
  const { buffer } = new Uint8Array(bytes);
  const starts = new Float64Array(buffer, 8 * (entities + 1), segments + 1);
  const heads = new BigInt64Array(buffer, 8 * (entities + 1 + segments + 1), segments);
  return { folder, rows, features, firsts: new Float64Array(buffer, 0, entities + 1), starts, heads };
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, manifestName);
  try {
    const manifest = manifestSchema.parse(JSON.parse(await readFile(path, "utf8")));
    return (await lstat(path)).mtimeMs === stamp.getTime() ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Completes a folder that holds `rows.bin` and the Parquet files: it is an index then, on disk whatever happens. */
export async function sealIndex(
  folder: string,
  { segments, rows, features }: { readonly segments: Segments; readonly rows: number; readonly features: number },
): Promise<void> {
  const { firsts, starts, heads } = segments;
  await writeFile(indexFiles.segments(folder), Buffer.concat([firsts, starts, heads].map(asBytes)));
  const sizes: Record<string, number> = {};
  for (const name of await readdir(folder)) sizes[name] = await sealFile(join(folder, name));
  const manifest: Manifest = { rows, features, entities: firsts.length - 1, segments: heads.length, sizes };
  await writeFile(join(folder, manifestName), JSON.stringify(manifest));
  await sealFile(join(folder, manifestName));
}

async function sealFile(path: string): Promise<number> {
  const file = await open(path, "r+");
  try {
    await file.sync();
    const { size } = await file.stat();
    await utimes(path, stamp, stamp);
    return size;
  } finally {
    await file.close();
  }
}

/**
 * Says that an index is in use now, for whoever makes room among indexes. It is the folder that says so: the system says
 * of a file when it was read, and whoever makes room reads them all.
 * @returns whether the index was still there
 */
export async function touchIndex(folder: string): Promise<boolean> {
  try {
    await utimes(folder, new Date(), new Date());
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

/** When an index was last used, in milliseconds, and its size in bytes; nothing for what is none. */
export async function measureIndex(folder: string): Promise<{ usedAt: number; size: number } | undefined> {
  const manifest = await readManifest(folder);
  const facts = await lstat(folder).catch(() => undefined);
  if (!manifest || !facts) return undefined;
  return { usedAt: facts.mtimeMs, size: Object.values(manifest.sizes).reduce((sum, size) => sum + size, 0) };
}

function asBytes({ buffer, byteOffset, byteLength }: Float64Array | BigInt64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
