/**
 * The profile of a column of numbers, from its values as they come. While different values are few, each is counted. Else the
 * first values are gathered; when there are no more, the histogram is made of all of them, and when there are, tables are laid
 * out to fit them and all values are counted in those.
 * @module
 */
import { addDoubles, encodeDistinct, findFloor, makeDistinctSketch } from "./distinct-sketch.ts";
import { EvenBins } from "./even-bins.ts";
import { addHistograms, countSingly, foldHistogram, type Histogram, readOuter } from "./histogram.ts";
import { encodeHistogram } from "./histogram-code.ts";
import { KeyTrie } from "./key-trie.ts";
import { MagnitudeBins } from "./magnitude-bins.ts";
import { type CountedMoments, mergeMoments, momentsOfSums, noMoments } from "./moments.ts";
import { fewNumbers, type NumbersProfile } from "./profile.ts";
import { ValueCounts } from "./value-counts.ts";

/** How many values are gathered before tables are laid out. */
const gathered = 65_536;
/** By how much a rank may be off, as a share of all values: up to so many, intervals are put together. */
export const rankError = 0.001;
/** The share of all values that a bin may have where bins are even. */
const densest = 0.0006;
/** How many different values are counted singly before they are too many for it. */
const countedSingly = 4096;
/** The share of the values gathered that is too much for a slot: such a slot will be a table from the beginning. */
const foreseen = 0.0003;
/** The share of all values that a slot may have before it becomes a table unforeseen; and after one did, for values come in an order then. */
const unforeseen = 0.0004;
const ordered = 0.00005;
/** The share of all values up to which intervals are put together, however much is unsure. */
const leastFolded = 0.0002;

/** After how many arrays of values the sketch is looked at for what it needs not look at any more. */
const floorEvery = 64;
/** How many values are given at once, at most. */
export const chunkRows = 2048;

