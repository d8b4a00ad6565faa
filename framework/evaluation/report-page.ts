/**
 * The report of an evaluation as one page that needs nothing else. Pure.
 * @module
 */
import { type Chart, drawChart, type Mark } from "../page/chart.ts";
import { escapeHtml } from "../page/html.ts";
import { formatFacts, formatPage } from "../page/page.ts";
import { rankingStyle } from "../page/ranking.ts";
import { formatAttributionSection } from "./attribution-text.ts";
import { diagonal, dotBins, toPoints, toShares } from "./bin-marks.ts";
import { formatClassConfusion, listClassCharts } from "./class-charts.ts";
import type { Curves } from "./curves.ts";
import type { Evaluation, Measurement } from "./evaluation.ts";
import { formatCount, formatMeasurement, formatNumber } from "./number-text.ts";

export interface ReportPage {
  readonly model: string;
  readonly evaluation: Evaluation;
  /** @default it is no version yet */
  readonly version?: number;
}

type BinaryCurves = Extract<Curves, { readonly kind: "binary" }>;
type RegressionCurves = Extract<Curves, { readonly kind: "regression" }>;

/** How many slices of a column are listed: the largest ones. */
const mostSlices = 40;

export function formatReportPage(page: ReportPage): string {
  const { model, evaluation } = page;
  const { curves, production } = evaluation;
  const charts = curves ? listCharts(curves, production?.curves) : [];
  const body = `${formatHeader(page)}
${formatVerdicts(evaluation)}
${formatMetrics(evaluation)}
<main>
${[...charts.map(formatCard), ...listConfusions(curves)].join("\n")}
</main>
${formatAttributionSection(evaluation.attributions)}
${formatSlices(evaluation)}
<footer>Brackets are 95 % intervals of the bootstrap over test rows, 200 times. Slices too small to count are listed without numbers.</footer>`;
  return formatPage({ title: `${model}: evaluation`, body, style: reportStyle + rankingStyle });
}

function formatHeader({ model, version, evaluation }: ReportPage): string {
  const { rows, from, to, decision, trainingSet } = evaluation;
  const facts = [
    ["decision", decision === "pass" ? "every gate and test passes" : "held back"],
    ["test rows", rows.toLocaleString("en")],
    ["span", `${from.slice(0, 10)} to ${to.slice(0, 10)}`],
    ["training set", trainingSet.slice(0, 12)],
  ] as const;
  const named = version === undefined ? "package" : `version ${version}, package`;
  return `<header>
<h1>${escapeHtml(model)}</h1>
<p class="root">${named} <code>${escapeHtml(evaluation.package)}</code></p>
${formatFacts(facts)}
</header>`;
}

function formatVerdicts({ gates, tests = [], served = [] }: Evaluation): string {
  const list = (title: string, verdicts: readonly { readonly verdict: string; readonly reason: string }[]) =>
    verdicts.length === 0
      ? ""
      : `<h2>${title}</h2><ul class="verdicts">${verdicts.map(({ verdict, reason }) => `<li class="${verdict}">${escapeHtml(reason)}</li>`).join("")}</ul>`;
  return `<section>${list("Gates", gates)}${list("Tests", tests)}${list("Served", served)}</section>`;
}

function formatMetrics({ metrics, baseline, production }: Evaluation): string {
  const cell = <M extends Measurement>(all: readonly M[], name: string, by: (found: M) => string = () => "") => {
    const found = all.find(({ metric }) => metric === name);
    return `<td class="number">${found ? escapeHtml(formatMeasurement(found) + by(found)) : "–"}</td>`;
  };
  const rows = metrics.map(
    ({ metric, ...own }) =>
      `<tr><th>${escapeHtml(metric)}</th>${cell([{ metric, ...own }], metric)}${cell(baseline, metric, ({ by }) => ` (${by})`)}${production ? cell(production.metrics, metric) : ""}</tr>`,
  );
  const head = ["metric", "candidate", "baseline", ...(production ? ["production"] : [])];
  return `<section><h2>Metrics</h2>${formatTable(head, rows)}</section>`;
}

