/**
 * Ingest: reads a dataset's source under its contract into a new version.
 * @module
 */
import { proxyActivities, setWorkflowOptions } from "@temporalio/workflow";
import { longWork } from "../activity-options.ts";
import type { IngestActivities } from "./activities.ts";
import type { IngestInput, TakenVersion } from "./messages.ts";

const { ingestSource } = proxyActivities<IngestActivities>({
  ...longWork,
  summary: "read the source under its contract",
});

export async function ingest(input: IngestInput): Promise<TakenVersion> {
  return ingestSource(input);
}

setWorkflowOptions({ versioningBehavior: "PINNED" }, ingest);
