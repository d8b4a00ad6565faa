/**
 * What must hold before anything is measured, and of every answer of a model.
 * @module
 */

import type { Task } from "../definitions/metric.ts";
import { readMetricName } from "../definitions/metric-name.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { ModelSpec } from "../definitions/spec.ts";
import type { TrainingSet } from "../features/training-set.ts";
import { findNoDistribution } from "../models/distribution-rule.ts";
import { findMetric, metrics, type Sample } from "./metrics.ts";

/**
 * Refuses a metric that is unknown, of another task or of groups that the rows do not have, and a baseline that is no number. All
 * problems at once.
 */
export function validateEvaluable(model: ModelSpec, { task, features, slices }: TrainingSet): void {
  const problems: Problem[] = [];
  const fitting = Object.keys(metrics).filter((name) => metrics[name]?.tasks.includes(task));
  for (const [i, name] of model.metrics.entries()) {
    const by = readMetricName(name)?.by;
    if (by !== undefined && !slices.includes(by)) {
      problems.push({
        code: "metric-unfit",
        at: `${model.name}.metrics[${i}]`,
        what: `metric "${name}" groups rows by "${by}", which they do not have`,
        got: `"${by}"`,
        expected: `one of ${slices.join(", ")}`,
      });
      continue;
    }
    if (findMetric(name)?.tasks.includes(task)) continue;
    problems.push({
      code: "metric-unfit",
      at: `${model.name}.metrics[${i}]`,
      what: `"metrics" names what cannot be measured on a ${task} label`,
      got: `"${name}"`,
      expected: `one of ${fitting.join(", ")}`,
    });
  }
  const baseline = features.find(({ name }) => name === model.baseline);
  if (model.baseline !== undefined && (baseline === undefined || baseline.type === "category")) {
    problems.push({
      code: "baseline-unfit",
      at: `${model.name}.baseline`,
      what: `"baseline" must name a feature with numbers`,
      got: baseline ? `"${model.baseline}", a category` : `"${model.baseline}", which is no feature`,
      expected: `one of ${features.flatMap(({ name, type }) => (type === "category" ? [] : [name])).join(", ")}`,
    });
  }
  if (problems.length > 0) throw new StewardError(problems);
}

/** What labels and answers are called that fit a task. */
const expected: Readonly<Record<Task, { readonly labels: string; readonly answers: string }>> = {
  binary: { labels: "0 or 1", answers: "probabilities from 0 to 1" },
  multiclass: { labels: "the places of classes", answers: "for each class a probability from 0 to 1, together 1" },
  regression: { labels: "finite numbers", answers: "finite numbers" },
};

/**
 * Refuses labels and predictions that are no finite numbers, probabilities outside [0, 1] by more than a float's rounding, and
 * those of several classes that do not add up to 1.
 */
export function validateAnswers(model: string, task: Task, columns: Sample): void {
  const { width = 1 } = columns;
  const within = (value: number) =>
    Number.isFinite(value) && (task === "regression" || (value >= -1e-6 && value <= 1 + 1e-6));
  const fits = (value: number) => {
    if (task === "regression") return Number.isFinite(value);
    return Number.isInteger(value) && value >= 0 && value < Math.max(2, width);
  };
  const unfitLabels = columns.labels.filter((value) => !fits(value));
  const unfit =
    task === "multiclass" ? findNoDistribution(columns.predictions, width) : describeUnfit(columns.predictions, within);
  const problems: Problem[] = [];
  if (unfitLabels.length > 0) {
    problems.push({
      code: "test-split-damaged",
      at: model,
      what: "test rows have labels that are none",
      got: `${unfitLabels.length} rows, the first with ${unfitLabels[0]}`,
      expected: expected[task].labels,
    });
  }
  if (unfit !== undefined) {
    problems.push({
      code: "prediction-unfit",
      at: model,
      what: "the model's answers to test rows are not what its task promises",
      got: unfit,
      expected: expected[task].answers,
    });
  }
  if (problems.length > 0) throw new StewardError(problems);
}

function describeUnfit(predictions: Float64Array, within: (value: number) => boolean): string | undefined {
  const unfit = predictions.filter((value) => !within(value));
  return unfit.length > 0 ? `${unfit.length} rows, the first with ${unfit[0]}` : undefined;
}
