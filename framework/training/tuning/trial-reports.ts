/**
 * What a trial has reported: one that goes on after its worker was lost, from a checkpoint or anew, is judged by all that was reported
 * of it.
 * @module
 */
import type { Digest } from "../../plan/digest.ts";
import { readKeptReports } from "../kept-reports.ts";
import type { JobReport } from "../run.ts";
import type { Intermediate } from "./study.ts";

export interface TrialReports {
  /** What all attempts together have reported of the objective, in order. */
  readonly all: readonly Intermediate[];
  /** Adds a report of this attempt. @returns whether it speaks of the objective */
  add(report: Pick<JobReport, "step" | "metrics">): boolean;
}

export interface TrialReportsOptions {
  /** The folder that outlives attempts. */
  readonly workFolder: string;
  /** The identity of the trial's run. */
  readonly identity: Digest;
  /** The metric that the pruner goes by: the first objective. */
  readonly metric: string | undefined;
}

/** Opens the reports of a trial, as the next attempt of it: what its job has kept in earlier ones is there. */
export async function openTrialReports({ workFolder, identity, metric }: TrialReportsOptions): Promise<TrialReports> {
  const attempts = await readKeptReports(workFolder, identity);
  const earlier = attempts
    .map((reports) => reports.flatMap((report) => readIntermediate(report, metric) ?? []))
    .reduce<readonly Intermediate[]>(joinReports, []);
  const own: Intermediate[] = [];
  let all = earlier;
  return {
    get all() {
      return all;
    },
    add(report) {
      const read = readIntermediate(report, metric);
      if (!read) return false;
      own.push(read);
      all = joinReports(earlier, own);
      return true;
    },
  };
}

/**
 * What two attempts have reported together: one that went on from a checkpoint has what was reported before it as well, and what
 * one did again is its own.
 */
export function joinReports(earlier: readonly Intermediate[], later: readonly Intermediate[]): readonly Intermediate[] {
  const first = later.reduce((least, { step }) => Math.min(least, step), Number.POSITIVE_INFINITY);
  return [...earlier.filter(({ step }) => step < first), ...later];
}

/** What of a report the pruner goes by. @returns nothing where it does not speak of the objective */
function readIntermediate(
  { step, metrics }: Pick<JobReport, "step" | "metrics">,
  metric: string | undefined,
): Intermediate | undefined {
  const value = metric === undefined ? undefined : metrics[metric];
  return value === undefined ? undefined : { step, value };
}
