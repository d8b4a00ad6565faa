/**
 * One trial: a training with the suggested parameters, given up when it does worse than others, measured on the validation rows.
 * @module
 */
import { type ProblemCode, StewardError } from "../../framework/definitions/problem.ts";
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { TuningSpec } from "../../framework/definitions/tuning-spec.ts";
import { toBytes } from "../../framework/definitions/units.ts";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import { measureValidation } from "../../framework/evaluation/measure-validation.ts";
import { trialIdentity } from "../../framework/plan/identity.ts";
import type { JobEnd } from "../../framework/training/runner.ts";
import type { Suggestion, Trial } from "../../framework/training/tuning/study.ts";
import { openTrialReports } from "../../framework/training/tuning/trial-reports.ts";
import type { ActivityTools } from "../activity-tools.ts";
import type { openTrainingSet } from "../materialise/activities.ts";
import { findOrTrain, formatReport } from "../train/job-run.ts";
import type { TrackedPart } from "../train/track-job.ts";
import { createPruning, GivenUp } from "./pruning.ts";
import type { OpenStudy } from "./studies.ts";

export interface TrialOptions {
  readonly training: TrainingJobSpec & { readonly tuning: TuningSpec };
  readonly desired: DesiredModel;
  readonly study: OpenStudy;
  readonly suggestion: Suggestion;
  readonly opened: Awaited<ReturnType<typeof openTrainingSet>>;
  /** The training set's identity. */
  readonly trainingSet: string;
  readonly workFolder: string;
  /** Cancels the trial, which is then none. */
  readonly signal: AbortSignal;
  readonly show: (line: string) => void;
  /** What it is a part of where it is tracked. @default it is not tracked */
  readonly part?: TrackedPart | undefined;
}

/** What the trainer or its parameters are to blame for; anything else says nothing of them. */
const trainerFaults: ReadonlySet<ProblemCode> = new Set([
  "training-failed",
  "training-out-of-memory",
  "training-without-model",
  "model-refused",
  "prediction-unfit",
]);

/**
 * Carries a trial out.
 *
 * @throws what keeps it from being carried out and is no fault of its trainer; the reason of `signal`
 */
export async function carryOut(
  tools: Pick<ActivityTools, "store" | "cores" | "gpus" | "tracking" | "cluster">,
  options: TrialOptions,
): Promise<Omit<Trial, "format" | "study">> {
  const { training, desired, study, suggestion, opened, signal, show } = options;
  const { number, params } = suggestion;
  const [objective] = training.tuning.objectives;
  const parts = { trainingSet: options.trainingSet, trainer: desired.trainer.sha256 };
  const identity = trialIdentity(training, params, parts);
  let jobEnd: JobEnd | undefined;
  const { workFolder } = options;
  const reports = await openTrialReports({ workFolder, identity, metric: objective?.metric });
  const { pruner } = training.tuning;
  const pruning = createPruning({ pruner, study, number, reports, stopped: signal, show });
  const tell = (): void => {
    study.note({ number, params, intermediates: reports.all });
    pruning.judge();
  };
  // By what it had reported before its worker was lost it may be given up at once.
  if (reports.all.length > 0) tell();
  const ended = (seconds: number, intermediates = reports.all) => ({
    number,
    params,
    intermediates: [...intermediates],
    seconds: Math.round(seconds * 1000) / 1000,
  });
  try {
    const { run, reference } = await findOrTrain(tools, {
      training,
      params: { ...training.params, ...params },
      desired,
      identity,
      opened,
      workFolder,
      signal: AbortSignal.any([signal, pruning.signal]),
      show,
      onReport: (report) => {
        show(formatReport(report));
        if (reports.add(report)) tell();
      },
      onEnd: (end) => {
        jobEnd = end;
      },
      part: options.part,
    });
    await pruning.settled();
    pruning.signal.throwIfAborted();
    const metrics = training.tuning.objectives.map(({ metric }) => metric);
    show("measuring on the validation rows");
    const values = await measureValidation({
      name: training.name,
      onnx: run.onnx,
      trainingSet: opened.trainingSet,
      metrics,
      fetchFile: (object) => tools.store.fetchFile(object),
      signal,
    });
    const undefinedAt = values.findIndex((value) => !Number.isFinite(value));
    if (undefinedAt < 0) return { ...ended(run.seconds), state: "completed", values: [...values], run: reference };
    const reason = `${metrics[undefinedAt]} is not defined on the validation rows`;
    return { ...ended(run.seconds), state: "failed", values: [], reason };
  } catch (error) {
    signal.throwIfAborted();
    await pruning.settled();
    signal.throwIfAborted();
    const seconds = jobEnd?.seconds ?? 0;
    const verdict: unknown = pruning.signal.reason;
    if (verdict instanceof GivenUp)
      return { ...ended(seconds, verdict.reports), state: "pruned", values: [], reason: verdict.message };
    if (error instanceof StewardError && error.problems.some(({ code }) => code === "training-preempted")) throw error;
    if (isKilled(jobEnd)) throw new Error(`the job was ended from outside: ${jobEnd?.how}`, { cause: error });
    const reason = findFault(error);
    if (reason === undefined) throw error;
    const usedUp = jobEnd?.outcome === "out-of-memory" && { memoryBytes: toBytes(training.resources.memory) };
    return { ...ended(seconds), state: "failed", values: [], reason, ...usedUp };
  }
}

/** Whether a job was ended by somebody else, which tells nothing of its parameters: it is tried again. */
export function isKilled(end: Pick<JobEnd, "outcome" | "how"> | undefined): boolean {
  return end?.outcome === "failed" && /^signal (SIGKILL|SIGTERM|SIGHUP|SIGINT)$/.test(end.how);
}

/** Why a trial failed by its trainer's fault. @returns nothing for what is none */
export function findFault(error: unknown): string | undefined {
  if (!(error instanceof StewardError) || !error.problems.every(({ code }) => trainerFaults.has(code)))
    return undefined;
  return error.problems.map(({ what }) => what.trim()).join("\n");
}
