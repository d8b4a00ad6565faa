import { describe, expect, it } from "vitest";
import type { Task } from "../../framework/definitions/metric.ts";
import { traceCurves } from "../../framework/evaluation/curves.ts";
import type { Evaluation } from "../../framework/evaluation/evaluation.ts";
import { formatReportPage } from "../../framework/evaluation/report-page.ts";
import { createDraw } from "../../framework/models/random.ts";

const hostile = `<script>alert("x")</script>'&`;
const measured = (metric: string, value: number) => ({
  metric,
  value,
  low: value - 0.01,
  high: value + 0.01,
  rows: 500,
});

const classes = ["sun", hostile, "snow"];

function drawSample(task: Task) {
  const bits = createDraw(3);
  if (task === "multiclass") return drawClasses(bits);
  const predictions = Float64Array.from({ length: 500 }, () => bits() / 2 ** 32);
  const labels = predictions.map((value) => (task === "binary" ? (bits() / 2 ** 32 < value ? 1 : 0) : value * 3 + 1));
  return { labels, predictions };
}

function drawClasses(bits: () => number) {
  const labels = Float64Array.from({ length: 500 }, () => bits() % 3);
  const rows = Array.from(labels, (label) => [0, 1, 2].map((place) => 1 + (bits() % 8) + (place === label ? 4 : 0)));
  const predictions = rows.flatMap((row) => row.map((value) => value / row.reduce((sum, each) => sum + each, 0)));
  return { labels, predictions: Float64Array.from(predictions), width: 3 };
}

function evaluationOf(task: Task): Evaluation {
  const curves = traceCurves({ task, ...(task === "multiclass" && { classes }) }, drawSample(task));
  return {
    format: "evaluation/2",
    package: "e521f311c2f5",
    trainingSet: "a".repeat(64),
    rows: 500,
    from: "2001-06-17T00:00:00.000Z",
    to: "2001-06-30T00:00:00.000Z",
    metrics: [measured("auc", 0.69)],
    baseline: [{ ...measured("auc", 0.6), by: hostile }],
    production: { package: "b", metrics: [measured("auc", 0.68)], ...(curves && { curves }) },
    slices: [
      { column: hostile, value: hostile, rows: 400, counted: true, metrics: [measured("auc", 0.7)] },
      { column: hostile, value: "small", rows: 3, counted: false, metrics: [] },
    ],
    gates: [{ gate: { kind: "atLeast", metric: "auc", value: 0.67 }, verdict: "fail", reason: hostile }],
    ...(curves && { curves }),
    decision: "fail",
  };
}

describe("the report of an evaluation", () => {
  const binary = formatReportPage({ model: hostile, version: 3, evaluation: evaluationOf("binary") });
  const regression = formatReportPage({ model: "late", evaluation: evaluationOf("regression") });

  const several = formatReportPage({ model: "sky", evaluation: evaluationOf("multiclass") });

  it.each([
    ["a boolean", binary],
    ["one of several classes", several],
    ["a number", regression],
  ])("is a page of its own tags alone, and asks nothing of the network: %s", (_, page) => {
    expect(page).not.toMatch(/<script/i);
    expect(page).not.toContain(hostile);
    expect(page).not.toMatch(/\s(src|href)=|url\(|@import|https?:/i);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("has of several classes how sure the model is, a curve of each against the others, and which is taken for which", () => {
    expect([...several.matchAll(/<article><h2>([^<]+)/g)].map(([, title]) => title)).toEqual([
      "Calibration of the most probable class",
      "Confidence",
      expect.stringMatching(/^ROC of sun against all others, 1\d\d rows$/),
      expect.stringMatching(/^ROC of &lt;script&gt;/),
      expect.stringMatching(/^ROC of snow/),
      "Confusion: rows are what is true, columns what is said",
    ]);
    expect(several.match(/<td class="right">/g)).toHaveLength(3);
    expect(several.match(/<td class="wrong">/g)).toHaveLength(6);
  });

  it("has the curves of candidate and production, the confusion, and every verdict", () => {
    expect([...binary.matchAll(/<article><h2>([^<]+)/g)].map(([, title]) => title)).toEqual([
      "ROC",
      "Precision and recall",
      "Calibration",
      "Scores",
      "Confusion at 0.5",
    ]);
    expect(binary.match(/class="key other">production/g)).toHaveLength(3);
    expect(binary).toMatch(/<li class="fail">/);
    expect(binary).toContain("0.690 [0.680, 0.700]");
    expect(binary).toContain("held back");
  });

  it("of a number has what was predicted beside what was, and the residuals", () => {
    expect([...regression.matchAll(/<article><h2>([^<]+)/g)].map(([, title]) => title)).toEqual([
      "Predicted and actual",
      "Residuals",
    ]);
  });

  it("has no plots where an older version evaluated", () => {
    const { curves: _curves, production: _production, ...older } = evaluationOf("binary");
    expect(formatReportPage({ model: "late", evaluation: older })).not.toContain("<svg");
  });
});
