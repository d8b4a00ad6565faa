/**
 * What is said of an endpoint's experiment: in its status, and in its history. Pure.
 * @module
 */
import type { DesiredEndpoint } from "../../framework/engine/desired.ts";
import { allPoints } from "../../framework/serving/variants/routing.ts";
import { findLook, isExperimentOver, listStopped } from "./looked.ts";
import type { EndpointMemory, LookAnswer } from "./messages.ts";
import { findArmsSalt, findReleased } from "./traffic.ts";

type Wanted = Pick<DesiredEndpoint, "model" | "experiment">;
type Routed = EndpointMemory["routing"];

/** Basis points of a per cent. */
const percent = allPoints / 100;

/** What an endpoint answers with: `serving version 3 of late`, `experiment "trees": control 80 %, treatment 20 %`. */
export function sayServing(desired: Wanted, memory: EndpointMemory, version: number | undefined): string {
  const serving = `serving version ${version} of ${desired.model}`;
  const { experiment, model } = desired;
  if (!experiment) return serving;
  const verdict = sayVerdict(findLook(desired, memory)?.seen);
  if (isExperimentOver(desired, memory)) return `${serving}; experiment "${experiment.name}" is over${verdict}`;
  if (findArmsSalt(desired, memory) !== undefined)
    return `${sayShares(experiment, listStopped(desired, memory))}${verdict}`;
  const awaited = experiment.arms
    .map((arm) => arm.model)
    .filter((one, i, all) => one !== model && all.indexOf(one) === i && !findReleased(memory.shadows?.[one]));
  return `${serving}; experiment "${experiment.name}" waits for the first release of ${awaited.join(", ")}`;
}

/** What of an experiment changes from one routing to the next, line by line. */
export function listArmNews({ experiment }: Wanted, before: Routed, after: Routed): readonly string[] {
  if (before?.salt === undefined && after?.salt === undefined) return [];
  if (!experiment || after?.salt === undefined) return ["the experiment is over: production answers all callers"];
  const { variants: past = [] } = before?.salt === after.salt ? before : {};
  const { variants = [] } = after;
  const weigh = (all: typeof variants) => all.map(({ name, weight }) => `${name} ${weight}`).join(", ");
  const isStopped = (arm: string) => variants.some(({ name }) => name === `${arm}-stopped`);
  const stopped = experiment.arms.flatMap(({ name }) => (isStopped(name) ? [name] : []));
  if (weigh(past) !== weigh(variants)) return [sayShares(experiment, stopped)];
  return variants.flatMap(({ name, model, version, package: digest }) => {
    const was = past.find((one) => one.name === name);
    if (was?.model === model && was.version === version && was.package === digest) return [];
    return [`experiment "${experiment.name}": ${name} moves to version ${version} of ${model}`];
  });
}

/** `experiment "trees": control 80 %, treatment 20 %`; of an arm that was stopped `treatment stopped`. */
function sayShares({ name, arms }: NonNullable<DesiredEndpoint["experiment"]>, stopped: readonly string[]): string {
  const shares = arms.map((arm) =>
    stopped.includes(arm.name) ? `${arm.name} stopped` : `${arm.name} ${arm.weight / percent} %`,
  );
  return `experiment "${name}": ${shares.join(", ")}`;
}

/** `; winner treatment`; "" while nothing is decided. */
function sayVerdict(seen: LookAnswer | undefined): string {
  switch (seen?.verdict) {
    case "winner":
      return `; winner ${seen.winner}`;
    case "no-winner":
      return "; no winner";
    case "invalid":
      return "; invalid: the arms do not have the units that they should";
    default:
      return "";
  }
}
