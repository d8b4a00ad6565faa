/**
 * The verdict on a study that was disturbed: how it differs from one that was not, and from what was declared. Pure.
 * @module
 */
import type { Trial } from "../../../framework/training/tuning/study.ts";
import type { Kill } from "./kills.ts";

/** A kill as it was done. */
export interface DoneKill extends Kill {
  /** The runs that were recorded, and how many programs had been started, just before. */
  readonly recorded: readonly string[];
  readonly begun: number;
}

/** What a study left behind. */
export interface Observed {
  readonly trials: readonly Trial[];
  /** The write-once names of its trials. */
  readonly names: readonly string[];
  /** How many names each completed trial's run has: one for each time that it was trained to its end. */
  readonly runNames: readonly number[];
  /** The identities of the runs whose programs were started, in order. */
  readonly begun: readonly string[];
  /** The number of each trial that the workflow had carried out, as often as it did. */
  readonly carriedOut: readonly number[];
  /** How many workflows there were of the study, all of its runs counted. */
  readonly workflows: number;
  /** How the last of them ended, as the engine has it. */
  readonly state: string;
  readonly kills: readonly DoneKill[];
  /** Processes of the worker's that outlived it. */
  readonly left: readonly string[];
}

export interface Declared {
  readonly trials: number;
  readonly parallel: number;
  /** The identity of a trial's run. */
  readonly runOf: (trial: Trial) => string;
  /** Whether the trainer fails with a trial's parameters. */
  readonly fails: (trial: Trial) => boolean;
  /** The trials of the same study, undisturbed. @default it cannot be told what they would be: some run at a time */
  readonly calm?: readonly Trial[];
}

/** Everything that is wrong with a study. */
export function findBreaches(declared: Declared, seen: Observed): readonly string[] {
  const numbers = Array.from({ length: declared.trials }, (_, number) => number);
  const { trials } = seen;
  return [
    ...(seen.state === "COMPLETED" ? [] : [`the study's workflow is ${seen.state}`]),
    ...(seen.workflows === 1 ? [] : [`the study had ${seen.workflows} workflows`]),
    ...describeNumbers(
      "recorded",
      trials.map(({ number }) => number),
      numbers,
    ),
    ...(seen.names.length === trials.length ? [] : [`${trials.length} trials have ${seen.names.length} names`]),
    ...describeNumbers("carried out", seen.carriedOut, numbers),
    ...trials
      .filter((trial) => (trial.state === "failed") !== declared.fails(trial))
      .map(
        ({ number, state, reason = "" }) => `trial ${number} is ${state} and its trainer is not to blame: ${reason}`,
      ),
    ...seen.runNames.filter((count) => count !== 1).map((count) => `a run was trained to its end ${count} times`),
    ...findDifferences(trials, declared.calm),
    ...findDoubledRuns(declared, seen),
    ...seen.left.map((command) => `a process was left: ${command}`),
  ];
}

function describeNumbers(what: string, found: readonly number[], wanted: readonly number[]): readonly string[] {
  const lost = wanted.filter((number) => !found.includes(number));
  const others = found.filter((number, at) => !wanted.includes(number) || found.indexOf(number) !== at);
  return [
    ...(lost.length > 0 ? [`not ${what}: ${lost.join(", ")}`] : []),
    ...(others.length > 0 ? [`${what} again, or not declared: ${others.join(", ")}`] : []),
  ];
}

/** What of a trial does not depend on how long things take. */
function describeTrial({ params, state, values, intermediates }: Trial): string {
  return JSON.stringify({ params, state, values, intermediates });
}

function findDifferences(trials: readonly Trial[], calm: readonly Trial[] | undefined): readonly string[] {
  return (calm ?? []).flatMap((one) => {
    const other = trials.find(({ number }) => number === one.number);
    if (!other || describeTrial(one) === describeTrial(other)) return [];
    return [`trial ${one.number} is ${describeTrial(other)}, and undisturbed ${describeTrial(one)}`];
  });
}

/** Programs that were started again though what they do was recorded, and more of them than were interrupted. */
function findDoubledRuns({ parallel, runOf }: Declared, { trials, begun, kills }: Observed): readonly string[] {
  const afterwards = kills.flatMap(({ victim, recorded, begun: before }) =>
    begun
      .slice(before)
      .filter((run) => recorded.includes(run))
      .map((run) => `run ${run.slice(0, 12)} was started again after ${victim} was killed, and was recorded before`),
  );
  const known = new Set(trials.map(runOf));
  const strange = begun.filter((run) => !known.has(run)).map((run) => `run ${run.slice(0, 12)} belongs to no trial`);
  // Without a worker nothing runs; without the engine for long, what runs is taken for lost.
  const interrupting = kills.filter(({ victim }) => victim !== "sampler").length;
  const again = begun.length - new Set(begun).size;
  const most = interrupting * parallel;
  return [
    ...afterwards,
    ...strange,
    ...(again > most ? [`${again} programs were started again, for ${most} that were interrupted`] : []),
  ];
}