/** The least and the greatest of some values. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export class NumberColumn {
  readonly #rows: number;
  readonly #bounds: Bounds | undefined;
  readonly #counts: ValueCounts;
  #first: Float64Array | undefined;
  #gathered = 0;
  #bins: EvenBins | MagnitudeBins | undefined;
  #trie: KeyTrie | undefined;
  readonly #rest = new Float64Array(chunkRows);
  readonly #distinct = makeDistinctSketch();
  #sketched = 0;
  #floor = 0;
  #moments: CountedMoments = noMoments;
  #min = Infinity;
  #max = -Infinity;
  #nonFinite = 0;

  /**
   * @param rows how many values there are at most: of so many a share is meant
   * @param bounds between which all values lie, where that is known beforehand
   */
  constructor(rows: number, bounds?: Bounds) {
    this.#bounds = bounds;
    this.#rows = rows;
    this.#counts = new ValueCounts(Math.min(countedSingly, rows));
    this.#first = new Float64Array(Math.min(rows, gathered));
  }

  /** How many values there were, with those that are not finite. */
  get count(): number {
    return this.#moments.count + this.#nonFinite;
  }

  /** Takes values in, at the beginning of an array. */
  add(given: Float64Array, length: number): void {
    const values = this.#addMoments(given, length);
    if (values.length === 0) return;
    this.#gather(values);
    let left = values;
    if (this.#counts.isFew) {
      left = values.subarray(this.#counts.addAll(values));
      if (!this.#counts.isFew) this.#endFew();
    }
    if (this.#trie) this.#count(left);
  }

  /** Takes in what is not about single values. @returns the values that are finite */
  #addMoments(given: Float64Array, length: number): Float64Array {
    const shift = this.#moments.count > 0 ? this.#moments.mean : (given[0] ?? 0);
    let [s1, s2, s3] = [0, 0, 0];
    let [min, max] = [this.#min, this.#max];
    for (let at = 0; at < length; at++) {
      const value = given[at] as number;
      const d = value - shift;
      const square = d * d;
      s1 += d;
      s2 += square;
      s3 += square * d;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    const values = given.subarray(0, length);
    if (!Number.isFinite(s1)) {
      const finite = values.filter((value) => Number.isFinite(value));
      this.#nonFinite += length - finite.length;
      if (finite.length < length) return this.#addMoments(finite, finite.length);
    }
    this.#min = min;
    this.#max = max;
    this.#moments = mergeMoments(this.#moments, momentsOfSums(length, shift, [s1, s2, s3]));
    return values;
  }

  #gather(values: Float64Array): void {
    if (!this.#first) return;
    const room = this.#first.length - this.#gathered;
    if (values.length <= room) {
      this.#first.set(values, this.#gathered);
      this.#gathered += values.length;
      return;
    }
    const first = this.#first.subarray(0, this.#gathered);
    this.#first = undefined;
    // While values are few, those that were counted stand for those that were gathered.
    if (this.#counts.isFew) return;
    this.#bins = this.#fitBins(first);
    const rest = new Float64Array(first.length);
    const left = this.#bins ? rest.subarray(0, this.#bins.add(first, rest)) : first;
    this.#layOut((trie) => trie.add(wordsOf(left), left.length, Infinity), first.length);
    this.#sketch(first);
  }

  /** Values that ascend or descend say nothing of those to come, but that these lie in their bounds. */
  #fitBins(first: Float64Array): EvenBins | MagnitudeBins | undefined {
    const quarter = Math.floor(first.length / 4);
    const [begin, end] = [takeSample(first.subarray(0, quarter)), takeSample(first.subarray(-quarter))];
    const isOrdered = !(
      readMiddle(begin, 0.75) >= readMiddle(end, 0.25) && readMiddle(end, 0.75) >= readMiddle(begin, 0.25)
    );
    const most = this.#fewest(densest);
    const { min, max } = this.#bounds ?? {};
    if (isOrdered && min !== undefined && max !== undefined) return EvenBins.span(min, max, most);
    const sample = takeSample(first);
    return EvenBins.fit(sample, most) ?? MagnitudeBins.fit(sample, most);
  }

  /** Different values are no longer few. All values so far were either gathered or counted. */
  #endFew(): void {
    if (this.#first) return;
    const all = this.#counts.list();
    const total = all.reduce((sum, [, count]) => sum + count, 0);
    const add = (trie: KeyTrie) => {
      for (const [value, count] of all) {
        const [low = 0, high = 0] = wordsOf(Float64Array.of(value));
        trie.addWeighted(high, low, count);
      }
    };
    this.#layOut(add, total);
    this.#sketch(Float64Array.from(all, ([value]) => value));
  }

  /** Lays out tables by counting values, again and again until no table is missing, and counts them in these. */
  #layOut(add: (trie: KeyTrie) => void, values: number): void {
    const most = Math.max(1, Math.floor(foreseen * values));
    const trie = new KeyTrie(most);
    for (let size = 0; size < trie.size; ) {
      size = trie.size;
      trie.restart(most);
      add(trie);
    }
    trie.restart(this.#fewest(unforeseen));
    add(trie);
    this.#trie = trie;
  }

  #fewest(share: number): number {
    return Math.max(1, Math.floor(share * this.#rows));
  }

  #count(values: Float64Array): void {
    this.#sketch(values);
    let rest = values;
    if (this.#bins && !this.#bins.isFull) {
      rest = this.#rest.subarray(0, this.#bins.add(values, this.#rest));
      // Values come otherwise than the first did, and some are now known only to lie in a bin: no more of that.
      if (this.#bins.isFull) this.#trie?.tighten(this.#fewest(ordered));
    }
    this.#trie?.add(wordsOf(rest), rest.length, this.#fewest(ordered));
  }

  #sketch(values: Float64Array): void {
    if (++this.#sketched % floorEvery === 0) this.#floor = findFloor(this.#distinct);
    addDoubles(this.#distinct, wordsOf(values), { count: values.length, floor: this.#floor });
  }

  finish(): NumbersProfile {
    const { count, mean, m2, m3 } = this.#moments;
    const isKnown = [mean, m2, m3].every((moment) => Number.isFinite(moment));
    const stated = {
      kind: "numbers" as const,
      ...(count > 0 && { min: this.#min + 0, max: this.#max + 0 }),
      ...(count > 0 && isKnown && { moments: { mean, m2, m3 } }),
      ...(this.#nonFinite > 0 && { nonFinite: this.#nonFinite }),
    };
    const all = this.#counts.isFew ? this.#counts.list() : [];
    if (this.#counts.isFew && all.length <= fewNumbers) return { ...stated, all };
    const histogram = this.#counts.isFew ? this.#readCounts(all, count) : this.#readHistogram(count);
    return { ...stated, histogram: encodeHistogram(histogram), distinct: encodeDistinct(this.#distinct) };
  }

  #readCounts(all: readonly (readonly [value: number, count: number])[], count: number): Histogram {
    this.#sketch(Float64Array.from(all, ([value]) => value));
    return foldHistogram(countSingly(all), Math.max(1, Math.floor(rankError * count)));
  }

  #readHistogram(count: number): Histogram {
    // What is known only to lie in a wider interval is unsure together with what a fold makes unsure.
    const most = (unsure: number) => Math.floor(Math.max(leastFolded * count, rankError * count - unsure));
    if (this.#trie && !this.#bins) return this.#trie.toHistogram(most);
    if (this.#trie && this.#bins) {
      const both = addHistograms(
        this.#bins.toHistogram(),
        this.#trie.toHistogram(() => ordered * count),
      );
      return foldHistogram(both, most(readOuter(both)));
    }
    const values = this.#first?.subarray(0, this.#gathered) ?? new Float64Array();
    this.#sketch(values);
    return foldHistogram(countSingly(countSorted(values.sort())), Math.max(1, Math.floor(rankError * count)));
  }
}

function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
}

function* countSorted(sorted: Float64Array): Generator<[value: number, count: number]> {
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const value = sorted[from] ?? 0;
    while (to < sorted.length && sorted[to] === value) to++;
    yield [value, to - from];
  }
}

function readMiddle(sorted: Float64Array, share: number): number {
  return sorted[Math.floor(share * sorted.length)] ?? Number.NaN;
}

/** Some of many values, ascending. */
function takeSample(values: Float64Array): Float64Array {
  const every = Math.max(1, Math.floor(values.length / 4096));
  return Float64Array.from(
    { length: Math.floor(values.length / every) },
    (_, index) => values[index * every] ?? 0,
  ).sort();
}
