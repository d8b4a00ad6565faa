/**
 * Numbers of many shapes for tests of profiles, always the same ones, and what is true of them.
 * @module
 */

/** A source of numbers from 0 to 1 that begins anew with each seed (mulberry32). */
function makeRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Draw = (random: () => number, index: number) => number;

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Shapes of columns that people have, and of some that they should not have. */
export const shapes: Readonly<Record<string, Draw>> = {
  uniform: (random) => random() * 1000,
  normal: (random) => normal(random),
  "narrow and far from zero": (random) => 1e6 + normal(random),
  "log-normal": (random) => Math.exp(3 * normal(random)),
  Cauchy: (random) => Math.tan(Math.PI * (random() - 0.5)),
  "mostly zero": (random) => (random() < 0.7 ? 0 : Math.exp(normal(random))),
  "two decimals": (random) => Math.round(random() * 10_000) / 100,
  "whole numbers": (random) => Math.floor(random() * 1000),
  "whole numbers on both sides": (random) => Math.floor(normal(random) * 3000),
  "ascending times": (_random, index) => 1_704_067_200_000_000 + index * 1_000_000,
  "descending and below zero": (_random, index) => -index * 3.7,
  "first even, then one spike": (random, index) => (index < 100_000 ? random() : 0.123456789),
  "a spike within a crowd": (random) => (random() < 0.3 ? 50.123 : 50 + normal(random)),
  "of all magnitudes": (random) => (random() < 0.5 ? -1 : 1) * 10 ** (600 * random() - 300),
};

export function drawShape(name: string, count: number, seed = 1): Float64Array {
  const draw = shapes[name];
  if (!draw) throw new TypeError(`there is no shape "${name}"`);
  const random = makeRandom(seed);
  // A zero of either sign is the same value.
  return Float64Array.from({ length: count }, (_, index) => draw(random, index) + 0);
}

/** How many of ascending numbers lie below a value, and how many do not lie above it. */
export function rankOf(sorted: Float64Array, value: number): readonly [below: number, upTo: number] {
  const first = (isBefore: (one: number) => boolean): number => {
    let [least, most] = [0, sorted.length];
    while (least < most) {
      const middle = (least + most) >>> 1;
      if (isBefore(sorted[middle] ?? 0)) least = middle + 1;
      else most = middle;
    }
    return least;
  };
  return [first((one) => one < value), first((one) => one <= value)];
}

/** By how much the rank of a value misses a share of all, as a share of all. */
export function missedRank(sorted: Float64Array, value: number, share: number): number {
  const [below, upTo] = rankOf(sorted, value);
  const target = share * sorted.length;
  return Math.max(0, below - target, target - upTo) / sorted.length;
}
