/**
 * A model's entity: the lock under which candidates are trained, evaluated, agreed to and released, one at a time.
 * @module
 */
import {
  ApplicationFailure,
  CancellationScope,
  defineQuery,
  defineSignal,
  defineUpdate,
  getExternalWorkflowHandle,
  proxyActivities,
  setHandler,
  setWorkflowOptions,
} from "@temporalio/workflow";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import { entityId } from "../../framework/engine/entity-names.ts";
import type { LiveModel } from "../../framework/engine/entity-status.ts";
import type {
  ApplyAnswer,
  DecisionMessage,
  EntityStart,
  PromotedMessage,
  ProposeMessage,
  RollbackMessage,
  SubscribeMessage,
} from "../../framework/engine/messages.ts";
import { messageNames, signalNames } from "../../framework/engine/messages.ts";
import { listMissingSteps, type MissingStep } from "../../framework/plan/candidate.ts";
import { quickWork } from "../activity-options.ts";
import { Entity, runEntity } from "../entity/entity.ts";
import { failWith } from "../entity/reasons.ts";
import { runStep } from "../entity/step.ts";
import { writeTimeline } from "../entity/timeline.ts";
import { evaluate } from "../evaluate/workflow.ts";
import { materialise } from "../materialise/workflow.ts";
import { release } from "../release/workflow.ts";
import { leaveTraining, train } from "../train/workflow.ts";
import { leaveStudy, tune } from "../tune/workflow.ts";
import type { ModelActivities } from "./activities.ts";
import { decideApproval, describeApprovers, describeDecision, planRollback } from "./decisions.ts";
import type { FoundCandidate, ModelEntity, ModelMemory, PendingRelease } from "./messages.ts";
import { answerProposal, hearProposal, isProposalDue, sayLost, sayWon } from "./proposals.ts";
import { hasLostToProposal, takeUpProposal } from "./propose.ts";
import { unlessTerminated } from "./terminated-step.ts";

const { lookUpCandidate } = proxyActivities<ModelActivities>({
  ...quickWork,
  summary: "how far has the candidate come?",
});
const { readProduction } = proxyActivities<ModelActivities>({
  ...quickWork,
  summary: "where does the production ref stand?",
});

/** The steps that come to a run: how each is done, and how what it had begun is ended where it could not do so itself. */
const trainings = {
  train: { workflow: train, leave: leaveTraining, doing: "training" },
  tune: { workflow: tune, leave: leaveStudy, doing: "tuning" },
} as const;

const approveUpdate = defineUpdate<void, [DecisionMessage]>(messageNames.approve);
const rejectUpdate = defineUpdate<void, [DecisionMessage]>(messageNames.reject);
const rollbackUpdate = defineUpdate<ApplyAnswer, [RollbackMessage]>(messageNames.rollback);
const subscribeSignal = defineSignal<[SubscribeMessage]>(signalNames.subscribe);
const unsubscribeSignal = defineSignal<[SubscribeMessage]>(signalNames.unsubscribe);
const releasesQuery = defineQuery<readonly LiveModel[]>(messageNames.releases);
const promotedSignal = defineSignal<[PromotedMessage]>(signalNames.promoted);
const proposeSignal = defineSignal<[ProposeMessage]>(signalNames.propose);

