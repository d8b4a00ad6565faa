/**
 * Score: answers the rows of a version of a dataset by a package of a model, and makes a version of a dataset of them. People ask for it;
 * it follows from no change.
 * @module
 */
import { proxyActivities, setWorkflowOptions } from "@temporalio/workflow";
import type { ScoreRequest } from "../../framework/scoring/scoring.ts";
import { longWork, quickWork } from "../activity-options.ts";
import type { ScoreActivities } from "./activities.ts";
import type { LoggedScore } from "./messages.ts";

const { scoreRows } = proxyActivities<ScoreActivities>({ ...longWork, summary: "score what is not scored yet" });
const { logScore } = proxyActivities<ScoreActivities>({ ...quickWork, summary: "number the version" });

export async function score(request: ScoreRequest): Promise<LoggedScore> {
  const result = await scoreRows(request);
  return { ...result, number: await logScore(request) };
}

setWorkflowOptions({ versioningBehavior: "PINNED" }, score);
