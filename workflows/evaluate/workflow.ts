/**
 * Evaluate: measures a candidate on the test rows and lets its gates decide.
 * @module
 */
import { proxyActivities, setWorkflowOptions } from "@temporalio/workflow";
import { longWork } from "../activity-options.ts";
import type { EvaluateInput } from "../model/messages.ts";
import type { EvaluateActivities } from "./activities.ts";

const { evaluateCandidate } = proxyActivities<EvaluateActivities>({
  ...longWork,
  summary: "measure on the test rows, judge the gates",
});

export async function evaluate(input: EvaluateInput): Promise<void> {
  await evaluateCandidate(input);
}

setWorkflowOptions({ versioningBehavior: "PINNED" }, evaluate);