export async function modelEntity(start: EntityStart): Promise<void> {
  const entity: ModelEntity = new Entity(start, { releases: [], endpoints: [] });
  const remember = (change: Partial<ModelMemory>) => {
    entity.memory = { ...entity.memory, ...change };
  };

  setHandler(approveUpdate, (message) => approve(entity, message), {
    validator: (message) => {
      entity.checkFormat(message);
      refuse(decideApproval(entity.status, message).refusal);
    },
    description: "Agree to the release of the candidate that waits.",
  });
  setHandler(rejectUpdate, (message) => reject(entity, message), {
    validator: (message) => {
      entity.checkFormat(message);
      refuse(entity.status.candidate?.digest === message.candidate ? undefined : notWaiting(entity, message));
    },
    description: "Turn the waiting candidate down; what is in production stays.",
  });
  setHandler(
    rollbackUpdate,
    (message) => {
      const { target } = planRollback(entity.memory.releases, message);
      if (!target) throw new Error("the validator let a rollback to nowhere pass");
      const { actor, reason } = message;
      const why = describeDecision(`rolled back to version ${target.version}`, { by: [actor.id], reason });
      const { kind: _k, version: _v, fence: _f, ...parts } = target;
      // Work under way is given up; forgetting its digest lets the next `apply` of the same wish take it up again.
      const { generation, settled } = entity.status;
      const given = settled < generation ? { digest: "" } : {};
      const answer = entity.accept({ summary: why, actor, candidate: undefined, ...given });
      remember({ release: { ...parts, ...answer, why, rollback: true } });
      return answer;
    },
    {
      validator: (message) => {
        entity.checkFormat(message);
        if (entity.memory.release)
          throw refusal(
            `model "${start.name}" is being released right now`,
            "roll back once `npx steward status` shows the new version",
          );
        refuse(planRollback(entity.memory.releases, message).refusal);
      },
      description: "Release an earlier version again.",
    },
  );
  setHandler(releasesQuery, () => entity.memory.releases);
  setHandler(subscribeSignal, async ({ endpoint }) => {
    remember({ endpoints: [...new Set([...entity.memory.endpoints, endpoint])].sort() });
    await tell(entity, endpoint);
  });
  setHandler(unsubscribeSignal, ({ endpoint }) => {
    remember({ endpoints: entity.memory.endpoints.filter((name) => name !== endpoint) });
  });

  setHandler(proposeSignal, (message) => {
    entity.memory = hearProposal(entity.memory, message);
  });

  const next = () => {
    const { release: pending, proposal } = entity.memory;
    // Once begun, a release is brought to its end: half of one would leave its fence taken.
    if (pending) return () => CancellationScope.nonCancellable(() => releasePending(entity, pending));
    if (entity.status.generation > entity.status.settled) return () => settle(entity);
    return proposal && isProposalDue(proposal, entity.status) ? () => takeUpProposal(entity, proposal) : undefined;
  };
  await runEntity(entity, {
    next,
    retire: async () => {
      const [endpoint] = entity.memory.endpoints;
      if (endpoint)
        throw refusal(`model "${start.name}" is served by endpoint "${endpoint}"`, "remove the endpoint first");
    },
  });
}

setWorkflowOptions({ versioningBehavior: "AUTO_UPGRADE" }, modelEntity);

/** Brings the desired candidate as far as it goes: to production, to the people who must agree, or to the reasons against it. */
async function settle(entity: ModelEntity): Promise<void> {
  const { desired } = entity;
  const { generation } = entity.status;
  for (;;) {
    const { live } = entity;
    const production = live
      ? { production: { package: live.package, evaluation: live.evaluation, desired: live.desired } }
      : {};
    const found = await lookUpCandidate({ desired, ...production });
    // Its answer and a newer wish may come in one turn, before anything is cancelled: a rollback must not be written over.
    if (entity.status.generation > generation) return entity.supersede();
    const [missing] = listMissingSteps(found.progress);
    if (!missing) return decide(entity, found, { desired, generation });
    await runMissing(entity, { found, missing, desired });
  }
}

