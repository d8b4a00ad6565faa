/**
 * A build of the worker among others: it becomes the current one when its pollers are there, and ends when it is drained.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import type { WorkflowService } from "@temporalio/client";
import proto from "@temporalio/proto";
import { deploymentName } from "../framework/engine/entity-names.ts";

export interface Build {
  readonly service: WorkflowService;
  readonly namespace: string;
  readonly buildId: string;
}

const notFound = 5;
const failedPrecondition = 9;
const drained = proto.temporal.api.enums.v1.VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINED;

/** Makes a build the one that new runs and entities go to; waits for the server to have seen its pollers. */
export async function makeCurrent({ service, namespace, buildId }: Build, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await service.setWorkerDeploymentCurrentVersion({
        namespace,
        deploymentName,
        buildId,
        identity: `worker ${buildId}`,
      });
      return;
    } catch (error) {
      // Unknown, or known without pollers: both pass within moments of the worker's first polls.
      if (!isPassing(error)) throw error;
      await delay(300, undefined, { signal });
    }
  }
}

/** Whether a build has no open runs left and another one is current. */
export async function isDrained({ service, namespace, buildId }: Build): Promise<boolean> {
  const { workerDeploymentVersionInfo } = await service.describeWorkerDeploymentVersion({
    namespace,
    deploymentVersion: { deploymentName, buildId },
  });
  return workerDeploymentVersionInfo?.drainageInfo?.status === drained;
}

function isPassing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === notFound || error.code === failedPrecondition);
}
