/**
 * Release: publishes a decision of the model's entity as the fenced ref that model servers read.
 * @module
 */
import { proxyActivities, setWorkflowOptions } from "@temporalio/workflow";
import { quickWork } from "../activity-options.ts";
import type { ReleaseInput } from "../model/messages.ts";
import type { ReleaseActivities } from "./activities.ts";

const { publishRelease } = proxyActivities<ReleaseActivities>({ ...quickWork, summary: "move the production ref" });

export async function release(input: ReleaseInput): Promise<void> {
  await publishRelease(input);
}

setWorkflowOptions({ versioningBehavior: "PINNED" }, release);
