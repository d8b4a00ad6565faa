/**
 * Counting positive doubles in bins as wide as they are great: the quick way for columns of many magnitudes. A bin is all
 * doubles whose exponent and first bits of the mantissa agree, hence an interval of keys. What lies beyond the bins is left to
 * others.
 * @module
 */

import { densestBin, mostBins, neighbours } from "./even-bins.ts";
import { type Histogram, HistogramBuilder } from "./histogram.ts";

// Every platform of Node has its words in little-endian order: the high half of a double is the second.
const highOf = (value: number): number => new Uint32Array(Float64Array.of(value).buffer)[1] ?? 0;

export class MagnitudeBins {
  readonly #shift: number;
  readonly #from: number;
  readonly #counts: Int32Array;
  readonly #most: number;
  #isFull = false;

  private constructor(shift: number, [from, to]: readonly [number, number], most: number) {
    this.#shift = shift;
    this.#from = from;
    this.#counts = new Int32Array(to - from + 1);
    this.#most = most;
  }

  /** Bins that fit a sample, given ascending; nothing where none do. @param most how many values a bin may have */
  static fit(sample: Float64Array, most: number): MagnitudeBins | undefined {
    const tail = Math.floor(sample.length / 512);
    const [lower, upper] = [sample[tail] ?? 0, sample[sample.length - 1 - tail] ?? 0];
    if (lower <= 0) return undefined;
    let gap = Infinity;
    for (let at = tail + neighbours; at < sample.length - tail; at++)
      gap = Math.min(gap, highOf(sample[at] as number) - highOf(sample[at - neighbours] as number));
    const shift = Math.floor(Math.log2((densestBin * sample.length * gap) / neighbours));
    if (!(shift >= 0 && shift < 20)) return undefined;
    const [from, to] = [highOf(lower) >>> shift, highOf(upper) >>> shift];
    return to - from < mostBins ? new MagnitudeBins(shift, [from, to], most) : undefined;
  }

  /** Whether a bin has as many values as it may have: values come otherwise than the sample did, and others should count them. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Counts values. What it does not count it puts into `rest`. @returns how many these are */
  add(values: Float64Array, rest: Float64Array): number {
    const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
    const counts = this.#counts;
    const [shift, from, bins, full] = [this.#shift, this.#from, this.#counts.length, this.#most];
    let left = 0;
    for (let at = 0; at < values.length; at++) {
      const bin = ((words[2 * at + 1] as number) >>> shift) - from;
      if (bin >= 0 && bin < bins) {
        const count = counts[bin] as number;
        if (count < full) {
          counts[bin] = count + 1;
          continue;
        }
        this.#isFull = true;
      }
      rest[left++] = values[at] as number;
    }
    return left;
  }

  toHistogram(): Histogram {
    const built = new HistogramBuilder();
    for (let index = 0; index < this.#counts.length; index++) {
      const high = (((this.#from + index) << this.#shift) | 0x80000000) >>> 0;
      built.add(high, 0, { level: 32 + this.#shift, count: this.#counts[index] as number });
    }
    return built.build();
  }
}
