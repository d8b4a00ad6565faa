/**
 * The names of metrics that are told something: a rank, the column that groups rows, a season. The name says it all, so that
 * specs, gates and records need nothing beside it. Pure.
 * @module
 */

/** What the name of a metric says beyond which one it is. */
export interface MetricName {
  readonly kind: "top-accuracy" | "ndcg" | "mean-reciprocal-rank" | "mean-average-precision" | "mase";
  /** How many ranks count, from 1. @default all of them, or it has none */
  readonly k?: number;
  /** The column of the examples whose values are the groups. @default all rows are one */
  readonly by?: string;
  /** How many rows before one lies what the naive forecast of it is, from 1. @default it has none */
  readonly season?: number;
}

const whole = "[1-9][0-9]{0,8}";
const patterns: readonly (readonly [MetricName["kind"], RegExp])[] = [
  ["top-accuracy", new RegExp(`^top-(?<k>${whole})-accuracy$`)],
  ["ndcg", new RegExp(`^ndcg(?:-(?<k>${whole}))? by (?<by>.+)$`)],
  ["mean-reciprocal-rank", /^mean-reciprocal-rank by (?<by>.+)$/],
  ["mean-average-precision", /^mean-average-precision by (?<by>.+)$/],
  ["mase", new RegExp(`^mase-(?<season>${whole})(?: by (?<by>.+))?$`)],
];

/** Reads a name. @returns nothing for one that says nothing beyond itself, or that is none */
export function readMetricName(name: string): MetricName | undefined {
  for (const [kind, pattern] of patterns) {
    const groups = pattern.exec(name)?.groups;
    if (!groups) continue;
    const { k, by, season } = groups;
    return {
      kind,
      ...(k !== undefined && { k: Number(k) }),
      ...(by !== undefined && { by }),
      ...(season !== undefined && { season: Number(season) }),
    };
  }
  return undefined;
}

/** The columns of the examples that metrics group rows by. */
export function listGroupColumns(names: readonly string[]): readonly string[] {
  return [...new Set(names.flatMap((name) => readMetricName(name)?.by ?? []))];
}