async function runMissing(
  entity: ModelEntity,
  options: { readonly found: FoundCandidate; readonly missing: MissingStep; readonly desired: DesiredModel },
): Promise<void> {
  const { found, missing, desired } = options;
  const { live } = entity;
  const { progress, trainingJob, comparison } = found;
  const subject = (name: string, identity: string) => `${name}@${identity.slice(0, 12)}`;
  const say = (what: string) => (missing.lost === undefined ? what : `${what} again: ${missing.lost}`);
  switch (missing.step) {
    case "materialise":
      await runStep(entity, {
        step: "materialise",
        subject: subject(trainingJob, missing.identity),
        summary: say(
          missing.of === "candidate"
            ? "building the training set"
            : "building the same rows for the version in production",
        ),
        workflow: materialise,
        input: { identity: missing.identity, desired: missing.of === "candidate" ? desired : (comparison ?? desired) },
      });
      return;
    case "train":
    case "tune": {
      const input = { identity: progress.trainingSet.identity, desired, run: missing.identity };
      const { workflow, leave, doing } = trainings[missing.step];
      const step = {
        step: missing.step,
        subject: subject(trainingJob, missing.identity),
        summary: say(`${doing} ${trainingJob}`),
        workflow,
        input,
      };
      await unlessTerminated(
        () => runStep(entity, step),
        () => leave(input),
      );
      return;
    }
    case "evaluate": {
      const { evaluationIdentity: identity } = found;
      if (!progress.package || !identity) throw new Error("a candidate without a package has nothing to evaluate");
      const production =
        live && comparison
          ? { package: live.package, trainingSet: (progress.comparison ?? progress.trainingSet).identity }
          : undefined;
      await runStep(entity, {
        step: "evaluate",
        subject: subject(entity.start.name, identity),
        summary: say("evaluating on the test rows"),
        workflow: evaluate,
        input: {
          identity,
          desired,
          package: progress.package,
          trainingSet: progress.trainingSet.identity,
          ...(production ? { production } : {}),
        },
      });
    }
  }
}

async function decide(
  entity: ModelEntity,
  { result, progress, policy, recipe }: FoundCandidate,
  { desired, generation }: { readonly desired: DesiredModel; readonly generation: number },
): Promise<void> {
  if (result?.testReads) entity.set({ testReads: result.testReads });
  // What has lost is not released, whatever its gates say of it on newer rows.
  const lost = sayLost(entity.start.name, entity.live, recipe);
  if (lost !== undefined) {
    entity.settle("ready", lost);
    await writeTimeline(lost);
    return;
  }
  if (await hasLostToProposal(entity, recipe)) {
    if (entity.status.generation > generation) return entity.supersede();
    entity.settle(
      "ready",
      `version ${entity.live?.version} in production: a release that has won against it comes next`,
    );
    return;
  }
  if (!result?.passed || !progress.package) throw failWith(result?.reasons ?? ["the evaluation is not readable"]);
  const { live } = entity;
  const { evaluation, headline } = result;
  const candidate = { package: progress.package, evaluation, run: progress.run.identity, desired };
  if (live?.package === candidate.package && live.evaluation === evaluation) {
    entity.settle("ready", `version ${live.version} in production: ${headline}`);
  } else if (policy === "waived") {
    entity.memory = { ...entity.memory, release: { ...candidate, generation, why: `gates passed: ${headline}` } };
  } else {
    const summary = `awaiting approval by ${describeApprovers(policy)}: ${headline}`;
    const { count, from, notBy } = policy;
    const bound = { count, from, ...(notBy ? { notBy } : {}) };
    entity.settle("awaiting-approval", summary, {
      candidate: { ...candidate, digest: result.candidate, policy: bound, approvals: [] },
    });
    await writeTimeline(summary);
  }
}

function approve(entity: ModelEntity, message: DecisionMessage): void {
  const { candidate } = entity.status;
  const { approvals, complete } = decideApproval(entity.status, message);
  if (!candidate) return;
  if (!complete) {
    const missing = candidate.policy.count - approvals.length;
    const summary = `approved by ${approvals.join(", ")}, ${missing} more to come`;
    entity.set({ candidate: { ...candidate, approvals }, summary });
    return;
  }
  const approved = describeDecision("approved", { by: approvals, reason: message.reason });
  const why = candidate.from ? `${sayWon(candidate.from)}, ${approved}` : approved;
  const { digest: _d, policy: _p, approvals: _a, ...agreed } = candidate;
  entity.memory = { ...entity.memory, release: { ...agreed, generation: entity.status.generation, why } };
  entity.set({ candidate: undefined, state: "working", summary: why });
}

