/**
 * What tests of a model must fit: the features of its training job, and its label.
 * @module
 */
import { findGoldenProblems } from "./golden-rows.ts";
import type { ModelTestSpec } from "./model-test-spec.ts";
import type { UnplacedReport } from "./report.ts";
import type { TrainingJob } from "./training-job.ts";
import { findTask, listFeatures } from "./training-job-spec.ts";

/** Reports features that the job does not have or that cannot be varied so, a range of nothing, and tests of another task. */
export function reportModelTest(rule: ModelTestSpec, training: TrainingJob, report: UnplacedReport): void {
  const features = listFeatures(training);
  const code = "model-test-unfit";
  const task = findTask(training);
  if (task === "multiclass" && (rule.kind === "monotone" || rule.kind === "directional" || rule.kind === "golden")) {
    const what = `the test is of one number a row, and "${training.name}" answers with a probability for each class`;
    report({
      code,
      what,
      got: rule.kind,
      expected: "answersEachRow(), deterministic(), inRange(0, 1), invariant(…), latency(…) or simplex()",
    });
    return;
  }
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
    case "golden":
      for (const finding of findGoldenProblems(rule.rows, features, training.name)) report({ code, ...finding });
      break;
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
