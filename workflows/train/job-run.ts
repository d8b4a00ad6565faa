/**
 * A run of a training job under its identity: the one that is in the store already, or one that is trained now: on a cluster, or on this
 * machine when it has the cores and the GPUs for it.
 * @module
 */
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import { artefactNames, nameArtefact } from "../../framework/store/artefacts.ts";
import type { Reference } from "../../framework/store/reference.ts";
import { isUnwatched } from "../../framework/training/cluster-job.ts";
import { findRun } from "../../framework/training/find-run.ts";
import { takeShare } from "../../framework/training/machine-share.ts";
import { createProcessRunner } from "../../framework/training/process-runner.ts";
import { type JobReport, type Run, trainerClosureSchema } from "../../framework/training/run.ts";
import type { JobEnd, Runner } from "../../framework/training/runner.ts";
import { train } from "../../framework/training/train.ts";
import type { ActivityTools } from "../activity-tools.ts";
import type { openTrainingSet } from "../materialise/activities.ts";
import { endTrained, type TrackedPart, trackJob } from "./track-job.ts";

export interface JobRunOptions {
  readonly training: TrainingJobSpec;
  readonly params: TrainingJobSpec["params"];
  readonly desired: DesiredModel;
  /** The identity of the run. */
  readonly identity: string;
  readonly opened: Awaited<ReturnType<typeof openTrainingSet>>;
  readonly workFolder: string;
  /** Cancels the job. */
  readonly signal: AbortSignal;
  readonly show: (line: string) => void;
  readonly onReport: (report: JobReport) => void;
  /** Told how each job ended. @default nothing */
  readonly onEnd?: (end: JobEnd) => void;
  /** What it is a part of where it is tracked; its run is ended by whoever says it. @default it is a run of its own */
  readonly part?: TrackedPart | undefined;
}

export interface JobRun {
  readonly run: Run;
  readonly reference: Reference;
}

/** Finds the run, whole to the bytes of its model, or trains it and names it. */
export async function findOrTrain(
  { store, cores, gpus, tracking, cluster }: Pick<ActivityTools, "store" | "cores" | "gpus" | "tracking" | "cluster">,
  options: JobRunOptions,
): Promise<JobRun> {
  const { training, params, desired, identity, opened, workFolder, signal, show, onReport, onEnd, part } = options;
  const { found, lost } = await findRun(store, identity);
  if (found) {
    if (!part) await endTrained(tracking, { experiment: training.name, identity });
    return found;
  }
  if (lost !== undefined) show(`training again: ${lost}`);
  const share = cluster ? undefined : await takeShare({ cores, gpus }, training, { signal, onWait: show });
  try {
    return await trainTracked();
  } finally {
    share?.release();
  }

  async function trainTracked(): Promise<JobRun> {
    const tracked = await trackJob(tracking, {
      experiment: training.name,
      identity,
      // An MLflow script logs its parameters as it has them: `1` would keep it from logging `1.0`. What it leaves out is added there.
      params: training.trainer.kind === "mlflow" ? {} : params,
      seed: training.seed,
      part,
    });
    try {
      const { name, seed, resources } = training;
      const trained = await train({
        job: {
          name,
          identity,
          trainingSet: opened.trainingSet,
          trainingSetDigest: opened.digest,
          trainer: await store.getJson(desired.trainer, trainerClosureSchema),
          trainerReference: desired.trainer,
          params,
          seed,
          resources,
          code: desired.code,
        },
        store,
        workFolder,
        signal,
        gpus: share?.gpus,
        runner: watchEnds(cluster ?? createProcessRunner(), onEnd),
        environment: tracked.environment,
        onReport: (report) => {
          tracked.log(report);
          onReport(report);
        },
        onProgress: show,
      });
      await nameArtefact(store, artefactNames.run(identity), trained.reference.sha256);
      await tracked.end("FINISHED");
      return trained;
    } catch (error) {
      // What goes on in a cluster goes on there, and logs to its run.
      if (!isUnwatched(error)) await tracked.end(signal.aborted ? "KILLED" : "FAILED");
      throw error;
    }
  }
}

/** A runner that tells how its jobs end. */
function watchEnds(runner: Runner, onEnd: JobRunOptions["onEnd"]): Runner {
  if (!onEnd) return runner;
  return {
    ...runner,
    submit: async (job, watch, say) => {
      const running = await runner.submit(job, watch, say);
      // That its log cannot be written is told to whoever waits for the job.
      running.ended.then(onEnd, () => undefined);
      return running;
    },
  };
}

/** `"step 120 of 200, auc 0.712"`, `"step 120, checkpoint 3 kept"`. */
export function formatReport({ step, of, metrics, checkpoint, resumed }: JobReport): string {
  const measured = Object.entries(metrics).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  return [
    of === undefined ? `step ${step}` : `step ${step} of ${of}`,
    ...measured,
    ...(checkpoint === undefined ? [] : [`checkpoint ${checkpoint} kept`]),
    ...(resumed === undefined ? [] : [`going on from checkpoint ${resumed}`]),
  ].join(", ");
}
