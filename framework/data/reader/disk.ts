/**
 * What a reader may write to disk, and what it has written.
 * @module
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { measureFree } from "../../toolchain/system-failure.ts";

/** So much may be written for any file, in bytes; and so many times as much as the file has. */
const leastBytes = 8_000_000_000;
const largestRatio = 100;
const shareOfFree = 0.8;

/** How much may be written for files: in proportion to them, as a small file may claim to have any number of rows, and to what is free. */
export async function allowDisk(folder: string, paths: readonly string[]): Promise<number> {
  // A file that cannot be looked at is refused by its reader.
  const sizes = paths.map((path) =>
    stat(path).then(
      (facts) => facts.size,
      () => 0,
    ),
  );
  const size = (await Promise.all(sizes)).reduce((sum, each) => sum + each, 0);
  const free = measureFree(folder) ?? Number.POSITIVE_INFINITY;
  return Math.floor(Math.min(shareOfFree * free, Math.max(leastBytes, largestRatio * size)));
}

/** What all files in a folder have, in bytes; they may come and go meanwhile. */
export async function measureFolder(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = entries.map(async (entry) => {
    if (!entry.isFile()) return 0;
    return await stat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    );
  });
  return (await Promise.all(sizes)).reduce((total, size) => total + size, 0);
}
