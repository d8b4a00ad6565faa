/**
 * What a program that a test starts finds around it: where programs and temporary files are, and code that is compiled already.
 * @module
 */
import { join } from "node:path";

/** Programs of Steward are compiled once for all tests and runs, and not by each process again. */
export const compiledCode = join(import.meta.dirname, "../../node_modules/.cache/steward-code");

/** The environment of a program, without anything that the machine sets but what no program can do without. */
export function describeSurroundings(home = process.env["HOME"]): Record<string, string | undefined> {
  const { PATH, TMPDIR } = process.env;
  return { PATH, TMPDIR, HOME: home, NODE_COMPILE_CACHE: compiledCode };
}