function reject(entity: ModelEntity, { actor, reason }: DecisionMessage): void {
  const why = describeDecision("rejected", { by: [actor.id], reason });
  const { from } = entity.status.candidate ?? {};
  if (from) entity.memory = answerProposal(entity.memory, from.look);
  entity.settle("failed", why, { candidate: undefined, reasons: [why] });
}

/** Publishes the pending release under the next fence, then tells the endpoints. */
async function releasePending(entity: ModelEntity, pending: PendingRelease): Promise<void> {
  const began = entity.memory.began ?? (await readProduction(entity.start.name));
  entity.memory = { ...entity.memory, began };
  const { live } = entity;
  const fence = Math.max(live?.fence ?? 0, began.fence) + 1;
  // The same package under a new evaluation is the same version, certified again.
  const version = live?.package === pending.package ? live.version : Math.max(live?.version ?? 0, began.version) + 1;
  const { why, generation, rollback, ...parts } = pending;
  const step = {
    step: "release",
    subject: `${entity.start.name}@v${version}.${fence}`,
    summary: `releasing version ${version}: ${why}`,
    workflow: release,
    input: {
      model: entity.start.name,
      fence,
      version,
      package: parts.package,
      evaluation: parts.evaluation,
      desired: parts.desired,
    },
  } as const;
  try {
    while ((await runStep(entity, step)) === "elsewhere");
  } catch (error) {
    // What cannot be published is not tried for ever: the next wish decides anew, from where the ref stands then.
    entity.memory = { ...entity.memory, release: undefined, began: undefined };
    throw error;
  }
  const released: LiveModel = { kind: "model", version, fence, ...parts };
  const releases = [...entity.memory.releases.filter((past) => past.version !== version), released].slice(-20);
  const rolledBack = rollback ? version : entity.memory.rolledBack;
  entity.memory = { ...entity.memory, release: undefined, releases, rolledBack };
  if (parts.from && !rollback) entity.memory = answerProposal(entity.memory, parts.from.look);
  if (entity.status.generation > generation) entity.set({ live: released, work: undefined });
  else entity.settle("ready", `version ${version} in production: ${why}`, { live: released });
  await Promise.all(entity.memory.endpoints.map((endpoint) => tell(entity, endpoint)));
}

/** Tells an endpoint what is in production now, if anything. */
async function tell(entity: ModelEntity, endpoint: string): Promise<void> {
  const { live, memory } = entity;
  const handle = getExternalWorkflowHandle(entityId(entity.start.project, "endpoint", endpoint));
  // Said again to whoever asks again, as it may not be done yet.
  const rollback = live?.version === memory.rolledBack ? { rollback: true as const } : {};
  const promoted = live ? { ...describeProduction(live), ...rollback } : {};
  // An endpoint that ended meanwhile needs no telling.
  await handle.signal(promotedSignal, { model: entity.start.name, promoted }).catch(() => undefined);
}

function describeProduction({ version, package: digest, desired, evaluation, run, from }: LiveModel) {
  return { version, package: digest, desired, evaluation, run, ...(from && { won: from.look }) };
}

function refusal(message: string, fix: string): ApplicationFailure {
  return ApplicationFailure.create({ type: "refused", message, details: [fix], nonRetryable: true });
}

function refuse(problem: { readonly message: string; readonly fix: string } | undefined): void {
  if (problem) throw refusal(problem.message, problem.fix);
}

function notWaiting(entity: ModelEntity, { candidate }: DecisionMessage) {
  const waiting = entity.status.candidate?.digest.slice(0, 12) ?? "none";
  return {
    message: `candidate ${candidate.slice(0, 12)} does not wait for a decision; ${waiting} does`,
    fix: "look again with `npx steward status`",
  };
}
