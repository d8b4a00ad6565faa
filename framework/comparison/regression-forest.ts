/**
 * A forest of regression trees over points of the unit cube, of which every leaf is a box. Seeded: the same points give the same trees. Pure.
 * @module
 */
import { createDraw, type Draw } from "../models/random.ts";

/** A dimension of the cube: a range, or the categories 0, 1 … each of the same weight. */
export interface Dimension {
  /** How many categories there are. @default it is a range from 0 to 1 */
  readonly categories?: number;
}

/** A box of the cube, in which a tree says one value. */
export interface Leaf {
  /** Of each dimension: from where to where in a range, or the categories that are in it. */
  readonly sides: readonly Side[];
  readonly value: number;
}
export type Side = { readonly from: number; readonly to: number } | { readonly of: readonly number[] };

/** A point, by its dimensions, and its value. */
export interface ForestPoint {
  readonly at: readonly number[];
  readonly value: number;
}

const treeCount = 64;
/** Small leaves: what is explained needs trees that follow the points. Not single points, by which the edges of the cube would be split off. */
const leastInLeaf = 3;
const deepest = 64;

/** Grows a forest: each tree of points drawn with replacement, each split of dimensions in a drawn order. */
export function growForest(points: readonly ForestPoint[], dimensions: readonly Dimension[], seed: number): Leaf[][] {
  const draw = createDraw(seed);
  const whole = dimensions.map(
    ({ categories }): Side =>
      categories === undefined ? { from: 0, to: 1 } : { of: Array.from({ length: categories }, (_, each) => each) },
  );
  return Array.from({ length: treeCount }, () => {
    const sample = points.map(() => points[draw() % points.length] as ForestPoint);
    const leaves: Leaf[] = [];
    grow({ points: sample, sides: whole, depth: 0 }, { draw, leaves });
    return leaves;
  });
}

interface Node {
  readonly points: readonly ForestPoint[];
  readonly sides: readonly Side[];
  readonly depth: number;
}

function grow(node: Node, tree: { readonly draw: Draw; readonly leaves: Leaf[] }): void {
  const split = node.points.length < 2 * leastInLeaf || node.depth >= deepest ? undefined : findSplit(node, tree.draw);
  if (!split) {
    const value = node.points.reduce((sum, point) => sum + point.value, 0) / node.points.length;
    tree.leaves.push({ sides: node.sides, value });
    return;
  }
  for (const { points, side } of split.halves)
    grow({ points, sides: node.sides.with(split.dimension, side), depth: node.depth + 1 }, tree);
}

interface Split {
  readonly dimension: number;
  readonly gain: number;
  readonly halves: readonly { readonly points: readonly ForestPoint[]; readonly side: Side }[];
}

/** The split that takes most variance away, among two dimensions in three. */
function findSplit({ points, sides }: Node, draw: Draw): Split | undefined {
  const count = Math.max(1, Math.ceil((sides.length * 2) / 3));
  const drawn = sides.map((_, dimension) => ({ dimension, key: draw() })).sort((a, b) => a.key - b.key);
  let best: Split | undefined;
  for (const [tried, { dimension }] of drawn.entries()) {
    if (tried >= count && best) break;
    const side = sides[dimension];
    const split =
      side && ("of" in side ? splitCategories(points, dimension, side.of) : splitRange(points, dimension, side));
    if (split && split.gain > (best?.gain ?? 1e-12)) best = split;
  }
  return best;
}

function splitRange(
  points: readonly ForestPoint[],
  dimension: number,
  { from, to }: { readonly from: number; readonly to: number },
): Split | undefined {
  const sorted = points.toSorted((a, b) => (a.at[dimension] ?? 0) - (b.at[dimension] ?? 0));
  const found = findCut(sorted, (left, right) => left.at[dimension] !== right.at[dimension]);
  if (!found) return undefined;
  const [left, right] = [sorted[found.cut - 1], sorted[found.cut]];
  const at = ((left?.at[dimension] ?? 0) + (right?.at[dimension] ?? 0)) / 2;
  const halves = [
    { points: sorted.slice(0, found.cut), side: { from, to: at } },
    { points: sorted.slice(found.cut), side: { from: at, to } },
  ];
  return { dimension, gain: found.gain, halves };
}

/** Categories in the order of their means: the best division of them is between two neighbours. */
function splitCategories(points: readonly ForestPoint[], dimension: number, of: readonly number[]): Split | undefined {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const { at, value } of points) {
    const category = at[dimension] ?? 0;
    const { sum, count } = sums.get(category) ?? { sum: 0, count: 0 };
    sums.set(category, { sum: sum + value, count: count + 1 });
  }
  const meanOf = (category: number | undefined) => {
    const { sum, count } = sums.get(category ?? 0) ?? { sum: 0, count: 1 };
    return sum / count;
  };
  const sorted = points.toSorted(
    (a, b) => meanOf(a.at[dimension]) - meanOf(b.at[dimension]) || (a.at[dimension] ?? 0) - (b.at[dimension] ?? 0),
  );
  const found = findCut(sorted, (left, right) => left.at[dimension] !== right.at[dimension]);
  if (!found) return undefined;
  const halves = [sorted.slice(0, found.cut), sorted.slice(found.cut)];
  const lower = new Set(halves[0]?.map(({ at }) => at[dimension] ?? 0));
  // A category that no point of this node has goes with the lower half, wherever that is.
  const upper = new Set(halves[1]?.map(({ at }) => at[dimension] ?? 0));
  return {
    dimension,
    gain: found.gain,
    halves: halves.map((half, index) => ({
      points: half,
      side: { of: of.filter((each) => (index === 0 ? lower.has(each) || !upper.has(each) : upper.has(each))) },
    })),
  };
}

/** Where sorted points are divided best. @param mayCut whether two neighbours can be told apart */
function findCut(
  sorted: readonly ForestPoint[],
  mayCut: (left: ForestPoint, right: ForestPoint) => boolean,
): { readonly cut: number; readonly gain: number } | undefined {
  const total = sorted.reduce((sum, { value }) => sum + value, 0);
  const count = sorted.length;
  let left = 0;
  let best: { cut: number; gain: number } | undefined;
  for (let cut = 1; cut <= count - leastInLeaf; cut++) {
    const [before, after] = [sorted[cut - 1], sorted[cut]];
    if (!before || !after) continue;
    left += before.value;
    if (cut < leastInLeaf || !mayCut(before, after)) continue;
    const right = total - left;
    const gain = left ** 2 / cut + right ** 2 / (count - cut) - total ** 2 / count;
    if (gain > (best?.gain ?? 0)) best = { cut, gain };
  }
  return best;
}
