/**
 * Counting doubles in bins of one width, a power of two: the quick way for most columns, whose values are spread about evenly
 * but for their tails. A bin is a multiple of the width and what lies between it and the next one away from zero, hence an
 * interval of keys. What lies beyond the bins, or nearer to zero than their width, is left to others.
 * @module
 */
import { type Histogram, HistogramBuilder } from "./histogram.ts";
import { keyHigh, keyLow, startOfInterval } from "./key.ts";

/** How many bins there are at most. */
export const mostBins = 16_384;
/** The share of all values that is to lie in a bin where they are densest. */
export const densestBin = 0.0005;
/** How many neighbours in the sample tell how dense values are. */
export const neighbours = 64;

export class EvenBins {
  readonly #exponent: number;
  readonly #scale: number;
  /** The multiples of the width that the first bin and the one after the last stand for. */
  readonly #from: number;
  readonly #to: number;
  readonly #counts: Int32Array;
  #most: number;
  #isFull = false;

  private constructor(exponent: number, [from, to]: readonly [number, number], most: number) {
    this.#exponent = exponent;
    this.#scale = 2 ** -exponent;
    this.#from = from;
    this.#to = to;
    this.#counts = new Int32Array(to - from);
    this.#most = most;
  }

  /** Bins that fit a sample, given ascending; nothing where none do. @param most how many values a bin may have */
  static fit(sample: Float64Array, most: number): EvenBins | undefined {
    const tail = Math.floor(sample.length / 512);
    const [lower, upper] = [sample[tail] ?? 0, sample[sample.length - 1 - tail] ?? 0];
    let gap = Infinity;
    for (let at = tail + neighbours; at < sample.length - tail; at++)
      gap = Math.min(gap, (sample[at] as number) - (sample[at - neighbours] as number));
    return EvenBins.#make((densestBin * sample.length * gap) / neighbours, [lower, upper], most);
  }

  /** As many bins as there may be between two values; nothing where these are too near to each other for their size. */
  static span(lower: number, upper: number, most: number): EvenBins | undefined {
    return EvenBins.#make((2 * (upper - lower)) / (mostBins - 2), [lower, upper], most);
  }

  /** Bins that are at most as wide as is said. */
  static #make(width: number, [lower, upper]: readonly [number, number], most: number): EvenBins | undefined {
    const exponent = Math.floor(Math.log2(width));
    const scale = 2 ** -exponent;
    const [from, to] = [Math.trunc(lower * scale), Math.trunc(upper * scale) + 1];
    // Beyond 2^30 a multiple is no longer a small whole number of the processor; a scale that overflows is no power either.
    const isFit = Math.abs(from) < 2 ** 30 && Math.abs(to) < 2 ** 30 && to - from <= mostBins && Number.isFinite(scale);
    return isFit && scale > 0 ? new EvenBins(exponent, [from, to], most) : undefined;
  }

  /** Whether a bin has as many values as it may have: values come otherwise than the sample did, and others should count them. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Counts values. What it does not count it puts into `rest`. @returns how many these are */
  add(values: Float64Array, rest: Float64Array): number {
    const counts = this.#counts;
    const scale = this.#scale;
    const start = this.#from;
    const least = start <= 0 ? start - 1 : start;
    const most = this.#to;
    const full = this.#most;
    let left = 0;
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as number;
      const scaled = value * scale;
      if (scaled > least && scaled < most) {
        const multiple = scaled | 0;
        if (multiple !== 0) {
          const bin = multiple - start;
          const count = counts[bin] as number;
          if (count < full) {
            counts[bin] = count + 1;
            continue;
          }
          this.#isFull = true;
        }
      }
      rest[left++] = value;
    }
    return left;
  }

  toHistogram(): Histogram {
    const built = new HistogramBuilder();
    for (let index = 0; index < this.#counts.length; index++) {
      const count = this.#counts[index] as number;
      if (count === 0) continue;
      const multiple = this.#from + index;
      const first = multiple * 2 ** this.#exponent;
      // Within an octave a width is so many bits of the mantissa less.
      const level = 52 - Math.floor(Math.log2(Math.abs(multiple)));
      const [high, low] = startOfInterval(keyHigh(first), keyLow(first), level);
      built.add(high, low, { level, count });
    }
    return built.build();
  }
}
