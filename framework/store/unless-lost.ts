/**
 * What the store had and has no more, for readers that can do without.
 * @module
 */
import { type ProblemCode, StewardError } from "../definitions/problem.ts";

const losses: readonly ProblemCode[] = ["object-missing", "object-corrupt", "store-document-invalid"];

/** Waits for an object. @returns nothing when it is missing, damaged, or not what was asked for */
export async function unlessLost<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof StewardError && error.problems.every(({ code }) => losses.includes(code))) return undefined;
    throw error;
  }
}
