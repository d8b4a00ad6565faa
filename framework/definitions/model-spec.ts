/**
 * The spec of a model, and what its metrics, gates and baseline must fit.
 * @module
 */
import { listColumns } from "./column.ts";
import { formatOf } from "./format.ts";
import type { Gate } from "./gate.ts";
import { reportMetricGroups, reportMetricRanks } from "./metric-report.ts";
import type { Model } from "./model.ts";
import { reportModelTest } from "./model-test-report.ts";
import { placeAt, type Report, type UnplacedReport } from "./report.ts";
import type { ModelSpec } from "./spec.ts";
import { findTask, listFeatures } from "./training-job-spec.ts";

/** The spec of a model. Reports metrics of another task, gates that cannot be decided, and a baseline that has no numbers. */
export function specifyModel(model: Model, report: Report): ModelSpec {
  const { name, owner, risk, obligations, training, metrics, baseline, gates, tests = [], approval } = model;
  reportMetrics(model, report);
  for (const [i, gate] of gates.entries()) reportGate(gate, model, placeAt(report, `${name}.gates[${i}]`));
  if (baseline !== undefined && findTask(training) === "multiclass") {
    report({
      code: "baseline-unfit",
      at: `${name}.baseline`,
      what: `"baseline" is a feature, which names no class of training job "${training.name}"`,
      got: baseline,
      fix: "leave it out: the shares of the classes among the training rows are compared",
    });
  }
  const measurable = listFeatures(training).flatMap((feature) => (feature.type === "category" ? [] : [feature.name]));
  if (baseline !== undefined && !measurable.includes(baseline)) {
    report({
      code: "baseline-unfit",
      at: `${name}.baseline`,
      what: `"baseline" names no number or boolean feature of training job "${training.name}"`,
      got: baseline,
      expected: measurable.join(", "),
    });
  }
  reportUnfair(model, report);
  for (const [i, { rule }] of tests.entries()) reportModelTest(rule, training, placeAt(report, `${name}.tests[${i}]`));
  return {
    format: formatOf("model"),
    kind: "model",
    name,
    owner,
    risk,
    ...(obligations && { obligations }),
    training: training.name,
    metrics: metrics.map((metric) => metric.name),
    ...(baseline !== undefined && { baseline }),
    gates: gates.map((gate) => gate.rule),
    ...(tests.length > 0 && { tests: tests.map(({ rule }) => rule) }),
    approval: approval === "waived" ? approval : { ...approval, from: [...approval.from], count: approval.count ?? 1 },
  };
}

const ofAllOrNone = "it says true of every row, or of none";

/** Metrics whose baseline is the mean label and nothing else, and what that comes to: whether a model is better says nothing of it. */
const saysNothing: ReadonlyMap<string, string> = new Map([
  ["precision", ofAllOrNone],
  ["recall", ofAllOrNone],
  ["f1", ofAllOrNone],
  ["calibration-error", "it is as well calibrated as can be"],
]);

function reportMetrics({ name, training, metrics }: Model, report: Report): void {
  const task = findTask(training);
  for (const [i, metric] of metrics.entries()) {
    const at = `${name}.metrics[${i}]`;
    if (task !== undefined && !metric.tasks.includes(task)) {
      const what = `metric "${metric.name}" is for ${metric.tasks.join(" and ")} labels, but "${training.name}" has a ${task} label`;
      report({ code: "metric-unfit", at, what, fix: "name a metric of the label's task" });
    }
    reportMetricGroups(metric.name, training.spine.from, placeAt(report, at));
    reportMetricRanks(metric.name, training, placeAt(report, at));
    if (metrics.findIndex((other) => other.name === metric.name) < i) {
      report({ code: "metric-unfit", at, what: `metric "${metric.name}" is named twice`, fix: "leave one out" });
    }
  }
}

/** Reports protected columns that a model of high risk has no fairness gate by. */
function reportUnfair({ name, risk, training, gates }: Model, report: Report): void {
  if (risk !== "high" || findTask(training) !== "binary") return;
  const guarded = new Set(gates.flatMap(({ rule }) => (rule.kind === "fairness" ? [rule.slice.column] : [])));
  for (const column of listColumns(training.spine.from.schema)) {
    if (!column.protected || guarded.has(column.name) || !["string", "boolean"].includes(column.type)) continue;
    report({
      code: "fairness-missing",
      at: `${name}.gates`,
      what: `the model is of high risk, and no fairness gate is by the protected column "${column.name}"`,
      fix: `add fairness({ by: "${column.name}", metric: "equal-opportunity", maxGap: …, min: … })`,
    });
  }
}

function reportGate({ rule }: Gate<string, string>, model: Model, report: UnplacedReport): void {
  const { metric: name, slice } = rule;
  const metric = model.metrics.find((one) => one.name === name);
  if (rule.kind === "fairness") {
    const task = findTask(model.training);
    if (task !== undefined && task !== "binary") {
      const has = task === "regression" ? "a number for one" : "one of several classes";
      const what = `fairness is of boolean labels, but "${model.training.name}" has ${has}`;
      report({ code: "metric-unfit", what, fix: "leave the gate out, or put a metric on slices" });
    }
  } else if (!metric) {
    const expected = model.metrics.map((one) => one.name).join(", ");
    report({
      code: "gate-metric-missing",
      what: `the gate is on metric "${name}", which the model does not compute`,
      expected,
      fix: `add it to "metrics"`,
    });
  } else if (rule.kind === "betterThanBaseline" && saysNothing.has(name)) {
    report({
      code: "baseline-says-nothing",
      what: `the gate asks for a better "${name}" than that of the mean label, which no feature can stand in for: ${saysNothing.get(name)}`,
      fix: `ask for a value with ${name === "calibration-error" ? "atMost" : "atLeast"}(…), or compare auc or averagePrecision, for which a feature can be the baseline`,
    });
  } else if ("value" in rule && !(rule.value >= metric.range[0] && rule.value <= metric.range[1])) {
    const [low, high] = metric.range;
    const expected =
      low === -Infinity ? `at most ${high}` : high === Infinity ? `${low} or more` : `a number from ${low} to ${high}`;
    report({
      code: "gate-out-of-range",
      what: `"${rule.kind}" of metric "${name}" is out of range`,
      got: String(rule.value),
      expected,
    });
  } else if ("by" in rule && rule.by > metric.range[1] - metric.range[0]) {
    const expected = `at most ${metric.range[1] - metric.range[0]}`;
    const what = `"by" of metric "${name}" is wider than all of its values`;
    report({ code: "gate-out-of-range", what, got: String(rule.by), expected });
  }
  if (!slice) return;
  const { from } = model.training.spine;
  const sliceable = listColumns(from.schema).filter(({ type }) => type === "string" || type === "boolean");
  if (sliceable.some((column) => column.name === slice.column)) return;
  const what = `the slice is by "${slice.column}", which is no string or boolean column of "${from.name}"`;
  report({ code: "slice-unknown", what, expected: sliceable.map((column) => column.name).join(", ") });
}
