/**
 * Materialise: builds a training set, with features as they were known at each example's time.
 * @module
 */
import { proxyActivities, setWorkflowOptions } from "@temporalio/workflow";
import { longWork } from "../activity-options.ts";
import type { MaterialiseInput } from "../model/messages.ts";
import type { MaterialiseActivities } from "./activities.ts";

const { buildSet } = proxyActivities<MaterialiseActivities>({ ...longWork, summary: "build the training set" });

export async function materialise(input: MaterialiseInput): Promise<void> {
  await buildSet(input);
}

setWorkflowOptions({ versioningBehavior: "PINNED" }, materialise);
