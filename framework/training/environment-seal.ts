/**
 * Whether an environment still has the files it was built with: a package that lost one would fail in the middle of a
 * training, with a message about something else. By name, size and time of every file, which costs no reading.
 * @module
 */
import { lstat, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Digest, digestOf } from "../plan/digest.ts";
import { findJson, writePrivateJson } from "../supervisor/private-file.ts";

const sealName = "sealed.json";

/** Writes down the files of an environment that has just been built. */
export async function sealEnvironment(folder: string): Promise<void> {
  const files = await digestListing(folder);
  writePrivateJson(join(folder, sealName), { files });
}

/** Whether an environment is there and as it was sealed. */
export async function isSealed(folder: string): Promise<boolean> {
  const files = readSeal(folder);
  return files !== undefined && files === (await digestListing(folder));
}

/** Whether an environment was sealed and is not as it was. */
export async function isDamaged(folder: string): Promise<boolean> {
  const files = readSeal(folder);
  return files !== undefined && files !== (await digestListing(folder));
}

function readSeal(folder: string): unknown {
  const seal = findJson(join(folder, sealName));
  return typeof seal === "object" && seal !== null && "files" in seal ? seal.files : undefined;
}

/** Compiled modules are left out: Python itself makes them again. */
async function digestListing(folder: string): Promise<Digest> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(({ name, parentPath }) => name !== sealName && !parentPath.includes("__pycache__"));
  const facts = files
    .filter((entry) => !entry.isDirectory())
    .map(async ({ name, parentPath }) => {
      const path = join(parentPath, name);
      const { size, mtimeMs } = await lstat(path);
      return [relative(folder, path), size, mtimeMs] as const;
    });
  return digestOf((await Promise.all(facts)).sort(([a], [b]) => (a < b ? -1 : 1)));
}
