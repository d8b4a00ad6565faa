/**
 * Counting doubles by the leading bits of their representation, finer where they are dense: a trie of tables of counts. The
 * first digit is sign and exponent; a slot that gets too many values becomes a table of its own, and what it has counted
 * until then stays known as lying in it. This is the inner loop of a profile, hence its plain style.
 * @module
 */
import { type Histogram, HistogramBuilder } from "./histogram.ts";

/** The bits of each digit, from the highest: together 64. */
const digitBits = [12, 10, 6, 6, 6, 6, 6, 6, 6] as const;
const lastDigit = digitBits.length - 1;
/** How many bits lie below each digit. */
const levels = digitBits.map((_, digit) => digitBits.slice(digit + 1).reduce<number>((sum, bits) => sum + bits, 0));
/** The two values of sign and exponent together that infinities and NaN have. */
const nonFinite: readonly number[] = [0x7ff, 0xfff];

export class KeyTrie {
  /**
   * Tables one after the other: first a cell for what was counted before the table was made, then its slots. A slot is a
   * count, or, below zero, the place of the table it became. Grown when it is full.
   */
  #cells = new Int32Array(2 ** 15);
  #used = 2 ** digitBits[0] + 1;
  /** A slot with more values becomes a table. */
  #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** How many tables there are, in cells. */
  get size(): number {
    return this.#used;
  }

