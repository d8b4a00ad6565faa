/**
 * What tests of a model must fit: the features of its training job, and its label.
 * @module
 */
import type { ModelTestSpec } from "./model-test-spec.ts";
import type { UnplacedReport } from "./report.ts";
import type { TrainingJob } from "./training-job.ts";
import { findTask, listFeatures } from "./training-job-spec.ts";

/** Reports features that the job does not have or that cannot be varied so, a range of nothing, and tests of another task. */
export function reportModelTest(rule: ModelTestSpec, training: TrainingJob, report: UnplacedReport): void {
  const features = listFeatures(training);
  const code = "model-test-unfit";
  const task = findTask(training);
  const names = (list: typeof features) => list.map(({ name }) => name).join(", ");
  switch (rule.kind) {
    case "monotone":
    case "directional": {
      const numbers = features.filter(({ type }) => type === "number");
      const isNumber = numbers.some(({ name }) => name === rule.feature);
      const what = `the test changes "${rule.feature}", which is no feature of "${training.name}" with numbers`;
      if (!isNumber) report({ code, what, got: rule.feature, expected: names(numbers) });
      if (rule.kind === "directional" && rule.by === 0)
        report({ code, what: '"by" of the test changes nothing', got: "0", expected: "a number that is not 0" });
      break;
    }
    case "invariant": {
      const what = `the test changes "${rule.feature}", which is no feature of "${training.name}"`;
      if (!features.some(({ name }) => name === rule.feature))
        report({ code, what, got: rule.feature, expected: names(features) });
      break;
    }
    case "golden": {
      const given = new Set(rule.rows.flatMap((row) => Object.keys(row.features)));
      const unknown = [...given].filter((name) => !features.some((feature) => feature.name === name));
      const what = `golden rows have what is no feature of "${training.name}"`;
      if (unknown.length > 0) report({ code, what, got: unknown.join(", "), expected: names(features) });
      const unfit = rule.rows.flatMap((row, at) =>
        Object.entries(row.features).flatMap(([name, value]) => {
          const feature = features.find((one) => one.name === name);
          return feature && !fits(feature.type, value) ? [`${name} of row ${at}`] : [];
        }),
      );
      if (unfit.length > 0)
        report({ code, what: "golden rows have values of another type than their features", got: unfit.join(", ") });
      break;
    }
    case "in-range":
      if (rule.low > rule.high)
        report({ code, what: "nothing is in the range of the test", got: `${rule.low} to ${rule.high}` });
      break;
    case "simplex":
      if (task === "regression")
        report({ code, what: `"${training.name}" answers a number, which is no probability`, fix: "use inRange(…)" });
      break;
    case "answers-each-row":
    case "deterministic":
    case "latency":
      break;
  }
}

/** Whether a value may stand for a feature: null for any, and 0 or 1 for a truth. */
function fits(type: ReturnType<typeof listFeatures>[number]["type"], value: unknown): boolean {
  if (value === null) return true;
  if (type === "category") return typeof value === "string";
  return typeof value === "number" ? type === "number" || value === 0 || value === 1 : typeof value === type;
}
