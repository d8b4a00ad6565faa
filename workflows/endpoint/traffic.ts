/**
 * Who answers an endpoint's callers: what its entity wants its routing to say. Pure.
 * @module
 */
import type { DesiredEndpoint } from "../../framework/engine/desired.ts";
import type { LiveEndpoint } from "../../framework/engine/entity-status.ts";
import { listArmVariants } from "../../framework/experiments/experiment-routing.ts";
import { allPoints, type Variant } from "../../framework/serving/variants/routing.ts";
import { isExperimentOver, listStopped } from "./looked.ts";
import type { EndpointMemory, Released } from "./messages.ts";

type Wanted = Pick<DesiredEndpoint, "rollout" | "shadow" | "model" | "experiment">;

/**
 * The variants that an endpoint's routing should have: none where all of its traffic moves at once, nothing is asked unseen and there is
 * no experiment, so that the server follows production. The champion comes first, so that who has the canary keeps it as it grows; as
 * it does in an experiment, whose control it is.
 */
export function wantVariants(desired: Wanted, memory: EndpointMemory): readonly Variant[] {
  const { champion, shadows = {} } = memory;
  if (!champion || !asksForRouting(desired)) return [];
  return [
    ...(wantArms(desired, memory) ?? wantRollout(desired, { ...memory, champion })),
    ...(desired.shadow ?? []).flatMap((asked) => {
      const told = findReleased(shadows[asked.model]);
      if (!told) return [];
      const name = `shadow-${asked.model}`;
      return [{ name, model: asked.model, ...nameOf(told), weight: 0, ...mirror(asked.share) }];
    }),
  ];
}

/** The champion, and what is on its way. */
function wantRollout(
  { model }: Wanted,
  { champion, canary }: EndpointMemory & { readonly champion: Released },
): readonly Variant[] {
  const weight = canary ? Math.round((canary.rollout.steps[canary.step] ?? 0) * 100) : 0;
  return [
    { name: "champion", model, ...nameOf(champion), weight: allPoints - weight },
    ...(canary
      ? [{ name: "canary", model, ...nameOf(canary.released), weight, ...mirror(canary.rollout.mirror) }]
      : []),
  ];
}

/** The arms of the experiment. @returns nothing where there is none, it is over, or it waits for the release of an arm */
function wantArms({ model, experiment }: Wanted, memory: EndpointMemory): readonly Variant[] | undefined {
  const { champion, shadows = {} } = memory;
  if (!experiment || isExperimentOver({ model, experiment }, memory)) return undefined;
  const releases = experiment.arms.flatMap((arm) => {
    const released = arm.model === model ? champion : findReleased(shadows[arm.model]);
    return released ? [[arm.name, { model: arm.model, ...nameOf(released) }] as const] : [];
  });
  const stopped = listStopped({ experiment }, memory);
  return listArmVariants(experiment, { releases: Object.fromEntries(releases), stopped });
}

/** What the assignment of an endpoint's experiment is salted with. @returns nothing where there is none, or it waits for a release */
export function findArmsSalt(desired: Wanted, memory: EndpointMemory): string | undefined {
  return wantArms(desired, memory) && desired.experiment?.salt;
}

/** Whether who answers is said by a routing. */
function asksForRouting({ rollout, shadow = [], experiment }: Wanted): boolean {
  return rollout !== undefined || shadow.length > 0 || experiment !== undefined;
}

function nameOf({ version, package: digest }: Released): Pick<Variant, "version" | "package"> {
  return { version, package: digest };
}

/** A share that is not nothing is a basis point at least. */
function mirror(share: number): Pick<Variant, "mirror"> {
  return share > 0 ? { mirror: Math.max(1, Math.round(share * allPoints)) } : {};
}

/** What a model has in production. @returns nothing where nothing is */
export function findReleased(promoted: EndpointMemory["promoted"]): Released | undefined {
  const { version, package: digest } = promoted ?? {};
  return version === undefined || digest === undefined ? undefined : { ...promoted, version, package: digest };
}

/** Whether the routing that was written says something else than is wanted. */
export function isRoutedOtherwise(desired: Wanted, memory: EndpointMemory): boolean {
  if (memory.routing?.salt !== findArmsSalt(desired, memory)) return true;
  return JSON.stringify(memory.routing?.variants ?? []) !== JSON.stringify(wantVariants(desired, memory));
}

/** Whether a release reaches callers step by step: one with another package than what answers them. A rollback is urgent, and does not. */
export function goesByCanary({ rollout }: Wanted, { champion, promoted }: EndpointMemory): boolean {
  if (promoted?.rollback) return false;
  return rollout !== undefined && champion !== undefined && champion.package !== promoted?.package;
}

/** Whether an endpoint goes by a routing, or has to be rid of one. */
export function isRouted(desired: Wanted, { routing }: EndpointMemory): boolean {
  return asksForRouting(desired) || (routing !== undefined && routing.variants?.length !== 0);
}

/** What an endpoint is, as far as it decides whether there is something to follow. */
export interface Following {
  readonly desired: Wanted;
  readonly memory: EndpointMemory;
  readonly live: Pick<LiveEndpoint, "version" | "package"> | undefined;
  readonly failed: boolean;
}

/** Whether callers are answered by another version than they should be, and by none that is on its way to them. */
export function isBehind({ desired, memory, live, failed }: Following): boolean {
  const { promoted, canary, held } = memory;
  const released = findReleased(promoted);
  if (!released) return false;
  const differs = released.version !== live?.version || released.package !== live.package;
  // What has failed waits for a person, but for a release that follows one that was taken back.
  if (failed) return (differs && held !== undefined && held !== released.version) || hasStopped(desired, memory);
  if (canary) return canary.released.version !== released.version || hasOtherShadows(desired, memory);
  return differs || (isRouted(desired, memory) && isRoutedOtherwise(desired, memory));
}

/** Whether an arm that was stopped has callers still. */
function hasStopped(desired: Wanted, memory: EndpointMemory): boolean {
  const stopped = listStopped(desired, memory);
  return (memory.routing?.variants ?? []).some(({ name }) => stopped.includes(name));
}

/** Whether the model of a shadow has been released meanwhile. A canary whose step is not written yet will write that too. */
function hasOtherShadows(desired: Wanted, memory: EndpointMemory): boolean {
  return memory.canary?.since !== undefined && isRoutedOtherwise(desired, memory);
}
