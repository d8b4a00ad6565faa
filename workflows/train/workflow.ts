/**
 * Train: runs a trainer on a training set and makes a model package of what it leaves.
 * @module
 */
import { CancellationScope, patched, proxyActivities, setWorkflowOptions } from "@temporalio/workflow";
import { longWork, quickWork } from "../activity-options.ts";
import type { TrainInput } from "../model/messages.ts";
import type { TrainActivities } from "./activities.ts";

const { trainModel } = proxyActivities<TrainActivities>({ ...longWork, summary: "train, then package the model" });
/** Ends what is tracked of a training that does not go on. */
export const { leaveTraining } = proxyActivities<TrainActivities>({
  ...quickWork,
  // What is tracked must not keep the training from ending.
  retry: { maximumAttempts: 3 },
  summary: "end what is tracked of it",
});

export async function train(input: TrainInput): Promise<void> {
  try {
    await trainModel(input);
  } catch (error) {
    // Whoever carried it out may have been lost before its run was ended.
    await CancellationScope.nonCancellable(async () => {
      if (patched("training-left")) await leaveTraining(input).catch(() => undefined);
    });
    throw error;
  }
}

setWorkflowOptions({ versioningBehavior: "PINNED" }, train);
