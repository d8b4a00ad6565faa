/**
 * Whether a trial is given up: each of its reports is judged, in their order, by what others had reported at that step. What it comes
 * to follows from the record and the reports, and not from how fast the sampler answers.
 * @module
 */
import type { TuningSpec } from "../../framework/definitions/tuning-spec.ts";
import type { Intermediate, StudyRecord } from "../../framework/training/tuning/study.ts";
import type { TrialReports } from "../../framework/training/tuning/trial-reports.ts";
import type { OpenStudy } from "./studies.ts";

/** Why a trial is given up. */
export class GivenUp extends Error {
  /** What it had reported, the last of which decided it. */
  readonly reports: readonly Intermediate[];

  constructor(reports: readonly Intermediate[]) {
    super(`given up at step ${reports.at(-1)?.step ?? 0}`);
    this.reports = reports;
  }
}

export interface Pruning {
  /** Aborted with `GivenUp` when the trial is given up. */
  readonly signal: AbortSignal;
  /** Has what was reported since judged, one question at a time. */
  judge(): void;
  /** Resolves when all that was reported is judged, or cannot be. */
  settled(): Promise<void>;
}

export interface PruningOptions {
  readonly pruner: TuningSpec["pruner"];
  readonly study: Pick<OpenStudy, "sampler" | "record" | "noted">;
  /** The trial's number, from 0. */
  readonly number: number;
  readonly reports: TrialReports;
  /** Ends the judging. */
  readonly stopped: AbortSignal;
  readonly show: (line: string) => void;
}

/** For how long what is known of the others counts as new, in milliseconds: a trainer may report a thousand times a second. */
const freshMilliseconds = 1_000;

/** The pruning of a trial. */
export function createPruning({ pruner, study, number, reports, stopped, show }: PruningOptions): Pruning {
  const verdict = new AbortController();
  let judged: readonly Intermediate[] = [];
  let asking: Promise<void> | undefined;
  let known: { readonly record: StudyRecord; readonly at: number } | undefined;
  const ask = async (): Promise<void> => {
    const sampler = await study.sampler(show);
    while (!stopped.aborted) {
      const next = countCommon(judged, reports.all);
      if (next === reports.all.length) return;
      const shown = reports.all.slice(0, next + 1);
      if (!known || performance.now() - known.at > freshMilliseconds)
        known = { record: await study.record(study.noted), at: performance.now() };
      if (await sampler.shouldPrune(known.record, { number, intermediates: shown }))
        return verdict.abort(new GivenUp(shown));
      judged = shown;
    }
  };
  const judge = (): void => {
    if (pruner.kind === "none" || verdict.signal.aborted) return;
    // A trial that nobody could judge runs to its end: it costs time, and no result.
    asking ??= ask()
      .catch(() => undefined)
      .finally(() => {
        asking = undefined;
      });
  };
  return {
    signal: verdict.signal,
    judge,
    settled: async () => {
      await asking;
      // What was reported while a question that failed was under way.
      judge();
      await asking;
    },
  };
}

/** How many of the first reports are the same. */
function countCommon(some: readonly Intermediate[], others: readonly Intermediate[]): number {
  const isSame = ({ step, value }: Intermediate, at: number): boolean =>
    others[at]?.step === step && others[at]?.value === value;
  const differs = some.findIndex((report, at) => !isSame(report, at));
  return differs < 0 ? Math.min(some.length, others.length) : differs;
}
