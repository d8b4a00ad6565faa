/**
 * A study on the tracking server: a run with its trials as runs that are part of it. Each is found again by its identity, a trial's by the
 * study's and its number, so that whoever goes on after a kill doubles none. A server that does not answer fails no study: the truth is
 * the record.
 * @module
 */
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { TuningSpec } from "../../framework/definitions/tuning-spec.ts";
import {
  endLeftRuns,
  openTrackedRun,
  type RunStatus,
  type SettledRun,
  settleTrackedRun,
  type TrackedRunOptions,
  type TrackingAddress,
} from "../../framework/tracking/client/tracked-run.ts";
import type { Suggestion, Trial } from "../../framework/training/tuning/study.ts";
import { chooseBest, countPlanned, type StudyEnd } from "../../framework/training/tuning/study-record.ts";
import { nameRun, sayUntracked, type TrackedPart } from "../train/track-job.ts";

/** What of a study its runs tell. */
export interface TrackedStudy {
  /** The study's identity. */
  readonly identity: string;
  readonly training: Pick<TrainingJobSpec, "name" | "params" | "seed"> & { readonly tuning: TuningSpec };
}

/** How long a tag may be where any server takes it. */
const longestTag = 5_000;

/** Opens the run of a study. Never rejects. @returns its id; nothing where it is not tracked */
export async function openStudyRun(
  tracking: TrackingAddress | undefined,
  study: TrackedStudy,
): Promise<string | undefined> {
  if (!tracking) return undefined;
  const opened = await openTrackedRun(tracking, { ...describeStudyRun(study), again: true }).catch(sayUntracked);
  return opened?.id;
}

/** Ends the run of a study that has come to its end, with its best parameters and what they came to. Never rejects. */
export async function settleStudyRun(
  tracking: TrackingAddress | undefined,
  study: TrackedStudy,
  end: StudyOutcome,
): Promise<void> {
  if (!tracking) return;
  const { identity, training } = study;
  // A trial whose end the server did not take.
  await endLeftRuns(tracking, { experiment: training.name, identity }).catch(sayUntracked);
  await settleTrackedRun(tracking, describeStudyEnd(study, end)).catch(sayUntracked);
}

/** Ends the run of a trial as its record says. Never rejects. @param parent the study's run, where there is one */
export async function settleTrialRun(
  tracking: TrackingAddress | undefined,
  study: TrackedStudy,
  told: TrialOutcome,
): Promise<void> {
  if (tracking) await settleTrackedRun(tracking, describeTrialEnd(study, told)).catch(sayUntracked);
}

/** Ends what is still open of a study that does not go on. Never rejects. */
export async function leaveStudyRun(
  tracking: TrackingAddress | undefined,
  { identity, training }: TrackedStudy,
): Promise<void> {
  if (tracking)
    await endLeftRuns(tracking, { experiment: training.name, identity, status: "KILLED" }).catch(sayUntracked);
}

/** A study's run while it goes on: the parameters that all trials share, and as tags what is searched. Pure. */
function describeStudyRun({ identity, training }: TrackedStudy): TrackedRunOptions {
  const { name, params, seed, tuning } = training;
  const [objective] = tuning.objectives;
  const searched = new Set(tuning.space.map(({ param }) => param));
  const space = JSON.stringify(tuning.space);
  return {
    experiment: name,
    identity,
    name: nameRun(name, identity),
    params: Object.fromEntries(Object.entries(params).filter(([param]) => !searched.has(param))),
    tags: {
      "job.seed": String(seed),
      "study.sampler": tuning.sampler,
      "study.trials": String(countPlanned(tuning)),
      ...(objective && { "study.metric": objective.metric, "study.direction": objective.direction }),
      ...(space.length <= longestTag && { "study.space": space }),
    },
  };
}

export interface StudyOutcome {
  readonly trials: readonly Trial[];
  readonly because: StudyEnd;
  readonly outcome: "chosen" | "failed";
}

/** A study's run at its end. Pure. */
export function describeStudyEnd(study: TrackedStudy, { trials, because, outcome }: StudyOutcome): SettledRun {
  const { objectives } = study.training.tuning;
  const best = outcome === "chosen" ? chooseBest(objectives, trials)?.best : undefined;
  const run = describeStudyRun(study);
  const count = (state: Trial["state"]) => String(trials.filter((trial) => trial.state === state).length);
  return {
    ...run,
    params: { ...run.params, ...best?.params },
    status: best ? "FINISHED" : "FAILED",
    metrics: best ? nameValues(study, best) : {},
    outcome: [
      ["study.ended", because],
      ["study.completed", count("completed")],
      ["study.pruned", count("pruned")],
      ["study.failed", count("failed")],
      ...(best ? [["study.best", sayNumber(best)] as const] : []),
    ],
  };
}

/** The run of a trial that begins. Pure. @param parent the study's run, where there is one */
export function describeTrialRun(
  study: TrackedStudy,
  { number }: Pick<Suggestion, "number">,
  parent?: string,
): TrackedPart {
  return {
    identity: `${study.identity}/${number}`,
    name: `${study.training.name} ${sayNumber({ number })}`,
    tags: {
      "job.seed": String(study.training.seed),
      "trial.number": String(number + 1),
      "trial.study": study.identity,
    },
    parent,
  };
}

export interface TrialOutcome {
  readonly trial: Trial;
  /** The study's run. @default it is not tracked */
  readonly parent: string | undefined;
}

/** How the states of trials are told by a protocol that has no word for what was given up. */
const statusOf: Readonly<Record<Trial["state"], RunStatus>> = {
  completed: "FINISHED",
  pruned: "KILLED",
  failed: "FAILED",
};

/** The run of a trial at its end. Pure. */
export function describeTrialEnd(study: TrackedStudy, { trial, parent }: TrialOutcome): SettledRun {
  const { training } = study;
  const [objective] = training.tuning.objectives;
  const { reason } = trial;
  return {
    experiment: training.name,
    ...describeTrialRun(study, trial, parent),
    params: { ...training.params, ...trial.params },
    status: statusOf[trial.state],
    metrics: nameValues(study, trial),
    history: objective ? { [objective.metric]: trial.intermediates } : {},
    outcome: [
      ["trial.state", trial.state],
      ["trial.seconds", String(trial.seconds)],
      ...(reason === undefined ? [] : [["trial.reason", reason.slice(0, longestTag)] as const]),
    ],
  };
}

function nameValues({ training }: TrackedStudy, { values }: Pick<Trial, "values">): Record<string, number> {
  return Object.fromEntries(
    training.tuning.objectives.flatMap(({ metric }, i) => {
      const value = values[i];
      return value === undefined ? [] : [[metric, value]];
    }),
  );
}

/** `trial 13`: people count from 1. */
function sayNumber({ number }: Pick<Trial, "number">): string {
  return `trial ${number + 1}`;
}
