/**
 * Histograms of numbers of any range and shape: counts of intervals of keys (`key.ts`), narrow where values are dense and
 * wide where they are rare, down to a single value that occurs often. A count says how many values lie in its interval and
 * in none of the narrower ones inside it that are counted too, so histograms merge by adding counts, whatever their intervals.
 *
 * Ranks at the ends of an interval are exact but for the values that are only known to lie in a wider one. What a rank may
 * be off at most is known to each histogram (`readRankError`): in that of a part at most 0.1 % of its values.
 * @module
 */
import { endOfInterval, keyHigh, keyLow, levelOfBoth, middleOfInterval, numberOfKey, startOfInterval } from "./key.ts";

/** Intervals in the order of their first keys, a wider one before those inside it. */
export interface Histogram {
  /** The high and the low half of each interval's first key. */
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly level: Uint8Array;
  readonly count: Float64Array;
}

/** A stretch of the line and how many values lie in it, estimated where histograms of other intervals were merged. */
export interface Bin {
  /** Where it begins, inclusive. */
  readonly lower: number;
  /** Where it ends, exclusive; equal to `lower` where it is a single value. */
  readonly upper: number;
  readonly count: number;
}

/** Gathers intervals in their order. */
export class HistogramBuilder {
  readonly #high: number[] = [];
  readonly #low: number[] = [];
  readonly #level: number[] = [];
  readonly #count: number[] = [];

  add(high: number, low: number, { level, count }: { readonly level: number; readonly count: number }): void {
    if (count === 0) return;
    this.#high.push(high);
    this.#low.push(low);
    this.#level.push(level);
    this.#count.push(count);
  }

