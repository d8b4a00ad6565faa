/**
 * How much of what is drawn or listed at length a run of the tests takes: a part of it, always the same one, in `npm test`; all of it
 * in `npm run e2e -- drawn`, which runs every file that asks here.
 * @module
 */

/** Whether all is taken: `STEWARD_DRAWN=all`. */
export const takesAll = process.env["STEWARD_DRAWN"] === "all";

/** As many of a list as `few` says, evenly from its first to its last; all of it where all is taken. */
export function takePart<T>(all: readonly T[], few: number): readonly T[] {
  if (takesAll || all.length <= few) return all;
  return all.filter((_, i) => Math.floor((i * few) / all.length) !== Math.floor(((i - 1) * few) / all.length));
}

/** How many of many. */
export function takeCount(all: number, few: number): number {
  return takesAll ? all : Math.min(all, few);
}
