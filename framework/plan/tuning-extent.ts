/**
 * How much a tuning runs: how many trials, and how many of them at a time on a machine. Pure, without Node: workflows go by it too.
 * @module
 */
import type { TrainingJobSpec } from "../definitions/spec.ts";

/** What of a machine jobs share. A field that is left out, or undefined, is not known, and limits nothing. */
export interface SharedMachine {
  /** @default not known */
  readonly cores?: number | undefined;
  /** How many GPUs there are that a job would take. @default not known */
  readonly gpus?: number | undefined;
}

/** What of a machine keeps jobs from running at a time: how many it has, and how many each job uses. */
interface Limit {
  readonly noun: string;
  readonly has: number;
  readonly each: number;
}

/** How many jobs run at a time on a machine: one at least, for a larger job has the machine for itself. */
export function countAtOnce(resources: TrainingJobSpec["resources"], machine: SharedMachine): number {
  return Math.min(...listLimits(resources, machine).map(countWithin));
}

/**
 * How much a job's tuning runs, for people: `30 trials, 2 at a time (4 were asked for; the machine has 2 cores, the others wait
 * their turn)`.
 *
 * @returns nothing for a job that is not tuned
 */
export function describeExtent({ tuning, resources }: TrainingJobSpec, machine: SharedMachine): string | undefined {
  if (!tuning) return undefined;
  const { parallel } = tuning;
  const trials = `${tuning.trials} ${tuning.trials === 1 ? "trial" : "trials"}`;
  const limits = listLimits(resources, machine);
  const atOnce = Math.min(parallel, ...limits.map(countWithin));
  // The first of those that allow the fewest: there may be two.
  const tightest = limits.find((limit) => countWithin(limit) === atOnce);
  const waiting =
    atOnce < parallel && tightest
      ? ` (${parallel} were asked for; ${sayLimit(tightest)}, the others wait their turn)`
      : "";
  return `${trials}, ${atOnce} at a time${waiting}`;
}

function listLimits({ cpu, gpu }: TrainingJobSpec["resources"], { cores, gpus }: SharedMachine): readonly Limit[] {
  return [
    ...(cores === undefined ? [] : [{ noun: "core", has: cores, each: cpu }]),
    ...(gpus === undefined || !gpu
      ? []
      : [{ noun: gpu.type ? `GPU of type "${gpu.type}"` : "GPU", has: gpus, each: gpu.count }]),
  ];
}

function countWithin({ has, each }: Limit): number {
  return Math.max(1, Math.floor(has / each));
}

function sayLimit({ noun, has, each }: Limit): string {
  const uses = each > 1 ? ` and each uses ${each}` : "";
  return `the machine has ${has} ${has === 1 ? noun : noun.replace(/^\w+/, "$&s")}${uses}`;
}
