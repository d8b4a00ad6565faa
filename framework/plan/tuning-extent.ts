/**
 * How much a tuning runs: how many trials, and how many of them at a time on a machine. Pure, without Node: workflows go by it too.
 * @module
 */
import type { TrainingJobSpec } from "../definitions/spec.ts";

/** How many jobs that use `cpu` cores run at a time on a machine: one at least, for a larger job has the machine for itself. */
export function countAtOnce(cpu: number, cores: number): number {
  return Math.max(1, Math.floor(cores / cpu));
}

/**
 * How much a job's tuning runs, for people: `30 trials, 2 at a time (4 were asked for; the machine has 2 cores)`.
 *
 * @param cores of the machine. @default not known: as many run at a time as were asked for
 * @returns nothing for a job that is not tuned
 */
export function describeExtent({ tuning, resources }: TrainingJobSpec, cores: number | undefined): string | undefined {
  if (!tuning) return undefined;
  const { parallel } = tuning;
  const trials = `${tuning.trials} ${tuning.trials === 1 ? "trial" : "trials"}`;
  const atOnce = cores === undefined ? parallel : Math.min(parallel, countAtOnce(resources.cpu, cores));
  const had = cores === undefined ? "" : `the machine has ${cores} ${cores === 1 ? "core" : "cores"}`;
  const each = resources.cpu > 1 ? ` and each uses ${resources.cpu}` : "";
  const waiting = atOnce < parallel ? ` (${parallel} were asked for; ${had}${each}, the others wait their turn)` : "";
  return `${trials}, ${atOnce} at a time${waiting}`;
}
