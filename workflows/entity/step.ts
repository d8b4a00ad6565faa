/**
 * Steps: the work of an entity, each a child workflow with a readable id that an operator finds in the Temporal UI.
 * @module
 */
import { WorkflowExecutionAlreadyStartedError } from "@temporalio/common";
import { ChildWorkflowCancellationType, executeChild, ParentClosePolicy, sleep } from "@temporalio/workflow";
import type { Step } from "../../framework/engine/entity-names.ts";
import { stepId } from "../../framework/engine/entity-names.ts";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import type { ApplyMessage } from "../../framework/engine/messages.ts";
import { searchAttributes } from "../../framework/engine/search-attributes.ts";
import type { Entity } from "./entity.ts";

type AnyEntity = Entity<ApplyMessage["desired"], NonNullable<EntityStatus["live"]>, unknown>;

export interface StepOptions<Input, Output> {
  readonly step: Step;
  /** What the step works on, told apart by its identity: `late-training@1f2e3d4c5b6a`. */
  readonly subject: string;
  /** One line for the status and the Temporal UI: what is being done, and why. */
  readonly summary: string;
  readonly workflow: (input: Input) => Promise<Output>;
  readonly input: Input;
}

/**
 * Runs a step as a child workflow and keeps the entity's status up to date.
 *
 * @returns its output, or `"elsewhere"` when another entity had the same step under way, which has ended since: the caller
 * looks for the result again.
 */
export async function runStep<Input, Output>(
  entity: AnyEntity,
  options: StepOptions<Input, Output>,
): Promise<Output | "elsewhere"> {
  const { step, subject, summary, workflow, input } = options;
  const { project, kind, name } = entity.start;
  const workflowId = stepId(project, step, subject);
  entity.set({ work: { step, workflowId }, summary });
  const started = Date.now();
  try {
    const output = await executeChild<(input: Input) => Promise<Output>>(workflow, {
      workflowId,
      args: [input],
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: summary,
      typedSearchAttributes: [
        { key: searchAttributes.project, value: project },
        { key: searchAttributes.definition, value: `${kind}/${name}` },
        { key: searchAttributes.state, value: step },
      ],
    });
    entity.waits = 0;
    entity.set({ work: undefined, durations: { ...entity.status.durations, [step]: (Date.now() - started) / 1000 } });
    return output;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    // Ever longer, so that a training of a day does not fill the history of those who wait for it.
    const seconds = Math.min(2 ** ++entity.waits, 120);
    await sleep(`${seconds} seconds`, { summary: `${workflowId} is under way for another definition` });
    return "elsewhere";
  }
}
