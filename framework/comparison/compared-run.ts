/**
 * Runs that are compared, as plain data, and what is decided of them as a whole. Pure.
 * @module
 */

/** A value of a metric. */
export interface CurvePoint {
  readonly step: number;
  readonly value: number;
}

/** A run that is compared. */
export interface ComparedRun {
  readonly id: string;
  /** How people call it: its name, or the version of a model that it became. */
  readonly label: string;
  /** As the protocol says it, or of a trial `completed`, `pruned` or `failed`. */
  readonly status: string;
  /** How long it took, in seconds. @default it has not ended, or nobody said when it began */
  readonly seconds?: number | undefined;
  readonly params: ReadonlyMap<string, string>;
  /** The latest value of each; not each is a finite one. */
  readonly metrics: ReadonlyMap<string, number>;
  /** The values of metrics by steps, of those that have more than one. */
  readonly curves: ReadonlyMap<string, readonly CurvePoint[]>;
}

/** What runs are judged by. */
export interface ComparedObjective {
  readonly metric: string;
  /** @default nobody said, and the metric is none that is known */
  readonly direction?: "minimize" | "maximize" | undefined;
}

/** Runs that are compared, and what is known of them as a whole. */
export interface Comparison {
  /** What is compared: the name of an experiment or of a study, or `3 runs`. */
  readonly title: string;
  readonly runs: readonly ComparedRun[];
  /** @default they have no metric in common */
  readonly objective?: ComparedObjective | undefined;
  /** The parameters that were drawn on a scale of logarithms. */
  readonly logarithmic: ReadonlySet<string>;
}

/** Whether a run has a value of a metric that can be drawn. */
export function hasValue(run: Pick<ComparedRun, "metrics">, metric: string): boolean {
  return Number.isFinite(run.metrics.get(metric));
}

/** Whether a run was given up early, or failed: it is drawn beside those that were not. */
export function isBroken({ status }: Pick<ComparedRun, "status">): boolean {
  return ["pruned", "failed", "KILLED", "FAILED"].includes(status);
}

/** The metric that most runs have a value of, the first of those by name. @returns nothing where none has any */
export function findCommonMetric(runs: readonly Pick<ComparedRun, "metrics">[]): string | undefined {
  const counts = new Map<string, number>();
  for (const run of runs)
    for (const [metric, value] of run.metrics)
      if (Number.isFinite(value)) counts.set(metric, (counts.get(metric) ?? 0) + 1);
  const sorted = [...counts].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
  return sorted[0]?.[0];
}

/** The runs from the best to the worst, then those without a value of the objective, each group in its own order. */
export function rankRuns<Run extends Pick<ComparedRun, "metrics">>(
  runs: readonly Run[],
  objective: ComparedObjective | undefined,
): readonly Run[] {
  if (!objective) return runs;
  const { metric, direction } = objective;
  const sign = direction === "minimize" ? 1 : -1;
  const judge = (run: Run) => run.metrics.get(metric) ?? Number.NaN;
  return [
    ...runs.filter((run) => hasValue(run, metric)).toSorted((a, b) => sign * (judge(a) - judge(b))),
    ...runs.filter((run) => !hasValue(run, metric)),
  ];
}

/** The names that occur in some maps, in the order of the alphabet. */
export function listNames(maps: readonly ReadonlyMap<string, unknown>[]): readonly string[] {
  return [...new Set(maps.flatMap((map) => [...map.keys()]))].sort();
}

/** Whether not all runs have the same value of a parameter: one that lacks it differs from those that have it. */
export function differs(runs: readonly Pick<ComparedRun, "params">[], param: string): boolean {
  const [first] = runs;
  return runs.some((run) => run.params.get(param) !== first?.params.get(param));
}
