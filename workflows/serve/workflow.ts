/**
 * Serve: waits until an endpoint's server answers with a released version.
 * @module
 */
import { proxyActivities, setWorkflowOptions } from "@temporalio/workflow";
import { longWork } from "../activity-options.ts";
import type { ServeActivities } from "./activities.ts";
import type { ServeInput } from "./messages.ts";

const { awaitServing } = proxyActivities<ServeActivities>({
  ...longWork,
  summary: "wait until the server answers with the version",
});

export async function serve(input: ServeInput): Promise<void> {
  await awaitServing(input);
}

setWorkflowOptions({ versioningBehavior: "PINNED" }, serve);
