/**
 * The record of a study: each trial that ended is a write-once name in the store. What follows from the record, the next thing to
 * do and the trial that is taken, is decided here by pure functions, without Node, for workflows decide by it too.
 * @module
 */
import { formatOf } from "../../definitions/format.ts";
import type { ObjectiveSpec, TuningSpec } from "../../definitions/tuning-spec.ts";
import { toSeconds } from "../../definitions/units.ts";
import { countGrid } from "./search-space.ts";
import { type StudyRecord, type Suggestion, type Trial, trialSchema } from "./study.ts";

/** What the record needs of a store. */
export interface TrialStore {
  readName(name: string): Promise<unknown>;
  writeOnce(name: string, value: Trial): Promise<{ readonly created: boolean; readonly value: unknown }>;
  listNames(prefix: string): AsyncIterable<string>;
}

/** What the names of all trials begin with. */
const trialPrefix = "trial/";

/** Reads how many at once, so that a long study is no flood of requests. */
const readAtOnce = 16;

/**
 * The write-once name of a trial.
 *
 * @param number counts from 0
 * @param turn counts from 1: one that used up its memory is recorded once more when it was tried with more
 */
function trialName(study: string, { number, turn }: { readonly number: number; readonly turn: number }): string {
  return `${trialPrefix}${study}/${number}${turn > 1 ? `/${turn}` : ""}`;
}

/** Whether a trial used up the memory of its job, which has more now: it is tried again, with the same parameters. */
export function isTriedAgain({ memoryBytes }: Pick<Trial, "memoryBytes">, memoryNow: number): boolean {
  return memoryBytes !== undefined && memoryNow > memoryBytes;
}

/** A trial as it ended last, or nothing while it has not. */
export async function readTrial(
  store: Pick<TrialStore, "readName">,
  study: string,
  number: number,
): Promise<Trial | undefined> {
  let trial: Trial | undefined;
  for (let turn = 1; turn === 1 || trial?.memoryBytes !== undefined; turn++) {
    const value = await store.readName(trialName(study, { number, turn }));
    if (value === undefined) break;
    trial = trialSchema.parse(value);
  }
  return trial;
}

/** All trials of a study that ended, each as it did last, in the order of their numbers. */
export async function listTrials(store: Pick<TrialStore, "readName" | "listNames">, study: string): Promise<Trial[]> {
  const prefix = `${trialPrefix}${study}/`;
  const turns = new Map<number, number>();
  for await (const name of store.listNames(prefix)) {
    const [number = 0, turn = 1] = name.slice(prefix.length).split("/").map(Number);
    turns.set(number, Math.max(turn, turns.get(number) ?? 1));
  }
  const names = [...turns].map(([number, turn]) => trialName(study, { number, turn }));
  const trials: Trial[] = [];
  for (let start = 0; start < names.length; start += readAtOnce) {
    const values = names.slice(start, start + readAtOnce).map((name) => store.readName(name));
    trials.push(...(await Promise.all(values)).map((value) => trialSchema.parse(value)));
  }
  return sortTrials(trials);
}

/**
 * Records how a trial ended, unless that is recorded already: the first record stays, but for one that was tried again.
 *
 * @param memoryNow what its job might have in memory, in bytes. @default no trial was tried again
 * @returns the record that stands
 */
export async function recordTrial(
  store: Pick<TrialStore, "writeOnce">,
  trial: Omit<Trial, "format">,
  memoryNow = 0,
): Promise<{ readonly created: boolean; readonly trial: Trial }> {
  const written = { format: formatOf("trial"), ...trial };
  for (let turn = 1; ; turn++) {
    const { created, value } = await store.writeOnce(trialName(trial.study, { number: trial.number, turn }), written);
    const stands = trialSchema.parse(value);
    if (created || !isTriedAgain(stands, memoryNow)) return { created, trial: stands };
  }
}

/** The trial that is taken, and those that none beats. */
export interface Choice {
  readonly best: Trial;
  /** No other trial is as good in all objectives and better in one; in the order of their numbers. Of one objective, the best. */
  readonly front: readonly Trial[];
}

/**
 * Chooses among the trials that were completed: of those that none beats in all objectives, the best by the first objective, then
 * by the others in their order, then the earliest.
 *
 * @returns nothing when none was completed
 */
export function chooseBest(objectives: readonly ObjectiveSpec[], trials: readonly Trial[]): Choice | undefined {
  const completed = sortTrials(trials.filter(({ state }) => state === "completed"));
  const ranked = completed.toSorted((a, b) => comparePreference(objectives, a, b));
  const [best] = ranked;
  if (!best) return undefined;
  const front = completed.filter((trial) => !completed.some((other) => isBeaten(objectives, trial, other)));
  return { best, front: objectives.length === 1 ? [best] : front };
}

/** What a study has come to. */
export interface StudySummary {
  readonly completed: number;
  readonly pruned: number;
  readonly failed: number;
  /** Suggested, and not ended yet. */
  readonly open: number;
  /** How many trials there are at most. */
  readonly of: number;
  /** The wall time of all jobs together, in seconds. */
  readonly seconds: number;
  /** The trial that would be taken now. @default none was completed */
  readonly best?: { readonly number: number; readonly values: readonly number[] };
  /** The numbers of the trials that none beats. */
  readonly front: readonly number[];
}

