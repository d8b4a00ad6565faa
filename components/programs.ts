/**
 * The programs of this package that services run, by their absolute paths.
 * @module
 */
import { existsSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** `.ts` where this runs from its sources, `.js` in the built package. */
const extension = extname(import.meta.filename);

/**
 * The command line of a program of this package: on the Node that runs this, with a path that outlives it.
 *
 * @param program its path in the package, without extension: `workflows/worker`
 */
export function nodeCommand(program: string, ...args: readonly string[]): [string, ...string[]] {
  const path = fileURLToPath(new URL(`../${program}${extension}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`there is no program ${program}`);
  return [process.execPath, path, ...args];
}
