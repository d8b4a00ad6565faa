/**
 * The scale that a column of numbers is drawn on: even, or by magnitudes where values have many of them; without the far
 * tails, where these would leave no room for the rest. And how many values lie in each bar. Pure.
 * @module
 */
import type { Bin } from "../../data/profile/histogram.ts";
import type { ColumnProfile } from "../../data/profile/profile.ts";
import { readQuantile, readRank } from "../../data/profile/read-column.ts";

export interface Scale {
  readonly kind: "even" | "magnitudes";
  /** Where the first bar begins and the last one ends. */
  readonly from: number;
  readonly to: number;
  readonly bars: number;
}

/** A bar: where it begins and ends, and about how many values lie in it. */
export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The share of values at each end that is left out where it would take up most of the scale. */
export const tail = 0.002;
/** How much wider all values may lie than those without the tails. */
const widest = 2;
/** How many times the least value may the greatest be, without the tails, on an even scale; where the middle one is near the least. */
const manyMagnitudes = 300;

/** The scale for some bins. @param most how many bars there may be */
function chooseScale(bins: readonly Bin[], type: ColumnProfile["type"], most: number): Scale | undefined {
  const [first, last] = [bins[0], bins.at(-1)];
  if (!first || !last) return undefined;
  const [min, max] = [first.lower, last.upper];
  const [low = min, middle = min, high = max] = [tail, 0.5, 1 - tail].map((share) => readQuantile(bins, share));
  if (min > 0 && type !== "timestamp" && high > manyMagnitudes * low && middle - low < (high - low) / 10)
    return { kind: "magnitudes", from: low, to: high, bars: most };
  const isFar = max - min > widest * (high - low) && high > low;
  const [from, to] = isFar && type !== "timestamp" ? [low, high] : [min, max];
  if (type === "integer") return scaleWhole(Math.floor(from), Math.ceil(to), most);
  return from === to
    ? { kind: "even", from: from - 0.5, to: to + 0.5, bars: 1 }
    : { kind: "even", from, to, bars: most };
}

/** What is drawn of a column. */
export interface Shown {
  readonly bins: readonly Bin[];
  /** @default there are no values */
  readonly scale: Scale | undefined;
  /** How many zeros are left out. */
  readonly zeros: number;
}

/** Chooses what is drawn. Zeros among magnitudes have no place on their scale, and would leave the rest no room on an even one. */
export function chooseShown(all: readonly Bin[], type: ColumnProfile["type"], most: number): Shown {
  const [first, ...others] = all;
  if (first?.lower === 0 && first.upper === 0) {
    const scale = chooseScale(others, type, most);
    if (scale?.kind === "magnitudes") return { bins: others, scale, zeros: first.count };
  }
  return { bins: all, scale: chooseScale(all, type, most), zeros: 0 };
}

/** Each bar holds as many whole numbers as every other one, or the picture would have waves that the data have not. */
function scaleWhole(from: number, to: number, most: number): Scale {
  const step = Math.max(1, Math.ceil((to - from + 1) / most));
  const bars = Math.ceil((to - from + 1) / step);
  return { kind: "even", from: from - 0.5, to: from - 0.5 + bars * step, bars };
}

/** Where a share of a scale's length is. */
function placeOnScale({ kind, from, to }: Scale, share: number): number {
  return kind === "even" ? from + share * (to - from) : from * (to / from) ** share;
}

/** At which share of a scale's length a value is. */
export function findOnScale({ kind, from, to }: Scale, value: number): number {
  return kind === "even" ? (value - from) / (to - from) : Math.log(value / from) / Math.log(to / from);
}

export function drawBars(bins: readonly Bin[], scale: Scale): Bar[] {
  const edges = Array.from({ length: scale.bars + 1 }, (_, bar) => placeOnScale(scale, bar / scale.bars));
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  // The greatest value lies at the end of the last bar, not beyond it.
  const isLast = (bins.at(-1)?.upper ?? 0) <= (edges.at(-1) ?? 0);
  const ranks = edges.map((edge, bar) => (bar === scale.bars && isLast ? total : readRank(bins, edge)));
  return ranks.slice(1).map((rank, bar) => ({
    from: edges[bar] ?? 0,
    to: edges[bar + 1] ?? 0,
    count: Math.max(0, rank - (ranks[bar] ?? 0)),
  }));
}
