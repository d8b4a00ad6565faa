/**
 * Experiments and runs for a terminal, and as JSON. Pure.
 * @module
 */
import { formatParam, formatValue } from "../comparison/number-text.ts";
import { formatDuration } from "../definitions/units.ts";
import type { FoundExperiment, FoundRun } from "../tracking/client/read-runs.ts";
import { formatTable } from "./table.ts";

/** How many metrics, and how many parameters, have columns. */
const mostColumns = 6;
const longestName = 40;

export function formatExperiments(experiments: readonly FoundExperiment[]): readonly string[] {
  const rows = experiments.map(({ id, name, created, updated, tags }) => {
    const own = [...tags].filter(([key]) => !key.startsWith("mlflow.")).map(([key, value]) => `${key}=${value}`);
    return [name, id, formatTime(created), formatTime(updated), formatParam(own.join(", "), longestName)];
  });
  return formatTable([["experiment", "id", "created", "changed", "tags"], ...rows]);
}

/** A run where it stands in a list, or below the run that it is a part of. */
export interface ListedRun {
  readonly run: FoundRun;
  /** How many runs it is a part of. */
  readonly depth: number;
}

/** Runs in their order, each below the one that it is a part of; one whose whole is not among them stands by itself. */
export function arrangeTree(runs: readonly FoundRun[]): readonly ListedRun[] {
  const ids = new Set(runs.map(({ id }) => id));
  const parts = Map.groupBy(runs, ({ id, parent }) =>
    parent !== undefined && parent !== id && ids.has(parent) ? parent : "",
  );
  const listed: ListedRun[] = [];
  const seen = new Set<string>();
  const list = (run: FoundRun, depth: number): void => {
    if (seen.has(run.id)) return;
    seen.add(run.id);
    listed.push({ run, depth });
    for (const part of parts.get(run.id) ?? []) list(part, depth + 1);
  };
  for (const run of parts.get("") ?? []) list(run, 0);
  // Whoever writes tags may write a circle.
  for (const run of runs) list(run, 0);
  return listed;
}

export function formatRuns(listed: readonly ListedRun[]): readonly string[] {
  const runs = listed.map(({ run }) => run);
  const metrics = chooseColumns(runs.map((run) => run.metrics)).slice(0, mostColumns);
  const params = chooseColumns(runs.map((run) => run.params))
    .filter((param) => new Set(runs.map((run) => run.params.get(param))).size > 1)
    .slice(0, mostColumns);
  const rows = listed.map(({ run, depth }) => [
    run.id,
    `${"  ".repeat(depth)}${depth > 0 ? "└ " : ""}${formatParam(run.name, longestName)}`,
    sayStatus(run),
    formatTime(run.start),
    run.start === undefined || run.end === undefined ? "" : formatDuration(Math.max(0, run.end - run.start) / 1000),
    ...metrics.map((metric) => {
      const found = run.metrics.get(metric);
      return found ? formatValue(found.value) : "";
    }),
    ...params.map((param) => formatParam(run.params.get(param) ?? "", 20)),
  ]);
  return formatTable([["run", "name", "status", "started", "took", ...metrics, ...params], ...rows]);
}

/** The names that most have, those of equal counts in the order of the alphabet. */
function chooseColumns(maps: readonly ReadonlyMap<string, unknown>[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const map of maps) for (const name of map.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1)).map(([name]) => name);
}

/** How a run stands: of a trial, whether it was completed, pruned or failed. */
export function sayStatus({ status, tags }: Pick<FoundRun, "status" | "tags">): string {
  return tags.get("trial.state") ?? status;
}

/** `2026-11-26 11:24`, in UTC. */
function formatTime(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "" : new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ");
}

/** An experiment as JSON. */
export function describeExperiment({ tags, ...experiment }: FoundExperiment): object {
  return { ...experiment, tags: Object.fromEntries(tags) };
}

/** A run as JSON, which knows no NaN and no infinities: they are texts. */
export function describeRun({ params, tags, metrics, ...run }: FoundRun): object {
  return {
    ...run,
    params: Object.fromEntries(params),
    metrics: Object.fromEntries([...metrics].map(([metric, { value }]) => [metric, describeValue(value)])),
    tags: Object.fromEntries(tags),
  };
}

/** A value as JSON has it. */
export function describeValue(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
