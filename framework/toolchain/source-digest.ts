/**
 * The digest of source files: whether a program that runs is still the one that would be started.
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Digest, digestBytes, digestOf } from "../plan/digest.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Digests every source file below some folders, with their paths, and what they depend on: the locked dependencies, and in a
 * built package, which has no lock, the ones that it asks for.
 *
 * @param folders below the package
 */
export async function digestSources(folders: readonly string[]): Promise<Digest> {
  const files = (await Promise.all(folders.map((folder) => listSources(join(root, folder))))).flat().sort();
  const locked = await readFile(join(root, "package-lock.json")).catch(() => readFile(join(root, "package.json")));
  const sources = files.map(async (file) => [relative(root, file), digestBytes(await readFile(file))] as const);
  return digestOf([digestBytes(locked), ...(await Promise.all(sources))]);
}

async function listSources(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(ts|js|py)$/.test(entry.name) && !entry.name.endsWith(".d.ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}
