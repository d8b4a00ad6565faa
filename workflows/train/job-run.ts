/**
 * A run of a training job under its identity: the one that is in the store already, or one that is trained now, when the
 * machine has the cores for it.
 * @module
 */
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { DesiredModel } from "../../framework/engine/messages.ts";
import { artefactNames, nameArtefact, readArtefact } from "../../framework/store/artefacts.ts";
import type { Reference } from "../../framework/store/reference.ts";
import { createProcessRunner } from "../../framework/training/process-runner.ts";
import { type JobReport, type Run, runSchema, trainerClosureSchema } from "../../framework/training/run.ts";
import type { JobEnd, Runner } from "../../framework/training/runner.ts";
import { train } from "../../framework/training/train.ts";
import type { ActivityTools } from "../activity-tools.ts";
import type { openTrainingSet } from "../materialise/activities.ts";
import { trackJob } from "./track-job.ts";

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
}

export interface JobRun {
  readonly run: Run;
  readonly reference: Reference;
}

/** Finds the run, whole, or trains it and names it. */
export async function findOrTrain(
  { store, cores, tracking }: Pick<ActivityTools, "store" | "cores" | "tracking">,
  options: JobRunOptions,
): Promise<JobRun> {
  const { training, params, desired, identity, opened, workFolder, signal, show, onReport, onEnd } = options;
  const known = await readArtefact(store, artefactNames.run(identity));
  const kept = known === undefined ? undefined : await store.stat(known);
  if (kept) {
    const run = await store.getJson(kept, runSchema);
    if (await store.has(run.onnx.sha256)) return { run, reference: kept };
  }
  const release = await cores.take(training.resources.cpu, { signal, onWait: show });
  const tracked = await trackJob(tracking, { experiment: training.name, identity, params, seed: training.seed });
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
      ...(onEnd && { runner: watchEnds(onEnd) }),
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
    await tracked.end(signal.aborted ? "KILLED" : "FAILED");
    throw error;
  } finally {
    release();
  }
}

/** The runner of this machine, telling how its jobs end. */
function watchEnds(onEnd: (end: JobEnd) => void): Runner {
  const runner = createProcessRunner();
  return {
    submit: async (job, watch) => {
      const running = await runner.submit(job, watch);
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
