/**
 * A release that won an experiment, taken up as a candidate that has passed.
 * @module
 */
import { isCancellation, proxyActivities } from "@temporalio/workflow";
import type { LiveModel } from "../../framework/engine/entity-status.ts";
import { quickWork } from "../activity-options.ts";
import { writeTimeline } from "../entity/timeline.ts";
import type { ModelActivities } from "./activities.ts";
import { describeApprovers } from "./decisions.ts";
import type { ModelEntity, ProposalMemory, WeighedProposal } from "./messages.ts";
import { answerProposal, describeOrigin, judgeProposal, sayWon } from "./proposals.ts";

const { weighProposal } = proxyActivities<ModelActivities>({
  ...quickWork,
  summary: "what is the release that won an experiment as a candidate?",
});

/** Decides on the proposal whose turn has come: it is released, waits for people, or comes to nothing. */
export async function takeUpProposal(entity: ModelEntity, { proposed }: ProposalMemory): Promise<void> {
  const { live } = entity;
  const { look, experiment, sentence, evaluation, run, desired } = proposed;
  const { generation } = entity.status;
  // What cannot be weighed is not tried for ever: a later wish takes it up again.
  keep(entity, proposed.look, { proposed, after: generation });
  if (!live)
    return give(entity, look, `experiment "${experiment}": nothing is in production that its winner could replace`);
  const weighed = await weigh(entity, { proposed }, live);
  // What came meanwhile is worked on first, and then this is looked at again.
  if (entity.status.generation > generation || entity.memory.release) return keep(entity, look, { proposed });
  const fate = judgeProposal({ live, weighed, look });
  if (fate === "there") return give(entity, look);
  if (fate === "stale")
    return give(entity, look, `experiment "${experiment}": production is no longer what its winner won against`);
  if (fate === "wait") return keep(entity, look, { proposed, waitsFor: entity.status.candidate?.digest });
  const { package: digest, policy, candidate } = weighed;
  const from = describeOrigin(proposed, weighed, live);
  const agreed = { package: digest, evaluation, run, desired, from };
  if (policy === "waived") {
    entity.memory = {
      ...entity.memory,
      release: { ...agreed, generation, why: `${sayWon(from)}: ${sentence}` },
    };
    return;
  }
  const { count, from: people, notBy } = policy;
  const bound = { count, from: people, ...(notBy ? { notBy } : {}) };
  const summary = `awaiting approval by ${describeApprovers(policy)}: version ${from.version} of ${from.model} ${sayWon(from)}`;
  keep(entity, look, { proposed, waitsFor: candidate });
  entity.settle("awaiting-approval", summary, {
    candidate: { ...agreed, digest: candidate, policy: bound, approvals: [] },
  });
  await writeTimeline(summary);
}

/** Weighs the proposal that waits. */
function weigh(entity: ModelEntity, { proposed }: ProposalMemory, live: LiveModel): Promise<WeighedProposal> {
  const { candidate } = entity.status;
  const isOther = candidate !== undefined && candidate.from?.look !== proposed.look;
  return weighProposal({
    model: entity.start.name,
    desired: entity.desired,
    proposed,
    live: live.desired,
    ...(isOther && { waiting: candidate.desired }),
  });
}

/**
 * Whether a candidate of the definition's own is what has lost to the proposal that waits: then that one is decided on in its place.
 *
 * @param recipe of the candidate. @default it is not known
 */
export async function hasLostToProposal(entity: ModelEntity, recipe: string | undefined): Promise<boolean> {
  const { live, memory } = entity;
  const { proposal } = memory;
  if (!proposal || !live || recipe === undefined) return false;
  try {
    const weighed = await weigh(entity, proposal, live);
    return (
      weighed.recipes.over === recipe && judgeProposal({ live, weighed, look: proposal.proposed.look }) !== "stale"
    );
  } catch (error) {
    if (isCancellation(error)) throw error;
    return false;
  }
}

/** Remembers how a proposal is, unless it was decided on meanwhile. */
function keep(entity: ModelEntity, look: string, proposal: ProposalMemory): void {
  if (entity.memory.proposal?.proposed.look === look) entity.memory = { ...entity.memory, proposal };
}

/** Decides that nothing comes of a proposal. @param line for the history. @default nothing is said */
async function give(entity: ModelEntity, look: string, line?: string): Promise<void> {
  entity.memory = answerProposal(entity.memory, look);
  if (line !== undefined) await writeTimeline(line);
}
