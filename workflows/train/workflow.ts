/**
 * Train: runs a trainer on a training set and makes a model package of what it leaves.
 * @module
 */
import { proxyActivities, setWorkflowOptions } from "@temporalio/workflow";
import { longWork } from "../activity-options.ts";
import type { TrainInput } from "../model/messages.ts";
import type { TrainActivities } from "./activities.ts";

const { trainModel } = proxyActivities<TrainActivities>({ ...longWork, summary: "train, then package the model" });

export async function train(input: TrainInput): Promise<void> {
  await trainModel(input);
}

setWorkflowOptions({ versioningBehavior: "PINNED" }, train);
