/**
 * The spec of an endpoint's rollout, and what its conditions need to be decided by.
 * @module
 */
import type { Endpoint } from "./endpoint.ts";
import { describeMetric } from "./metric.ts";
import { readMetricName } from "./metric-name.ts";
import { placeAt, type Report, type UnplacedReport } from "./report.ts";
import type { Canary } from "./rollout.ts";
import type { Condition } from "./rollout-condition.ts";
import { readResponseTime } from "./rollout-shape.ts";
import { type AbortRuleSpec, type CanarySpec, isOfLabels } from "./rollout-spec.ts";
import type { EndpointSpec } from "./spec.ts";
import { findTask } from "./training-job-spec.ts";
import { durationPattern, toSeconds } from "./units.ts";
import { quote } from "./value-text.ts";

/** The spec of `rollout`. Reports conditions that nothing decides. */
export function specifyRollout(endpoint: Endpoint, report: Report): EndpointSpec["rollout"] {
  const { name, rollout, feedback } = endpoint;
  if (rollout.kind === "allAtOnce") return { kind: "allAtOnce" };
  const { abortOn, mirror = 0 } = rollout;
  for (const [i, { rule }] of abortOn.entries()) {
    const at = `${name}.rollout.abortOn[${i}]`;
    if (rule.metric !== undefined) reportMetric(rule.metric, endpoint, placeAt(report, at));
    if (rule.kind !== "disagreement" || mirror > 0) continue;
    const what = "the condition is of rows that both versions answer, and the canary is asked for none unseen";
    const fix = 'add "mirror", the share of answers that it is asked for too, or leave the condition out';
    report({ code: "rollout-undecidable", at, what, fix });
  }
  const spec = specifyCanary(rollout);
  if (!spec.abortOn.some(isOfLabels)) return spec;
  reportHold(endpoint, rollout, report);
  return feedback ? { ...spec, matures: feedback.matures } : spec;
}

function specifyCanary({ steps, hold, atLeast = 100, mirror = 0, abortOn }: Canary): CanarySpec {
  return {
    kind: "canary",
    steps: [...steps],
    hold,
    atLeast,
    mirror,
    abortOn: abortOn.map((condition) => specifyRule(condition, atLeast)),
  };
}

/** The check of the shape has seen to it that each has what its kind needs. */
function specifyRule({ rule }: Condition, atLeast: number): AbortRuleSpec {
  const { kind, above, below, by, factor, metric = "", over = atLeast } = rule;
  switch (kind) {
    case "responseTimeOfChampion":
      return { kind, factor: Number(factor), over };
    case "responseTime":
      return { kind, above: readResponseTime(String(above)) ?? 0, over };
    case "errorRate":
    case "disagreement":
      return { kind, above: Number(above), over };
    case "metricBelow":
      return { kind, metric, below: Number(below), over };
    case "metricAbove":
      return { kind, metric, above: Number(above), over };
    case "metricBelowChampion":
    case "metricAboveChampion":
      return { kind, metric, by: Number(by), over };
  }
}

/** Reports a metric that no labels of the endpoint's answers say anything of. */
function reportMetric(metric: string, endpoint: Endpoint, report: UnplacedReport): void {
  const { model, log, feedback } = endpoint;
  const undecidable = (what: string, fix: string) => report({ code: "rollout-undecidable", what, fix });
  const task = findTask(model.training);
  const { tasks = [] } = describeMetric(metric) ?? {};
  if (!["top-accuracy", undefined].includes(readMetricName(metric)?.kind) || tasks.length === 0) {
    const what = `metric ${quote(metric)} is none that can be measured on answers and their labels alone`;
    report({ code: "metric-unfit", what, fix: "name a metric that needs no groups of rows, such as accuracy or mae" });
  } else if (task !== undefined && !tasks.includes(task)) {
    const what = `metric "${metric}" is for ${tasks.join(" and ")} labels, but model "${model.name}" answers a ${task} label`;
    report({ code: "metric-unfit", what, fix: "name a metric of the label's task" });
  }
  if (feedback === undefined) {
    undecidable(
      "the condition is of labels of answers, and the endpoint takes none",
      'say in "feedback" of the endpoint how labels come to be known, or leave the condition out',
    );
    return;
  }
  if (log.requests === "none")
    undecidable(
      "the condition is of answers that are logged, and the endpoint logs none of them",
      'leave "requests" of "log" out, or the condition',
    );
  if (feedback.observed !== undefined && feedback.observed !== "always")
    undecidable(
      "labels are known only of answers that say what lets them happen: each version would be judged on rows that it chose",
      'judge by labels where they are "observed" always, or leave the condition out',
    );
}

/** Reports steps that are over before a label of them is final. */
function reportHold({ name, feedback }: Endpoint, { hold }: Canary, report: Report): void {
  const { matures = "" } = feedback ?? {};
  // What is no duration is reported where it stands.
  if (![hold, matures].every((one) => durationPattern.test(one)) || toSeconds(hold) >= toSeconds(matures)) return;
  report({
    code: "rollout-undecidable",
    at: `${name}.rollout.hold`,
    what: 'a step is over before a label of its answers is final, and a condition in "abortOn" is of labels',
    got: quote(hold),
    expected: `"${matures}" or more, "matures" of the feedback`,
    fix: "hold each step for longer, or judge by what is known at once, such as errorRate.above(0.01)",
  });
}
