/**
 * How much each parameter says of the objective, by functional analysis of variance: the share of a forest's variance over the space of
 * parameters that each explains alone (Hutter, Hoos, Leyton-Brown: An Efficient Approach for Assessing Hyperparameter Importance, ICML
 * 2014). Pure.
 * @module
 */
import { type ComparedRun, hasValue, isBroken, listNames } from "./compared-run.ts";
import { makeAxis } from "./param-axis.ts";
import { type Dimension, type ForestPoint, growForest, type Leaf, type Side } from "./regression-forest.ts";

/** How many runs it takes at least: of fewer, chance says more than any parameter. */
export const leastRuns = 10;
/** At most so many runs are read, the first ones: more say nothing new, and take time. */
const mostRuns = 1_000;
const seed = 2014;

/** What each parameter says, or why that cannot be told. */
export type Importance =
  | {
      /** From the one that says most; shares of the variance from 0 to 1. What is left to 1 is what parameters say together. */
      readonly params: readonly { readonly param: string; readonly share: number }[];
      /** How many runs it stands on. */
      readonly runs: number;
      /** The parameters that are not among them, since not all of these runs have them. */
      readonly left: readonly string[];
    }
  | { readonly refused: string };

export interface ImportanceOptions {
  readonly metric: string;
  readonly logarithmic: ReadonlySet<string>;
}

export function measureImportance(
  runs: readonly ComparedRun[],
  { metric, logarithmic }: ImportanceOptions,
): Importance {
  const judged = runs.filter((run) => hasValue(run, metric) && !isBroken(run)).slice(0, mostRuns);
  if (judged.length < leastRuns) {
    const count = judged.length === 1 ? "1 has" : `${judged.length} have`;
    return { refused: `it takes at least ${leastRuns} runs that ended with ${metric}, and ${count}` };
  }
  const names = listNames(judged.map(({ params }) => params));
  const whole = names.filter((param) => judged.every(({ params }) => params.has(param)));
  const axes = whole
    .map((param) => {
      const texts = judged.map(({ params }) => params.get(param) ?? "");
      return {
        param,
        axis: makeAxis(param, texts, { logarithmic: logarithmic.has(param) }),
        count: new Set(texts).size,
      };
    })
    .filter(({ count, axis }) => count > 1 && (axis.kind !== "category" || count < judged.length));
  if (axes.length === 0) return { refused: "no parameter differs between the runs" };
  const values = judged.map((run) => run.metrics.get(metric) ?? 0);
  if (new Set(values).size === 1) return { refused: `${metric} is the same in all runs` };
  const dimensions = axes.map(({ axis, count }): Dimension => (axis.kind === "category" ? { categories: count } : {}));
  const points = judged.map(
    (run, index): ForestPoint => ({
      at: axes.map(({ param, axis, count }) => {
        const place = axis.place(run.params.get(param)) ?? 0;
        return axis.kind === "category" ? Math.round(place * (count - 1)) : place;
      }),
      value: values[index] ?? 0,
    }),
  );
  const forest = growForest(points, dimensions, seed);
  const shares = explainVariance(forest, dimensions);
  const ranked = axes
    .map(({ param }, index) => ({ param, share: shares[index] ?? 0 }))
    .sort((a, b) => b.share - a.share);
  const known = new Set(axes.map(({ param }) => param));
  return {
    params: ranked,
    runs: judged.length,
    left: names.filter((param) => !known.has(param) && !whole.includes(param)),
  };
}

/** The share of the variance that each dimension explains alone: the mean over the trees that have any. */
function explainVariance(forest: readonly (readonly Leaf[])[], dimensions: readonly Dimension[]): readonly number[] {
  const sums = dimensions.map(() => 0);
  let trees = 0;
  for (const leaves of forest) {
    const weighed = leaves.map((leaf) => {
      const widths = leaf.sides.map((side, index) => widthOf(side, dimensions[index] ?? {}));
      return { leaf, widths, weight: widths.reduce((product, width) => product * width, 1) };
    });
    const mean = weighed.reduce((sum, { leaf, weight }) => sum + weight * leaf.value, 0);
    const variance = weighed.reduce((sum, { leaf, weight }) => sum + weight * (leaf.value - mean) ** 2, 0);
    if (!(variance > 0)) continue;
    trees++;
    for (const [index, dimension] of dimensions.entries()) {
      let explained = 0;
      for (const piece of cutDimension(leaves, index, dimension)) {
        // What the tree says on average where this dimension is here, and the others are anywhere.
        let marginal = 0;
        for (const { leaf, widths, weight } of weighed) {
          const side = leaf.sides[index];
          if (side && covers(side, piece.at)) marginal += (weight / (widths[index] || 1)) * leaf.value;
        }
        explained += piece.width * (marginal - mean) ** 2;
      }
      sums[index] = (sums[index] ?? 0) + explained / variance;
    }
  }
  return sums.map((sum) => (trees > 0 ? Math.min(1, sum / trees) : 0));
}

function widthOf(side: Side, { categories = 1 }: Dimension): number {
  return "of" in side ? side.of.length / categories : side.to - side.from;
}

function covers(side: Side, at: number): boolean {
  return "of" in side ? side.of.includes(at) : side.from < at && at < side.to;
}

/** The pieces of a dimension within which a tree says the same. */
function cutDimension(
  leaves: readonly Leaf[],
  index: number,
  { categories }: Dimension,
): readonly { readonly at: number; readonly width: number }[] {
  if (categories !== undefined) return Array.from({ length: categories }, (_, at) => ({ at, width: 1 / categories }));
  const cuts = new Set([0, 1]);
  for (const { sides } of leaves) {
    const side = sides[index];
    if (side && !("of" in side)) cuts.add(side.from).add(side.to);
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(1).map((to, i) => {
    const from = sorted[i] ?? 0;
    return { at: (from + to) / 2, width: to - from };
  });
}
