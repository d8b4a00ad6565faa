/**
 * A Temporal server with a worker in this process that has the bench's workflows, for both contenders alike.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "@temporalio/client";
import { bundleWorkflowCode, NativeConnection, Worker } from "@temporalio/worker";
import { deploymentName, taskQueue } from "../../../framework/engine/entity-names.ts";
import { createSchedules } from "../../../framework/engine/schedules.ts";
import type { Store } from "../../../framework/store/store.ts";
import { type ActivityTools, createActivityTools } from "../../../workflows/activity-tools.ts";
import { makeCurrent } from "../../../workflows/deployment.ts";
import { startTestEngine } from "../../workflows/given-engine.ts";

export interface PipelineWorker {
  readonly client: Client;
  /** Ends worker and server. */
  end(): Promise<void>;
}

const buildId = "bench";
const ignore = (): void => undefined;
const silent = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Starts both. @param make makes the activities, of the tools that a stack's worker would have */
export async function startPipelineWorker(
  store: Store,
  make: (tools: ActivityTools) => object,
): Promise<PipelineWorker> {
  const given = await startTestEngine();
  const { client, address } = given;
  const folder = await mkdtemp(join(tmpdir(), "steward-bench-pipeline-"));
  const native = await NativeConnection.connect({ address });
  const tools = createActivityTools({
    store,
    workRoot: folder,
    inputs: {},
    schedules: createSchedules(client),
    place: { jobNamespace: "bench/bench", datasetNamespace: "s3://bench" },
  });
  const namespace = client.options.namespace;
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: join(import.meta.dirname, "pipeline-workflows.ts"),
      logger: silent,
    }),
    activities: make(tools),
    workerDeploymentOptions: {
      version: { deploymentName, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: "PINNED",
    },
  });
  const running = worker.run();
  await makeCurrent({ service: client.workflowService, namespace, buildId }, AbortSignal.timeout(30_000));
  return {
    client,
    end: async () => {
      worker.shutdown();
      await running;
      await native.close();
      await given.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