  /** Forgets all counts and keeps the tables, which now fit values like those that were counted. */
  restart(most: number): void {
    this.#most = most;
    for (let at = 0; at < this.#used; at++) if ((this.#cells[at] as number) > 0) this.#cells[at] = 0;
  }

  /** From now on a slot with more values becomes a table. */
  tighten(most: number): void {
    this.#most = Math.min(this.#most, most);
  }

  /** Counts doubles, given as their words. @param afterwards what a slot may have once one had more than it may have now */
  add(words: Uint32Array, count: number, afterwards: number): void {
    let cells = this.#cells;
    for (let at = 0; at < 2 * count; at += 2) {
      const high = words[at + 1] as number;
      let slot = (high >>> 20) + 1;
      let cell = cells[slot] as number;
      let digit = 0;
      if (cell < 0) {
        slot = ((high >>> 10) & 1023) - cell + 1;
        cell = cells[slot] as number;
        digit = 1;
        while (cell < 0) {
          digit++;
          slot = digitOf(high, words[at] as number, digit) - cell + 1;
          cell = cells[slot] as number;
        }
      }
      if (cell < this.#most || digit === lastDigit) {
        cells[slot] = cell + 1;
        continue;
      }
      this.#most = Math.min(this.#most, afterwards);
      this.#addTo(slot, digit, { high, low: words[at] as number, weight: 1 });
      cells = this.#cells;
    }
  }

  /** Counts one double so many times. */
  addWeighted(high: number, low: number, weight: number): void {
    let slot = (high >>> 20) + 1;
    let digit = 0;
    for (let cell = this.#cells[slot] ?? 0; cell < 0; cell = this.#cells[slot] ?? 0) {
      digit++;
      slot = digitOf(high, low, digit) - cell + 1;
    }
    this.#addTo(slot, digit, { high, low, weight });
  }

  #addTo(
    start: number,
    from: number,
    { high, low, weight }: { readonly high: number; readonly low: number; readonly weight: number },
  ): void {
    let slot = start;
    let digit = from;
    while ((this.#cells[slot] ?? 0) + weight > this.#most && digit < lastDigit) {
      digit++;
      slot = digitOf(high, low, digit) + this.#split(slot, digit) + 1;
    }
    this.#cells[slot] = (this.#cells[slot] ?? 0) + weight;
  }

  /** Makes a table of a slot. @returns its place */
  #split(slot: number, digit: number): number {
    const table = this.#used;
    this.#used += 2 ** (digitBits[digit] ?? 0) + 1;
    if (this.#used > this.#cells.length) {
      const cells = new Int32Array(2 * Math.max(this.#cells.length, this.#used));
      cells.set(this.#cells);
      this.#cells = cells;
    }
    this.#cells[table] = this.#cells[slot] ?? 0;
    this.#cells[slot] = -table;
    return table;
  }

  /**
   * All that was counted, but for infinities and NaN, in intervals that together have no more than `most` values or are
   * known no finer. @param most told how many values are at most known only to lie in wider intervals around one place
   */
  toHistogram(most: (unsure: number) => number): Histogram {
    const sums = new Float64Array(this.#used);
    const unsure = this.#sumUp(sums, 0, 0);
    return new TrieReading(this.#cells, sums, Math.max(1, most(unsure))).read();
  }

  /**
   * Sums up the slots of a table, each with all before it and all that lies in it. @returns how many values are at most
   * known only to lie in tables around one place
   */
  #sumUp(sums: Float64Array, table: number, digit: number): number {
    const slots = 2 ** (digitBits[digit] ?? 0);
    let sum = 0;
    let unsure = 0;
    for (let index = 0; index < slots; index++) {
      const cell = this.#cells[table + index + 1] as number;
      if (digit === 0 && nonFinite.includes(index)) sum += 0;
      else if (cell >= 0) sum += cell;
      else {
        const inner = -cell;
        const own = this.#cells[inner] as number;
        unsure = Math.max(unsure, own + this.#sumUp(sums, inner, digit + 1));
        sum += own + (sums[inner + 2 ** (digitBits[digit + 1] ?? 0)] as number);
      }
      sums[table + index + 1] = sum;
    }
    return unsure;
  }
}

/** Some slots of a table, as many as a power of two, and the bits above all of them. */
interface Slots {
  readonly table: number;
  readonly digit: number;
  readonly from: number;
  readonly to: number;
  readonly high: number;
  readonly low: number;
}

/** Reads a trie in the order of numbers. */
class TrieReading {
  readonly #cells: Int32Array;
  readonly #sums: Float64Array;
  readonly #most: number;
  readonly #built = new HistogramBuilder();

  constructor(cells: Int32Array, sums: Float64Array, most: number) {
    this.#cells = cells;
    this.#sums = sums;
    this.#most = most;
  }

  read(): Histogram {
    this.#visit({ table: 0, digit: 0, from: 0, to: 2 ** digitBits[0], high: 0, low: 0 });
    return this.#built.build();
  }

  #visit(slots: Slots): void {
    const { table, digit, from, to } = slots;
    const total = (this.#sums[table + to] ?? 0) - (this.#sums[table + from] ?? 0);
    if (total === 0) return;
    if (total <= this.#most || to === from + 1) {
      this.#take(slots, total);
      return;
    }
    const middle = (from + to) / 2;
    const halves = [
      { ...slots, to: middle },
      { ...slots, from: middle },
    ];
    // Below zero, what is greater in its bits is less in value; the sign is the first bit.
    const isReversed = digit === 0 ? from >= 2048 || to > 2048 : slots.high >>> 31 === 1;
    for (const half of isReversed ? halves.reverse() : halves) this.#visit(half);
  }

  #take({ table, digit, from, to, high, low }: Slots, total: number): void {
    const below = levels[digit] ?? 0;
    const level = below + Math.log2(to - from);
    const top = (high | Math.floor(from * 2 ** (below - 32))) >>> 0;
    const bottom = (low | ((from * 2 ** below) % 2 ** 32)) >>> 0;
    const [keyHigh, keyLow] = startOfBits(top, bottom, level);
    const cell = this.#cells[table + from + 1] ?? 0;
    const isWhole = total <= this.#most || cell >= 0;
    this.#built.add(keyHigh, keyLow, { level, count: isWhole ? total : (this.#cells[-cell] ?? 0) });
    if (isWhole) return;
    const inner = 2 ** (digitBits[digit + 1] ?? 0);
    this.#visit({ table: -cell, digit: digit + 1, from: 0, to: inner, high: top, low: bottom });
  }
}

/** The digit of a double's words: the second has ten bits of the high word, each after it six of what remains. */
function digitOf(high: number, low: number, digit: number): number {
  switch (digit) {
    case 1:
      return (high >>> 10) & 1023;
    case 2:
      return (high >>> 4) & 63;
    case 3:
      return ((high & 15) << 2) | (low >>> 30);
    default:
      return (low >>> (48 - 6 * digit)) & 63;
  }
}

/** The first key of the interval of all doubles whose words begin with the bits above a level. */
function startOfBits(high: number, low: number, level: number): readonly [high: number, low: number] {
  if (high >>> 31 === 0) return [(high | 0x80000000) >>> 0, low];
  const lowBits = level >= 32 ? 0xffffffff : 2 ** level - 1;
  const highBits = level > 32 ? 2 ** (level - 32) - 1 : 0;
  return [~(high | highBits) >>> 0, ~(low | lowBits) >>> 0];
}
