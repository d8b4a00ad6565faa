/**
 * The spec of an endpoint's rollout, and what its conditions need to be decided by.
 * @module
 */
import type { Endpoint } from "./endpoint.ts";
import type { Report } from "./report.ts";
import type { Canary } from "./rollout.ts";
import type { Condition } from "./rollout-condition.ts";
import { readResponseTime } from "./rollout-shape.ts";
import type { AbortRuleSpec, CanarySpec } from "./rollout-spec.ts";
import type { EndpointSpec } from "./spec.ts";

/** The spec of `rollout`. Reports conditions that nothing decides. */
export function specifyRollout({ name, rollout }: Endpoint, report: Report): EndpointSpec["rollout"] {
  if (rollout.kind === "allAtOnce") return { kind: "allAtOnce" };
  const { abortOn, mirror = 0 } = rollout;
  for (const [i, { rule }] of abortOn.entries()) {
    if (rule.kind !== "disagreement" || mirror > 0) continue;
    const what = "the condition is of rows that both versions answer, and the canary is asked for none unseen";
    const fix = 'add "mirror", the share of answers that it is asked for too, or leave the condition out';
    report({ code: "rollout-undecidable", at: `${name}.rollout.abortOn[${i}]`, what, fix });
  }
  return specifyCanary(rollout);
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
function specifyRule({ rule: { kind, above, factor, over: given } }: Condition, atLeast: number): AbortRuleSpec {
  const over = given ?? atLeast;
  switch (kind) {
    case "responseTimeOfChampion":
      return { kind, factor: Number(factor), over };
    case "responseTime":
      return { kind, above: readResponseTime(String(above)) ?? 0, over };
    case "errorRate":
    case "disagreement":
      return { kind, above: Number(above), over };
  }
}
