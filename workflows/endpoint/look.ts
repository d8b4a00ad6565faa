/**
 * Looks at an endpoint's experiment, again and again until it is decided. They run beside the endpoint's other work, which no log that
 * is long to read keeps waiting; what follows for its callers is routed as any other news is.
 * @module
 */
import { condition, getExternalWorkflowHandle, proxyActivities } from "@temporalio/workflow";
import { entityId } from "../../framework/engine/entity-names.ts";
import type { ProposeMessage } from "../../framework/engine/messages.ts";
import { signalNames } from "../../framework/engine/messages.ts";
import { longWork } from "../activity-options.ts";
import { reasonsOf } from "../entity/reasons.ts";
import { writeTimeline } from "../entity/timeline.ts";
import { sayServing } from "./experiment.ts";
import type { ExperimentActivities } from "./experiment-activities.ts";
import { findLook, findProposal, isLookedAt, showLook } from "./looked.ts";
import type { EndpointEntity, LookAnswer, LookMemory } from "./messages.ts";
import { isRoutedOtherwise } from "./traffic.ts";

const { lookAtExperiment } = proxyActivities<ExperimentActivities>({
  ...longWork,
  startToCloseTimeout: "1 hour",
  summary: "what is known of the experiment?",
});

/** Looks at the experiment whenever it is time, and proposes its winner where that is promoted. */
export async function watchExperiment(entity: EndpointEntity): Promise<never> {
  // Before it has written a routing it may not know yet what is wanted.
  const isRouted = () => entity.memory.routing !== undefined;
  const isDue = () => isRouted() && isLookedAt(entity.desired, entity.memory);
  const proposalOf = () => (isRouted() ? findProposal(entity.desired, entity.memory, entity.start.name) : undefined);
  for (;;) {
    await condition(() => isDue() || proposalOf() !== undefined);
    const proposal = proposalOf();
    if (proposal) {
      await propose(entity, proposal);
      continue;
    }
    const at = findNext(entity);
    const hasChanged = () => !isDue() || findLook(entity.desired, entity.memory)?.next !== at;
    if (await condition(hasChanged, Math.max(1, at - Date.now()))) continue;
    await look(entity);
  }
}

/** Forgets what is known of an experiment that is no longer wanted. */
export function forgetLook(entity: EndpointEntity): void {
  if (!entity.memory.look || findLook(entity.desired, entity.memory)) return;
  entity.memory = { ...entity.memory, look: undefined };
  entity.set({ experiment: undefined });
}

/**
 * When the experiment is looked at next; the first time as soon as its arms answer: what the server had counted by then is not theirs,
 * and what was decided before is so at once.
 */
function findNext(entity: EndpointEntity): number {
  const known = findLook(entity.desired, entity.memory);
  if (known?.next !== undefined) return known.next;
  const { identity = "" } = entity.desired.experiment?.looks ?? {};
  const now = Date.now();
  remember(entity, { since: now, ...known, identity, next: now });
  return now;
}

function findAgain({ desired }: EndpointEntity): number {
  return Date.now() + (desired.experiment?.looks?.pause ?? 0) * 1000;
}

async function look(entity: EndpointEntity): Promise<void> {
  const { desired, memory } = entity;
  const before = findLook(desired, memory);
  const { champion, routing } = memory;
  if (!before || !desired.experiment || !champion?.desired) return;
  const { address, spec } = desired;
  const { name } = entity.start;
  const { identity, since, seen: last } = before;
  const known = { endpoint: name, spec, address, identity, since, trained: champion.desired };
  const input = { ...known, ...(routing?.generation !== undefined && { generation: routing.generation }) };
  try {
    const seen = await lookAtExperiment({ ...input, ...(last && { before: last.look }) });
    // Said before it is remembered: what is cut off between the two is looked at again, and said twice rather than never.
    for (const line of seen.news) if (isStill(entity, before)) await writeTimeline(line);
    if (isStill(entity, before)) take(entity, { ...before, trouble: undefined }, seen);
  } catch (error) {
    const [trouble = ""] = reasonsOf(error);
    if (!isStill(entity, before)) return;
    // It is looked at again when it is time. What keeps it from being looked at is said once.
    if (trouble !== before.trouble) await writeTimeline(`experiment: the look failed: ${trouble}`);
    if (isStill(entity, before)) remember(entity, { ...before, trouble, next: findAgain(entity) });
  }
}

/** Takes in what a look came to. */
function take(entity: EndpointEntity, before: LookMemory, seen: LookAnswer): void {
  const { experiment } = entity.desired;
  if (!experiment) return;
  const next = seen.verdict === "continue" ? findAgain(entity) : undefined;
  remember(entity, { ...before, seen, next });
  const { live, status, desired, memory } = entity;
  // Of who loses callers it is said once they have lost them.
  const isServing = status.state === "ready" && live !== undefined && !isRoutedOtherwise(desired, memory);
  entity.set({
    experiment: showLook(experiment.name, seen),
    ...(isServing && { summary: sayServing(desired, memory, live.version) }),
  });
}

/** Whether what is known of the experiment is what was known when the look began. */
function isStill(entity: EndpointEntity, before: LookMemory): boolean {
  return findLook(entity.desired, entity.memory)?.next === before.next;
}

async function propose(entity: EndpointEntity, proposal: ProposeMessage): Promise<void> {
  const { project } = entity.start;
  const { model } = entity.desired;
  const handle = getExternalWorkflowHandle(entityId(project, "model", model));
  // A model that ended meanwhile needs no telling. Told twice, it does nothing twice.
  await handle.signal<[ProposeMessage]>(signalNames.propose, proposal).catch(() => undefined);
  const known = findLook(entity.desired, entity.memory);
  if (known?.seen?.look === proposal.look) remember(entity, { ...known, isProposed: true });
  const { from, experiment } = proposal;
  await writeTimeline(`experiment "${experiment}": version ${from.version} of ${from.model} is proposed to ${model}`);
}

function remember(entity: EndpointEntity, look: LookMemory): void {
  entity.memory = { ...entity.memory, look };
}