/** Sums a study up. */
export function summarizeStudy(tuning: TuningSpec, { trials, open }: StudyRecord): StudySummary {
  const count = (state: Trial["state"]): number => trials.filter((trial) => trial.state === state).length;
  const choice = chooseBest(tuning.objectives, trials);
  return {
    completed: count("completed"),
    pruned: count("pruned"),
    failed: count("failed"),
    open: open.length,
    of: countPlanned(tuning),
    seconds: trials.reduce((sum, trial) => sum + trial.seconds, 0),
    ...(choice && { best: { number: choice.best.number, values: choice.best.values } }),
    front: choice?.front.map(({ number }) => number) ?? [],
  };
}

/** A study for people: `trial 12 of 30, best 0.71`. */
export function describeStudy({ completed, pruned, failed, of, best }: StudySummary): string {
  const ended = completed + pruned + failed;
  const parts = [
    `trial ${ended} of ${of}`,
    ...(best ? [`best ${best.values.map((value) => Number(value.toPrecision(4))).join(", ")}`] : []),
    ...(pruned > 0 ? [`${pruned} given up early`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return parts.join(", ");
}

/** Those suggestions whose trials have not ended. */
export function listOpenTrials(suggestions: readonly Suggestion[], trials: readonly Trial[]): Suggestion[] {
  const ended = new Set(trials.map(({ number }) => number));
  return suggestions.filter(({ number }) => !ended.has(number)).toSorted((a, b) => a.number - b.number);
}

/** How many trials a study has at most: a grid ends with its last cell. */
export function countPlanned({ sampler, space, trials }: Pick<TuningSpec, "sampler" | "space" | "trials">): number {
  return sampler === "grid" ? Math.min(trials, countGrid(space) ?? trials) : trials;
}

/** What is known besides the record, where the next thing is decided. */
export interface StudyClock {
  /** When the study began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** In milliseconds since 1970. */
  readonly now: number;
  /** How many GPUs each trial has. @default 0: the budget of GPU hours does not count */
  readonly gpus?: number;
}

/** Why a study ends. */
export type StudyEnd = "trials" | "grid" | "time" | "gpu-hours" | "failures";

/** The next thing to do in a study. */
export type NextStep =
  /** Begin one more trial, of this number. */
  | { readonly do: "begin"; readonly number: number }
  /** Let the open ones run; decide anew when one has ended. @default as many run as may */
  | { readonly do: "wait"; readonly because: "parallel" | StudyEnd }
  /** Nothing more is to be done; trials that are still open are of no use. */
  | { readonly do: "end"; readonly because: StudyEnd; readonly outcome: "chosen" | "failed" };

/**
 * Decides the next thing to do. A budget that is used up begins no new trial; those under way may end. A study fails when more
 * than the declared share of its trials failed: at once where even with all others well the share would be above it, otherwise
 * when it ends; and when it ends with no trial completed.
 */
export function decideNext(tuning: TuningSpec, record: StudyRecord, clock: StudyClock): NextStep {
  const { trials, open } = record;
  const planned = countPlanned(tuning);
  const failed = trials.filter(({ state }) => state === "failed").length;
  if (failed > tuning.failures * planned) return { do: "end", because: "failures", outcome: "failed" };
  const because = findEnd(tuning, record, clock);
  if (because === undefined) {
    if (open.length >= tuning.parallel) return { do: "wait", because: "parallel" };
    // The lowest one that is free: what was under way when a study was interrupted left a gap.
    const taken = new Set([...trials, ...open].map(({ number }) => number));
    let number = 0;
    while (taken.has(number)) number++;
    return { do: "begin", number };
  }
  if (open.length > 0) return { do: "wait", because };
  if (failed > tuning.failures * trials.length) return { do: "end", because: "failures", outcome: "failed" };
  const outcome = trials.some(({ state }) => state === "completed") ? "chosen" : "failed";
  return { do: "end", because, outcome };
}

/** Why no new trial may begin, or nothing while one may. */
function findEnd(tuning: TuningSpec, { trials, open }: StudyRecord, clock: StudyClock): StudyEnd | undefined {
  const planned = countPlanned(tuning);
  const { time, gpuHours } = tuning.budget;
  if (trials.length + open.length >= planned) return planned < tuning.trials ? "grid" : "trials";
  if (time !== undefined && clock.now - clock.startedAt >= toSeconds(time) * 1000) return "time";
  const seconds = trials.reduce((sum, trial) => sum + trial.seconds, 0);
  const gpus = clock.gpus ?? 0;
  const isUsedUp = gpuHours !== undefined && gpus > 0 && (seconds * gpus) / 3600 >= gpuHours;
  return isUsedUp ? "gpu-hours" : undefined;
}

/** Below 0 where `a` is preferred. */
function comparePreference(objectives: readonly ObjectiveSpec[], a: Trial, b: Trial): number {
  for (const [place] of objectives.entries()) {
    const difference = lossOf(objectives, a, place) - lossOf(objectives, b, place);
    if (difference !== 0) return difference;
  }
  return a.number - b.number;
}

function isBeaten(objectives: readonly ObjectiveSpec[], trial: Trial, other: Trial): boolean {
  const differences = objectives.map((_, place) => lossOf(objectives, other, place) - lossOf(objectives, trial, place));
  return differences.every((each) => each <= 0) && differences.some((each) => each < 0);
}

/** A trial's value of an objective, so that less is better. */
function lossOf(objectives: readonly ObjectiveSpec[], trial: Trial, place: number): number {
  const value = trial.values[place] ?? Number.NaN;
  return objectives[place]?.direction === "maximize" ? -value : value;
}

/** In the order of their numbers. */
export function sortTrials(trials: readonly Trial[]): Trial[] {
  return trials.toSorted((a, b) => a.number - b.number);
}
