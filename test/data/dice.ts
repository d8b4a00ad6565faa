/**
 * Chance that comes out the same each time.
 * @module
 */

/** A seeded source of randomness: mulberry32. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed + 1;
  }

  /** From 0 to 1, without 1. */
  roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.roll() * (high - low + 1));
  }

  chance(share: number): boolean {
    return this.roll() < share;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)] as T;
  }
}
