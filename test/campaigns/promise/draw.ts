/**
 * Seeded draws: the same seed, the same campaign.
 * @module
 */

export interface Draw {
  /** An integer from 0 up to, and not including, `end`. */
  below(end: number): number;
  /** One of a list that is not empty. */
  of<T>(list: readonly T[]): T;
}

/** Mulberry32: https://github.com/cprosche/mulberry32, public domain. */
export function createDraw(seed: number): Draw {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    below,
    of(list) {
      const found = list[below(list.length)];
      if (found === undefined) throw new RangeError("a draw from an empty list");
      return found;
    },
  };
}
