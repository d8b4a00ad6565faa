/**
 * Counts of numbers that are few: a hash table without chains.
 * @module
 */

export class ValueCounts {
  readonly #limit: number;
  readonly #mask: number;
  readonly #values: Float64Array;
  readonly #words: Uint32Array;
  readonly #counts: Float64Array;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
    // At most a quarter of the slots is used, so that a value is mostly found where it is looked for first.
    const slots = 2 ** Math.ceil(Math.log2(4 * (limit + 1)));
    this.#mask = slots - 1;
    this.#values = new Float64Array(slots);
    this.#words = new Uint32Array(this.#values.buffer);
    this.#counts = new Float64Array(slots);
  }

  /** Whether the values are still few. */
  get isFew(): boolean {
    return this.#size <= this.#limit;
  }

  /** Counts values until they are not few any more. @returns how many it has counted */
  addAll(values: Float64Array): number {
    const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
    let at = 0;
    while (at < values.length && this.isFew) {
      this.#add(words[2 * at] as number, words[2 * at + 1] as number);
      at++;
    }
    return at;
  }

  #add(low: number, high: number): void {
    let hash = Math.imul(low, 0x9e3779b1) ^ high;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    let slot = (hash ^ (hash >>> 15)) & this.#mask;
    while (this.#counts[slot] !== 0) {
      if (this.#words[2 * slot] === low && this.#words[2 * slot + 1] === high) {
        this.#counts[slot] = (this.#counts[slot] as number) + 1;
        return;
      }
      slot = (slot + 1) & this.#mask;
    }
    this.#words[2 * slot] = low;
    this.#words[2 * slot + 1] = high;
    this.#counts[slot] = 1;
    this.#size++;
  }

  /** Every value with its count, ascending. */
  list(): [value: number, count: number][] {
    const all: [number, number][] = [];
    this.#counts.forEach((count, slot) => {
      if (count > 0) all.push([this.#values[slot] ?? 0, count]);
    });
    return all.sort(([a], [b]) => a - b);
  }
}
