/**
 * The files of a source on this machine: the one that its location names, or all that its pattern finds.
 * @module
 */
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { beginWalk, type Place, takeName } from "../definitions/pattern-walk.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import { isPattern, parsePattern } from "../definitions/source-pattern.ts";
import { describeUnreadable } from "./unreadable-source.ts";

/** A file of a source. */
export interface FoundFile {
  /** Its path below the folder before the pattern's first wildcard, with slashes; "" where the source is one file. */
  readonly name: string;
  /** Its absolute path. */
  readonly path: string;
}

/**
 * The files of a source, in the order of their names' code points, which is that of no language and the same everywhere. A
 * location that names a file is that file, whatever characters it has. Links are followed.
 * @throws StewardError when a pattern finds no file, finds a folder, or leads in a circle
 */
export async function findSourceFiles(location: string): Promise<readonly FoundFile[]> {
  if (!isPattern(location) || (await exists(location))) return [{ name: "", path: location }];
  const { folder, alternatives } = parsePattern(location);
  const search: Search = { found: [], problems: [] };
  const places = beginWalk(alternatives);
  // Where the search begins there may be nothing yet: then nothing is found.
  if (await exists(folder)) await descend({ path: folder, name: "", places, above: [] }, search);
  if (search.problems.length > 0) throw new StewardError(search.problems);
  if (search.found.length === 0) throw new StewardError(describeNoMatch(location, folder));
  return sortByName(search.found);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

interface Search {
  readonly found: FoundFile[];
  readonly problems: Problem[];
}

interface SearchedFolder extends FoundFile {
  readonly places: readonly Place[];
  /** What it lies in, each as its number on disk: one that comes again is a circle. */
  readonly above: readonly string[];
}

async function searchFolder(folder: SearchedFolder, search: Search): Promise<void> {
  const entries = await readFolder(folder, search);
  for (const entry of entries) {
    const next = takeName(folder.places, entry.name);
    if (!next) continue;
    const path = join(folder.path, entry.name);
    const name = folder.name === "" ? entry.name : `${folder.name}/${entry.name}`;
    const { onward, isTaken: wanted } = next;
    const kind = await kindOf(entry, path);
    if (kind === "folder" && onward.length > 0)
      await descend({ path, name, places: onward, above: folder.above }, search);
    else if (wanted && kind === "folder") search.problems.push(describeUnreadable(path, "a folder"));
    // One that cannot be looked at is told of by whoever reads it.
    else if (wanted) search.found.push({ name, path });
  }
}

async function readFolder({ path }: SearchedFolder, search: Search): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    search.problems.push(describeUnreadable(path, error));
    return [];
  }
}

async function descend(folder: SearchedFolder, search: Search): Promise<void> {
  const { dev, ino } = await stat(folder.path, { bigint: true });
  const number = `${dev}:${ino}`;
  if (folder.above.includes(number))
    search.problems.push(describeUnreadable(folder.path, "a link to a folder that it lies in"));
  else await searchFolder({ ...folder, above: [...folder.above, number] }, search);
}

async function kindOf(entry: Dirent, path: string): Promise<"folder" | "file"> {
  if (entry.isDirectory()) return "folder";
  if (!entry.isSymbolicLink()) return "file";
  const facts = await stat(path).catch(() => undefined);
  return facts?.isDirectory() ? "folder" : "file";
}

const hasPairs = /[\ud800-\udfff]/;

/** Sorts by the code points of names. UTF-8 keeps their order, UTF-16 does not. */
export function sortByName<T extends { readonly name: string }>(files: readonly T[]): T[] {
  // Where no code point takes two units, both orders are one, and to compare texts is far quicker.
  if (!files.some(({ name }) => hasPairs.test(name)))
    return files.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  const keyed = files.map((file) => ({ file, key: Buffer.from(file.name) }));
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ file }) => file);
}

function describeNoMatch(location: string, folder: string): Problem {
  return {
    code: "source-missing",
    at: "source.path",
    file: location,
    what: "The pattern of a source finds no file",
    expected: `at least one file in ${folder}`,
    fix: "put the files there, or correct the pattern of the source",
  };
}