function formatSlices({ slices, metrics }: Evaluation): string {
  const names = [
    ...new Set([
      ...metrics.map(({ metric }) => metric),
      ...slices.flatMap((slice) => slice.metrics.map((one) => one.metric)),
    ]),
  ];
  const columns = [...new Set(slices.map(({ column }) => column))];
  const tables = columns.map((column) => {
    const ofColumn = slices.filter((slice) => slice.column === column);
    const rows = ofColumn.slice(0, mostSlices).map(({ value, rows, metrics }) => {
      const cells = names.map((name) => {
        const found = metrics.find(({ metric }) => metric === name);
        return `<td class="number">${found ? escapeHtml(formatMeasurement(found)) : "–"}</td>`;
      });
      return `<tr><th>${escapeHtml(value)}</th><td class="number">${rows.toLocaleString("en")}</td>${cells.join("")}</tr>`;
    });
    const left = ofColumn.length - rows.length;
    const more = left > 0 ? `<p class="note">and ${formatCount(left, "smaller slice")}</p>` : "";
    return `<h2>By ${escapeHtml(column)}</h2>${formatTable(["value", "rows", ...names], rows)}${more}`;
  });
  return tables.length > 0 ? `<section>${tables.join("")}</section>` : "";
}

function formatTable(head: readonly string[], rows: readonly string[]): string {
  const cells = head.map((text, index) => `<th${index > 0 ? ` class="number"` : ""}>${escapeHtml(text)}</th>`);
  return `<div class="wide"><table><thead><tr>${cells.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function formatCard({ title, chart }: { readonly title: string; readonly chart: Chart }): string {
  return `<article><h2>${escapeHtml(title)}</h2>${drawChart(chart)}</article>`;
}

function listConfusions(curves: Curves | undefined): readonly string[] {
  if (curves?.kind === "multiclass") return [formatClassConfusion(curves)];
  return curves?.kind === "binary" ? [formatConfusion(curves)] : [];
}

function formatConfusion({ confusion }: BinaryCurves): string {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusion;
  const all = truePositives + falsePositives + trueNegatives + falseNegatives;
  const cell = (count: number, style: string) =>
    `<td class="${style}"><b>${count.toLocaleString("en")}</b><span>${formatNumber((100 * count) / all, 1)} %</span></td>`;
  return `<article><h2>Confusion at 0.5</h2><table class="confusion">
<tr><td></td><th>said true</th><th>said false</th></tr>
<tr><th>is true</th>${cell(truePositives, "right")}${cell(falseNegatives, "wrong")}</tr>
<tr><th>is false</th>${cell(falsePositives, "wrong")}${cell(trueNegatives, "right")}</tr>
</table></article>`;
}

function listCharts(own: Curves, production: Curves | undefined): readonly { title: string; chart: Chart }[] {
  switch (own.kind) {
    case "binary":
      return listBinaryCharts(own, production?.kind === "binary" ? production : undefined);
    case "multiclass":
      return listClassCharts(own, production?.kind === "multiclass" ? production : undefined);
    case "regression":
      return listRegressionCharts(own, production?.kind === "regression" ? production : undefined);
  }
}

function listBinaryCharts(own: BinaryCurves, production: BinaryCurves | undefined) {
  const share = (label: string) => ({ label, from: 0, to: 1 });
  const both = (points: (curves: BinaryCurves) => Mark["points"]): readonly Mark[] => [
    ...(production ? [{ kind: "line", tone: "other", name: "production", points: points(production) } as const] : []),
    { kind: "line", tone: "own", name: "candidate", points: points(own) },
  ];
  const { ofTrue, ofFalse } = own.scores;
  const [trueBars, falseBars] = [toShares(ofTrue), toShares(ofFalse)];
  const highest = Math.max(...trueBars.map(([, y]) => y), ...falseBars.map(([, y]) => y));
  return [
    {
      title: "ROC",
      chart: {
        label: "true positive rate over false positive rate",
        x: share("false positive rate"),
        y: share("true positive rate"),
        marks: [diagonal, ...both(({ roc }) => roc)],
      },
    },
    {
      title: "Precision and recall",
      chart: {
        label: "precision over recall",
        x: share("recall"),
        y: share("precision"),
        marks: both(({ precisionRecall }) => precisionRecall),
      },
    },
    {
      title: "Calibration",
      chart: {
        label: "share of true rows over predicted probability",
        x: share("predicted probability"),
        y: share("share of true rows"),
        marks: [diagonal, ...both(({ calibration }) => toPoints(calibration)), dotBins(own.calibration)],
      },
    },
    {
      title: "Scores",
      chart: {
        label: "probabilities of true and of false rows",
        x: share("predicted probability"),
        y: { label: "share of the class", from: 0, to: highest },
        marks: [
          { kind: "bars", tone: "own", name: "true rows", points: trueBars },
          { kind: "bars", tone: "other", name: "false rows", points: falseBars },
        ],
      },
    },
  ] satisfies { title: string; chart: Chart }[];
}

function listRegressionCharts(own: RegressionCurves, production: RegressionCurves | undefined) {
  const values = [...own.calibration, ...(production?.calibration ?? [])].flatMap(({ predicted, actual }) => [
    predicted,
    actual,
  ]);
  const [from, to] = [Math.min(...values), Math.max(...values)];
  const { edges, counts } = own.residuals;
  return [
    {
      title: "Predicted and actual",
      chart: {
        label: "mean label over mean prediction, in bins of equally many rows",
        x: { label: "mean prediction", from, to },
        y: { label: "mean label", from, to },
        marks: [
          {
            kind: "line",
            tone: "ideal",
            points: [
              [from, from],
              [to, to],
            ],
          },
          ...(production
            ? [{ kind: "line", tone: "other", name: "production", points: toPoints(production.calibration) } as const]
            : []),
          { kind: "line", tone: "own", name: "candidate", points: toPoints(own.calibration) },
          dotBins(own.calibration),
        ],
      },
    },
    {
      title: "Residuals",
      chart: {
        label: "label less prediction",
        x: { label: "label less prediction", from: edges[0] ?? 0, to: edges.at(-1) ?? 1 },
        y: { label: "rows", from: 0, to: Math.max(1, ...counts) },
        marks: [{ kind: "bars", tone: "own", points: counts.map((count, bin) => [edges[bin] ?? 0, count] as const) }],
      },
    },
  ] satisfies { title: string; chart: Chart }[];
}

const reportStyle = `
section { margin-top: 24px; }
section h2 { margin: 20px 0 8px; font-size: 16px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; }
th { font-weight: 500; text-align: left; color: var(--quiet); }
section th, section td { padding: 4px 18px 4px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
section th.number, section td.number { text-align: right; }
.verdicts { margin: 0; padding: 0; list-style: none; }
.verdicts li { padding: 3px 0; overflow-wrap: anywhere; }
.verdicts li::before { display: inline-block; width: 20px; font-weight: 700; content: "✔"; color: var(--bar); }
.verdicts .fail::before { content: "✖"; color: var(--mark); }
.verdicts .inconclusive::before { content: "?"; color: var(--some); }
.confusion { width: 100%; margin-top: 12px; }
.confusion td, .confusion th { padding: 10px; text-align: center; }
.confusion td b { display: block; font-size: 18px; font-variant-numeric: tabular-nums; }
.confusion td span { color: var(--quiet); font-size: 12px; }
.confusion .right { background: var(--soft); }
.confusion .wrong { border: 1px solid var(--line); }
`;
