/**
 * A comparison of runs as one page that needs nothing else. Pure.
 * @module
 */
import { formatDuration } from "../definitions/units.ts";
import { escapeHtml } from "../page/html.ts";
import { type Fact, formatFacts, formatPage } from "../page/page.ts";
import { type ComparedRun, type Comparison, differs, isBroken, listNames, rankRuns } from "./compared-run.ts";
import { comparisonStyle } from "./comparison-style.ts";
import { drawLearningCurves, type LearningCurves, listCurveMetrics } from "./learning-curves.ts";
import { formatParam, formatValue } from "./number-text.ts";
import { comparisonScript } from "./page-script.ts";
import { drawParallelCoordinates } from "./parallel-coordinates.ts";
import { type Importance, measureImportance } from "./parameter-importance.ts";
import { type DrawnRun, drawRuns } from "./run-marks.ts";

/** How many parameters, and how many metrics, the table has columns for. */
const mostColumns = 24;
const mostBars = 16;
/** How many values that are the same in all runs are listed. */
const mostSame = 24;

export function formatComparisonPage(given: Comparison): string {
  const comparison = { ...given, runs: rankRuns(given.runs, given.objective) };
  const { objective, runs, logarithmic } = comparison;
  const drawn = drawRuns(comparison);
  const importance: Importance = objective
    ? measureImportance(runs, { metric: objective.metric, logarithmic })
    : { refused: "the runs have no metric" };
  const curves = listCurveMetrics(comparison).flatMap((metric) => drawLearningCurves(drawn, metric) ?? []);
  const body = `${formatHeader(comparison)}
${formatParallel(comparison, drawn, importance)}
<main>
${[formatImportance(importance, objective?.metric), ...curves.map(formatCurves)].join("\n")}
</main>
${formatTable(comparison, drawn)}
<footer>A line is the stronger the better its run ranks; broken lines are runs that were given up early, or failed.</footer>`;
  return formatPage({
    title: `${given.title}: comparison of runs`,
    body,
    style: comparisonStyle,
    script: comparisonScript,
  });
}

function formatHeader({ title, runs, objective }: Comparison): string {
  const [best] = runs;
  const value = objective && best?.metrics.get(objective.metric);
  const broken = runs.filter(isBroken).length;
  const facts: Fact[] = [
    ["runs", runs.length.toLocaleString("en")],
    ...(broken > 0 ? [["given up or failed", broken.toLocaleString("en")] as const] : []),
    ...(objective ? [["judged by", sayObjective(objective)] as const] : []),
    ...(objective && best && value !== undefined && Number.isFinite(value)
      ? [["best", `${formatValue(value)}, ${formatParam(best.label, 48)}`] as const]
      : []),
  ];
  return `<header>
<h1>${escapeHtml(title)}</h1>
<p class="root">comparison of runs</p>
${formatFacts(facts)}
</header>`;
}

function sayObjective({ metric, direction }: NonNullable<Comparison["objective"]>): string {
  if (direction === undefined) return metric;
  return `${metric}, ${direction === "minimize" ? "less" : "more"} is better`;
}

function formatParallel(comparison: Comparison, drawn: readonly DrawnRun[], importance: Importance): string {
  const first = "refused" in importance ? [] : importance.params.map(({ param }) => param);
  const { svg, left, same } = drawParallelCoordinates(comparison, drawn, first);
  const notes = [
    ...(svg === "" ? ["No parameter differs between the runs."] : []),
    ...(left.length > 0 ? [`Without an axis, for want of room: ${listSome(left, mostSame)}.`] : []),
    ...(same.length > 0
      ? [
          `The same in all runs: ${listSome(
            same.map(([param, value]) => `${param} ${formatParam(value)}`),
            mostSame,
          )}.`,
        ]
      : []),
  ];
  const filter =
    svg === ""
      ? ""
      : `<p class="filter">Draw along an axis to see the runs within a range. <span id="count"></span><button id="reset" hidden>all runs</button></p>`;
  return `<section><h2>Parameters${comparison.objective ? ` and ${escapeHtml(comparison.objective.metric)}` : ""}</h2>${filter}${svg}${notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join("")}</section>`;
}

