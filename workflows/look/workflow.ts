/**
 * Look: a run of a dataset's schedule. It asks the dataset's entity to look whether its source has something new; that looks
 * when it has the time, and what it finds stands in its own history.
 * @module
 */
import { defineSignal, getExternalWorkflowHandle, proxyActivities, setWorkflowOptions } from "@temporalio/workflow";
import { entityId } from "../../framework/engine/entity-names.ts";
import { signalNames } from "../../framework/engine/messages.ts";
import { quickWork } from "../activity-options.ts";
import type { DatasetActivities } from "../dataset/activities.ts";
import type { LookInput } from "../dataset/messages.ts";

const lookSignal = defineSignal(signalNames.look);

const { keepSchedule } = proxyActivities<DatasetActivities>({
  ...quickWork,
  summary: "the dataset has gone: end its schedule",
});

export async function look({ project, dataset }: LookInput): Promise<void> {
  try {
    await getExternalWorkflowHandle(entityId(project, "dataset", dataset)).signal(lookSignal);
  } catch {
    // It ended in a way in which it could not end its schedule: somebody has terminated it.
    await keepSchedule({ project, dataset });
  }
}

setWorkflowOptions({ versioningBehavior: "PINNED" }, look);