  build(): Histogram {
    return {
      high: Uint32Array.from(this.#high),
      low: Uint32Array.from(this.#low),
      level: Uint8Array.from(this.#level),
      count: Float64Array.from(this.#count),
    };
  }
}

/** A histogram of single values, given ascending. */
export function countSingly(counts: Iterable<readonly [value: number, count: number]>): Histogram {
  const built = new HistogramBuilder();
  for (const [value, count] of counts) built.add(keyHigh(value), keyLow(value), { level: 0, count });
  return built.build();
}

/** The sum of two histograms. */
export function addHistograms(a: Histogram, b: Histogram): Histogram {
  const built = new HistogramBuilder();
  const take = ({ high, low, level }: Histogram, at: number, count: number) =>
    built.add(high[at] ?? 0, low[at] ?? 0, { level: level[at] ?? 0, count });
  let i = 0;
  let j = 0;
  while (i < a.count.length || j < b.count.length) {
    const order = i >= a.count.length ? 1 : j >= b.count.length ? -1 : compareIntervals(a, i, [b, j]);
    const count = (order <= 0 ? (a.count[i] ?? 0) : 0) + (order >= 0 ? (b.count[j] ?? 0) : 0);
    if (order <= 0) take(a, i++, count);
    else take(b, j, count);
    if (order >= 0) j++;
  }
  return built.build();
}

function compareIntervals(a: Histogram, i: number, [b, j]: readonly [Histogram, number]): number {
  const high = (a.high[i] ?? 0) - (b.high[j] ?? 0);
  if (high !== 0) return high;
  const low = (a.low[i] ?? 0) - (b.low[j] ?? 0);
  return low !== 0 ? low : (b.level[j] ?? 0) - (a.level[i] ?? 0);
}

/** Counts up to each interval, exclusive; the last is the total. */
export function sumUp({ count }: Histogram): Float64Array {
  const sums = new Float64Array(count.length + 1);
  for (let at = 0; at < count.length; at++) sums[at + 1] = (sums[at] ?? 0) + (count[at] ?? 0);
  return sums;
}

/** The least interval that contains all of some intervals that follow one another. */
export function encloseIntervals(
  { high, low, level }: Histogram,
  from: number,
  to: number,
): { readonly high: number; readonly low: number; readonly level: number } {
  const first = [high[from] ?? 0, low[from] ?? 0] as const;
  const both = Math.max(level[from] ?? 0, levelOfBoth(first, [high[to - 1] ?? 0, low[to - 1] ?? 0]));
  const [top, bottom] = startOfInterval(...first, both);
  return { high: top, low: bottom, level: both };
}

/** The first of the intervals from..to whose first key is not below a key. */
export function findInterval(
  { high, low }: Histogram,
  [from, to]: readonly [number, number],
  [keyHigh, keyLow]: readonly [number, number],
): number {
  let least = from;
  let most = to;
  while (least < most) {
    const middle = (least + most) >>> 1;
    const top = high[middle] ?? 0;
    if (top < keyHigh || (top === keyHigh && (low[middle] ?? 0) < keyLow)) least = middle + 1;
    else most = middle;
  }
  return least;
}

/** Puts neighbouring intervals together as long as they have no more values than `most` between them. */
export function foldHistogram(histogram: Histogram, most: number): Histogram {
  const sums = sumUp(histogram);
  const built = new HistogramBuilder();
  const visit = (
    from: number,
    to: number,
    interval: { readonly high: number; readonly low: number; readonly level: number },
  ): void => {
    if (from === to) return;
    const { high, low, level } = interval;
    const total = (sums[to] ?? 0) - (sums[from] ?? 0);
    if (total <= most || level === 0) {
      built.add(high, low, { level, count: total });
      return;
    }
    let inner = from;
    if (histogram.level[from] === level) {
      built.add(high, low, { level, count: histogram.count[from] ?? 0 });
      inner++;
    }
    const [middleHigh, middleLow] = middleOfInterval(high, low, level);
    const middle = findInterval(histogram, [inner, to], [middleHigh, middleLow]);
    visit(inner, middle, { high, low, level: level - 1 });
    visit(middle, to, { high: middleHigh, low: middleLow, level: level - 1 });
  };
  visit(0, histogram.count.length, { high: 0, low: 0, level: 64 });
  return built.build();
}

/** Whether an interval lies inside another that comes before it. */
function isInside({ high, low, level }: Histogram, at: number, outer: number): boolean {
  const bits = level[outer] ?? 0;
  const [top, outerTop] = [high[at] ?? 0, high[outer] ?? 0];
  if (bits >= 64) return true;
  if (bits >= 32) return top >>> (bits - 32) === outerTop >>> (bits - 32);
  return top === outerTop && (low[at] ?? 0) >>> bits === (low[outer] ?? 0) >>> bits;
}

/** Where the intervals end that lie inside the one at an index. */
function endOfInner(histogram: Histogram, at: number, to: number): number {
  let least = at + 1;
  let most = to;
  while (least < most) {
    const middle = (least + most) >>> 1;
    if (isInside(histogram, middle, at)) least = middle + 1;
    else most = middle;
  }
  return least;
}

/** What a rank may be off at most, as a share of all values. */
export function readRankError(histogram: Histogram): number {
  const total = sumUp(histogram).at(-1) ?? 0;
  return total > 0 ? findWorst(histogram, ({ own, level }) => (level === 0 ? 0 : own)) / total : 0;
}

/** How many values are at most known only to lie in intervals that have narrower ones inside, around one place. */
export function readOuter(histogram: Histogram): number {
  return findWorst(histogram, () => 0);
}

/** The most values that are unsure around one place. @param innermost how many are in an interval without others inside */
function findWorst(
  histogram: Histogram,
  innermost: (interval: { readonly own: number; readonly level: number }) => number,
): number {
  const { count, level } = histogram;
  const outer: number[] = [];
  let unsure = 0;
  let worst = 0;
  for (let at = 0; at < count.length; at++) {
    for (let last = outer.at(-1); last !== undefined && !isInside(histogram, at, last); last = outer.at(-1)) {
      unsure -= count[last] ?? 0;
      outer.pop();
    }
    const own = count[at] ?? 0;
    if (at + 1 < count.length && isInside(histogram, at + 1, at)) {
      outer.push(at);
      unsure += own;
    } else worst = Math.max(worst, unsure + innermost({ own, level: level[at] ?? 0 }));
  }
  return worst;
}

/**
 * The histogram as stretches that do not overlap. Values that are only known to lie in a wider interval are shared out
 * among the narrower ones in it, by their counts. No stretch reaches beyond the least and the greatest value.
 */
export function readBins(histogram: Histogram, [min, max]: readonly [number, number]): Bin[] {
  const { high, low, level, count } = histogram;
  const sums = sumUp(histogram);
  const bins: Bin[] = [];
  const within = (value: number, otherwise: number): number =>
    Number.isNaN(value) ? otherwise : Math.min(max, Math.max(min, value));
  const walk = (from: number, to: number, shared: number): void => {
    const total = (sums[to] ?? 0) - (sums[from] ?? 0);
    for (let at = from; at < to; ) {
      const end = endOfInner(histogram, at, to);
      const share = (shared * ((sums[end] ?? 0) - (sums[at] ?? 0))) / total;
      const own = (count[at] ?? 0) + share;
      if (end > at + 1) walk(at + 1, end, own);
      else {
        const [top, bottom, bits] = [high[at] ?? 0, low[at] ?? 0, level[at] ?? 0];
        const lower = within(numberOfKey(top, bottom), min);
        const upper = bits === 0 ? lower : within(endOfInterval(top, bottom, bits), max);
        bins.push({ lower, upper: Math.max(lower, upper), count: own });
      }
      at = end;
    }
  };
  walk(0, count.length, 0);
  return bins;
}
