/**
 * The workflows of the pipeline bench: steps that do nothing, as our entities have them done and as one would write them by hand.
 * @module
 */
import { executeChild, proxyActivities, setWorkflowOptions, workflowInfo } from "@temporalio/workflow";
import { formatOf } from "../../../framework/definitions/format.ts";
import { longWork } from "../../../workflows/activity-options.ts";
import { Entity } from "../../../workflows/entity/entity.ts";
import { runStep } from "../../../workflows/entity/step.ts";
import type { TuneInput } from "../../../workflows/tune/messages.ts";
import { tune as tuneStudy } from "../../../workflows/tune/workflow.ts";

/** The study's own workflow. */
export async function tune(input: TuneInput): Promise<void> {
  await tuneStudy(input);
}
setWorkflowOptions({ versioningBehavior: "PINNED" }, tune);

/** What the workflows have done: nothing, in Steward's way and bare. */
export interface PipelineActivities {
  doNothing(): Promise<void>;
  doNothingBare(): Promise<void>;
}

const { doNothing } = proxyActivities<PipelineActivities>({ ...longWork, summary: "nothing" });
const { doNothingBare } = proxyActivities<PipelineActivities>({ startToCloseTimeout: "1 minute" });

/** A step as ours are: a child workflow with one activity that heartbeats and has a folder of its own. */
export async function nothing(): Promise<void> {
  await doNothing();
}
setWorkflowOptions({ versioningBehavior: "PINNED" }, nothing);

/** Steps one after the other, under an entity that publishes each of them. */
export async function stewardPipeline(steps: number): Promise<void> {
  const { workflowId } = workflowInfo();
  const entity = new Entity<never, never, undefined>(
    { format: formatOf("entity-start"), project: "bench", kind: "model", name: workflowId },
    undefined,
  );
  for (let step = 0; step < steps; step++) {
    await runStep(entity, {
      step: "train",
      subject: `${workflowId}@${step}`,
      summary: `step ${step}`,
      workflow: nothing,
      input: undefined,
    });
  }
}
setWorkflowOptions({ versioningBehavior: "PINNED" }, stewardPipeline);

/** A step by hand: a child workflow with one activity. */
export async function nothingBare(): Promise<void> {
  await doNothingBare();
}
setWorkflowOptions({ versioningBehavior: "PINNED" }, nothingBare);

/** The same steps by hand, each a child workflow that is seen and cancelled by itself. */
export async function handWrittenPipeline(steps: number): Promise<void> {
  const { workflowId } = workflowInfo();
  for (let step = 0; step < steps; step++) await executeChild(nothingBare, { workflowId: `${workflowId}/${step}` });
}
setWorkflowOptions({ versioningBehavior: "PINNED" }, handWrittenPipeline);

/** The least that there is: an activity for each step, in one workflow. */
export async function activityPipeline(steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) await doNothingBare();
}
setWorkflowOptions({ versioningBehavior: "PINNED" }, activityPipeline);
