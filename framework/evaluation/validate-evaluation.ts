/**
 * What must hold before anything is measured, and of every answer of a model.
 * @module
 */
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { ModelSpec } from "../definitions/spec.ts";
import type { TrainingSet } from "../features/training-set.ts";
import { metrics } from "./metrics.ts";

/** Refuses a metric that is unknown or of another task, and a baseline that is no number. All problems at once. */
export function validateEvaluable(model: ModelSpec, { task, features }: TrainingSet): void {
  const problems: Problem[] = [];
  const fitting = Object.keys(metrics).filter((name) => metrics[name]?.task === task);
  for (const [i, name] of model.metrics.entries()) {
    if (fitting.includes(name)) continue;
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

/** Refuses labels and predictions that are no finite numbers, and probabilities outside [0, 1] by more than a float's rounding. */
export function validateAnswers(
  model: string,
  task: "binary" | "regression",
  columns: { labels: Float64Array; predictions: Float64Array },
): void {
  const within = (value: number) =>
    Number.isFinite(value) && (task === "regression" || (value >= -1e-6 && value <= 1 + 1e-6));
  const unfitLabels = columns.labels.filter(
    (value) => !(task === "binary" ? value === 0 || value === 1 : Number.isFinite(value)),
  );
  const unfit = columns.predictions.filter((value) => !within(value));
  const problems: Problem[] = [];
  if (unfitLabels.length > 0) {
    problems.push({
      code: "test-split-damaged",
      at: model,
      what: "test rows have labels that are none",
      got: `${unfitLabels.length} rows, the first with ${unfitLabels[0]}`,
      expected: task === "binary" ? "0 or 1" : "finite numbers",
    });
  }
  if (unfit.length > 0) {
    problems.push({
      code: "prediction-unfit",
      at: model,
      what: "the model's answers to test rows are not what its task promises",
      got: `${unfit.length} rows, the first with ${unfit[0]}`,
      expected: task === "binary" ? "probabilities from 0 to 1" : "finite numbers",
    });
  }
  if (problems.length > 0) throw new StewardError(problems);
}