function listSome(texts: readonly string[], most: number): string {
  const more = texts.length - most;
  return [...texts.slice(0, most), ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

function formatImportance(importance: Importance, metric: string | undefined): string {
  const title = "<h2>Parameter importance</h2>";
  if ("refused" in importance)
    return `<article>${title}<p class="empty">Not measured: ${escapeHtml(importance.refused)}.</p></article>`;
  const { params, runs, left } = importance;
  const bars = params.slice(0, mostBars).map(({ param, share }) => {
    const percent = Math.round(share * 100);
    return `<div class="bar"><span title="${escapeHtml(param)}">${escapeHtml(param)}</span><span><i style="--w:${percent}%"></i></span><span class="number">${percent} %</span></div>`;
  });
  const notes = [
    `The share of the variance of ${metric ?? "the metric"} that each parameter explains alone, over all values of the others: functional analysis of variance on a forest of 64 trees (Hutter, Hoos, Leyton-Brown 2014). It stands on ${runs} runs.`,
    ...(left.length > 0 ? [`Not measured, since not all of these runs have them: ${listSome(left, mostSame)}.`] : []),
  ];
  return `<article>${title}${bars.join("")}${notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join("")}</article>`;
}

function formatCurves({ metric, chart, runs, undrawn, beyond }: LearningCurves): string {
  const notes = [
    `${runs.toLocaleString("en")} ${runs === 1 ? "run" : "runs"}`,
    ...(beyond > 0 ? [`${countValues(beyond)} far off, drawn at the edge`] : []),
    ...(undrawn > 0 ? [`${countValues(undrawn)} not drawn, being NaN or infinite`] : []),
  ];
  return `<article><h2><span class="name" title="${escapeHtml(metric)}">${escapeHtml(metric)}</span><span class="badge">by step</span></h2>${chart}<p class="note">${escapeHtml(notes.join("; "))}</p></article>`;
}

function countValues(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "value" : "values"}`;
}

interface Column {
  readonly name: string;
  readonly kind: "text" | "number";
  /** As it is shown, and as it is sorted by. */
  readonly cell: (run: ComparedRun) => readonly [shown: string, value: string];
}

function formatTable({ runs, objective }: Comparison, drawn: readonly DrawnRun[]): string {
  const columns = listColumns(runs, objective?.metric);
  const head = columns.map(
    ({ name, kind }) =>
      `<th${kind === "number" ? ' class="number"' : ""}><button data-kind="${kind}" aria-pressed="false" title="${escapeHtml(name)}">${escapeHtml(formatParam(name))}</button></th>`,
  );
  const rows = drawn.map(({ run, attributes, classes }) => {
    const cells = columns.map(({ cell, kind }) => {
      const [shown, value] = cell(run);
      return `<td${kind === "number" ? ' class="number"' : ""} data-value="${escapeHtml(value)}" title="${escapeHtml(value)}">${escapeHtml(shown)}</td>`;
    });
    return `<tr class="${classes}" ${attributes}>${cells.join("")}</tr>`;
  });
  return `<section><h2>Runs</h2><div class="wide"><table class="sorted"><thead><tr>${head.join("")}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div></section>`;
}

function listColumns(runs: readonly ComparedRun[], objective: string | undefined): readonly Column[] {
  const metrics = listNames(runs.map((run) => run.metrics));
  const first = objective === undefined ? [] : [objective];
  const params = listNames(runs.map((run) => run.params)).filter((param) => runs.length === 1 || differs(runs, param));
  return [
    { name: "run", kind: "text", cell: ({ label }) => [formatParam(label, 48), label] },
    { name: "status", kind: "text", cell: ({ status }) => [status, status] },
    {
      name: "took",
      kind: "number",
      cell: ({ seconds: s }) => (s === undefined ? ["", ""] : [formatDuration(s), String(s)]),
    },
    ...[...first, ...metrics.filter((metric) => metric !== objective)].slice(0, mostColumns).map(
      (metric): Column => ({
        name: metric,
        kind: "number",
        cell: (run) => {
          const value = run.metrics.get(metric);
          return value === undefined ? ["", ""] : [formatValue(value), String(value)];
        },
      }),
    ),
    ...params.slice(0, mostColumns).map((param): Column => {
      const isNumber = runs.every((run) => !run.params.has(param) || Number.isFinite(Number(run.params.get(param))));
      return {
        name: param,
        kind: isNumber ? "number" : "text",
        cell: (run) => {
          const value = run.params.get(param);
          return value === undefined ? ["", ""] : [formatParam(value), value];
        },
      };
    }),
    { name: "id", kind: "text", cell: ({ id }) => [id, id] },
  ];
}
