/**
 * What follows from the looks at an endpoint's experiment: who gets no more callers, when it is over, and what is proposed. Pure.
 * @module
 */
import type { DesiredEndpoint } from "../../framework/engine/desired.ts";
import type { LookedExperiment } from "../../framework/engine/entity-status.ts";
import type { ProposeMessage } from "../../framework/engine/messages.ts";
import type { EndpointMemory, LookAnswer, LookMemory, Released } from "./messages.ts";

type Wanted = Pick<DesiredEndpoint, "model" | "experiment">;

/** What is known of the experiment that is wanted. @returns nothing where it was another one that was looked at */
export function findLook({ experiment }: Pick<Wanted, "experiment">, { look }: EndpointMemory): LookMemory | undefined {
  return look !== undefined && look.identity === experiment?.looks?.identity ? look : undefined;
}

/** The arms that get no more callers. */
export function listStopped(desired: Pick<Wanted, "experiment">, memory: EndpointMemory): readonly string[] {
  return findLook(desired, memory)?.seen?.stopped ?? [];
}

/** Whether the experiment is decided: it is looked at no more. */
function isDecided(desired: Pick<Wanted, "experiment">, memory: EndpointMemory): boolean {
  return (findLook(desired, memory)?.seen?.verdict ?? "continue") !== "continue";
}

/**
 * Whether what is in production answers all callers: where winners are promoted, once none can win any more, or the winner is in
 * production. Where they are recommended, the definition ends it.
 */
export function isExperimentOver(desired: Wanted, memory: EndpointMemory): boolean {
  const look = findLook(desired, memory);
  const { seen } = look ?? {};
  if (!seen || seen.verdict === "continue") return false;
  if (look?.isOver || (memory.champion && isWinners(desired, memory, memory.champion))) return true;
  if (desired.experiment?.looks?.decide !== "promote") return false;
  return seen.verdict !== "winner" || findWinner(desired, seen)?.model === desired.model;
}

/** Whether its arms answer callers, and it is undecided. */
export function isLookedAt(desired: Wanted, memory: EndpointMemory): boolean {
  const { experiment } = desired;
  if (!experiment?.looks || memory.leaving || memory.routing?.salt !== experiment.salt) return false;
  return !isDecided(desired, memory) && memory.champion?.desired !== undefined;
}

/** The winner's release, as it is proposed to the endpoint's model. @returns nothing while there is none to propose, or it was proposed */
export function findProposal(desired: Wanted, memory: EndpointMemory, endpoint: string): ProposeMessage | undefined {
  const look = findLook(desired, memory);
  const { seen } = look ?? {};
  const { experiment } = desired;
  if (!experiment || !seen || seen.verdict !== "winner" || look?.isProposed || memory.leaving) return undefined;
  if (experiment.looks?.decide !== "promote" || isExperimentOver(desired, memory)) return undefined;
  const arm = findWinner(desired, seen);
  const { champion } = memory;
  if (!arm || !champion?.desired) return undefined;
  // One that an older Steward told of is told anew when its endpoint asks again.
  const { version, package: digest, evaluation, run, desired: made } = memory.shadows?.[arm.model] ?? {};
  if (version === undefined || digest === undefined || !evaluation || !run || !made) return undefined;
  return {
    endpoint,
    experiment: experiment.name,
    from: { model: arm.model, version },
    package: digest,
    evaluation,
    run,
    desired: made,
    over: champion.desired,
    look: seen.look,
    sentence: seen.sentence,
  };
}

/** Whether a release of the endpoint's model is the winner's: promoted, or made by the same run because somebody asked for the same. */
function isWinners(desired: Wanted, memory: EndpointMemory, released: Released): boolean {
  const { seen } = findLook(desired, memory) ?? {};
  if (!seen) return false;
  if (released.won === seen.look) return true;
  const arm = findWinner(desired, seen);
  const run = arm && memory.shadows?.[arm.model]?.run;
  return run !== undefined && run === released.run;
}

function findWinner({ experiment }: Pick<Wanted, "experiment">, { winner }: LookAnswer) {
  return experiment?.arms.find(({ name }) => name === winner);
}

/** The memory once a release answers all callers: where that is the winner's, the experiment is over for good. */
export function noteWinner(desired: Wanted, memory: EndpointMemory, released: Released): Pick<EndpointMemory, "look"> {
  const look = findLook(desired, memory);
  return look && isWinners(desired, memory, released) ? { look: { ...look, isOver: true } } : {};
}

/** The experiment as an entity's status has it. */
export function showLook(name: string, { news: _news, ...seen }: LookAnswer): LookedExperiment {
  return { name, ...seen };
}
