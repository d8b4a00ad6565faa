/**
 * Every activity, for the worker.
 * @module
 */
import type { ActivityTools } from "./activity-tools.ts";
import { createDatasetActivities } from "./dataset/activities.ts";
import { createEndpointActivities } from "./endpoint/activities.ts";
import { createExperimentActivities } from "./endpoint/experiment-activities.ts";
import { createEvaluateActivities } from "./evaluate/activities.ts";
import { createIngestActivities } from "./ingest/activities.ts";
import { createMaterialiseActivities } from "./materialise/activities.ts";
import { createMaterialiseOnlineActivities } from "./materialise-online/activities.ts";
import { createModelActivities } from "./model/activities.ts";
import { createReleaseActivities } from "./release/activities.ts";
import { createScoreActivities } from "./score/activities.ts";
import { createServeActivities } from "./serve/activities.ts";
import { createTrainActivities } from "./train/activities.ts";
import { createTuneActivities } from "./tune/activities.ts";

export function createActivities(tools: ActivityTools) {
  return {
    ...createDatasetActivities(tools),
    ...createEndpointActivities(tools),
    ...createEvaluateActivities(tools),
    ...createExperimentActivities(tools),
    ...createIngestActivities(tools),
    ...createMaterialiseActivities(tools),
    ...createMaterialiseOnlineActivities(tools),
    ...createModelActivities(tools),
    ...createReleaseActivities(tools),
    ...createScoreActivities(tools),
    ...createServeActivities(tools),
    ...createTrainActivities(tools),
    ...createTuneActivities(tools),
  };
}
