/**
 * The programs of this repository that services run, by their absolute paths.
 * @module
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The command line of a program of this repository: on the Node that runs this, with a path that outlives it. */
export function nodeCommand(program: string, ...args: readonly string[]): [string, ...string[]] {
  const path = fileURLToPath(new URL(`../${program}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`there is no program ${program}`);
  return [process.execPath, path, ...args];
}
