/**
 * Materialise online: puts the features that a server looks up into the online store, as of now.
 * @module
 */
import { proxyActivities, setWorkflowOptions } from "@temporalio/workflow";
import { longWork } from "../activity-options.ts";
import type { MaterialiseOnlineActivities } from "./activities.ts";
import type { MaterialiseOnlineInput } from "./messages.ts";

const { fillOnline } = proxyActivities<MaterialiseOnlineActivities>({ ...longWork, summary: "fill the online store" });

export async function materialiseOnline(input: MaterialiseOnlineInput): Promise<void> {
  await fillOnline(input);
}

setWorkflowOptions({ versioningBehavior: "PINNED" }, materialiseOnline);
