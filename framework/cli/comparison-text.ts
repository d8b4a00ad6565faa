/**
 * A comparison of runs for a terminal, and as JSON. Pure.
 * @module
 */
import { type ComparedRun, type Comparison, differs, listNames, rankRuns } from "../comparison/compared-run.ts";
import { formatParam, formatValue } from "../comparison/number-text.ts";
import { type Importance, measureImportance } from "../comparison/parameter-importance.ts";
import { describeValue } from "./run-text.ts";
import { formatTable } from "./table.ts";

/** So many runs stand side by side; more stand below each other. */
const mostBeside = 6;
const mostRows = 30;
const mostColumns = 6;

/** One parameter or metric, as each run has it. */
export interface ComparisonRow {
  readonly part: "parameters" | "metrics";
  readonly name: string;
  /** In the order of the runs; "" where one has none. */
  readonly values: readonly string[];
  readonly differs: boolean;
}

function compareRows(runs: readonly ComparedRun[]): readonly ComparisonRow[] {
  const params = listNames(runs.map((run) => run.params)).map(
    (name): ComparisonRow => ({
      part: "parameters",
      name,
      values: runs.map((run) => run.params.get(name) ?? ""),
      differs: differs(runs, name),
    }),
  );
  const metrics = listNames(runs.map((run) => run.metrics)).map((name): ComparisonRow => {
    const values = runs.map((run) => run.metrics.get(name));
    const texts = values.map((value) => (value === undefined ? "" : String(value)));
    return { part: "metrics", name, values: texts, differs: new Set(texts).size > 1 };
  });
  return [...params, ...metrics];
}

export function formatComparison(comparison: Comparison): readonly string[] {
  const { objective } = comparison;
  const runs = rankRuns(comparison.runs, objective);
  if (runs.length <= mostBeside) {
    const rows = compareRows(comparison.runs).map(({ part, name, values, differs: isMarked }) => [
      isMarked ? "≠" : "",
      part,
      name,
      ...values.map((value) => (part === "metrics" && value !== "" ? formatValue(Number(value)) : formatParam(value))),
    ]);
    const status = ["", "", "status", ...comparison.runs.map((run) => run.status)];
    return formatTable([["", "", "", ...comparison.runs.map(({ label }) => formatParam(label, 40))], status, ...rows]);
  }
  const metrics = listNames(runs.map((run) => run.metrics)).filter((metric) => metric !== objective?.metric);
  const shown = [...(objective ? [objective.metric] : []), ...metrics].slice(0, mostColumns);
  const params = listNames(runs.map((run) => run.params)).filter((param) => differs(runs, param));
  const rows = runs.slice(0, mostRows).map((run) => [
    formatParam(run.label, 40),
    run.status,
    ...shown.map((metric) => {
      const value = run.metrics.get(metric);
      return value === undefined ? "" : formatValue(value);
    }),
    ...params.slice(0, mostColumns).map((param) => formatParam(run.params.get(param) ?? "", 20)),
  ]);
  const table = formatTable([["run", "status", ...shown, ...params.slice(0, mostColumns)], ...rows]);
  const more = runs.length > mostRows ? [`  … and ${runs.length - mostRows} more: --html or --json has all`] : [];
  return [...table, ...more, "", ...formatImportance(measure(comparison), objective?.metric)];
}

function measure({ runs, objective, logarithmic }: Comparison): Importance {
  if (!objective) return { refused: "the runs have no metric" };
  return measureImportance(rankRuns(runs, objective), { metric: objective.metric, logarithmic });
}

function formatImportance(importance: Importance, metric = "the metric"): readonly string[] {
  if ("refused" in importance) return [`importance of parameters: not measured, ${importance.refused}`];
  const { params, runs } = importance;
  const rows = params
    .slice(0, mostRows)
    .map(({ param, share }) => [formatParam(param, 40), `${Math.round(share * 100)} %`]);
  return [
    `share of the variance of ${metric} that each parameter explains alone, by ${runs} runs`,
    ...formatTable(rows),
  ];
}

/** The whole comparison as JSON. */
export function describeComparison(comparison: Comparison): object {
  const { title, runs, objective } = comparison;
  return {
    title,
    ...(objective && { objective }),
    runs: rankRuns(runs, objective).map(({ curves, metrics, params, ...run }) => ({
      ...run,
      params: Object.fromEntries(params),
      metrics: Object.fromEntries([...metrics].map(([name, value]) => [name, describeValue(value)])),
      curves: Object.fromEntries(
        [...curves].map(([name, points]) => [name, points.map(({ step, value }) => [step, describeValue(value)])]),
      ),
    })),
    differing: compareRows(runs)
      .filter((row) => row.differs)
      .map(({ part, name }) => ({ part, name })),
    importance: measure(comparison),
  };
}
