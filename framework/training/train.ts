/**
 * One training: the trainer's program run on a training set, to an admitted model and the record of the run.
 * @module
 */
import { randomUUID } from "node:crypto";
import { lstat, mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { formatOf } from "../definitions/format.ts";
import { StewardError } from "../definitions/problem.ts";
import { toBytes } from "../definitions/units.ts";
import type { TrainingSet } from "../features/training-set.ts";
import { admitModel } from "../models/admission.ts";
import { type FrameworkAnswers, readWrittenAnswers } from "../models/framework-answers.ts";
import type { Digest } from "../plan/digest.ts";
import type { Reference } from "../store/reference.ts";
import { type AttemptLog, beginAttempt, removeAttempts } from "./attempt-log.ts";
import { type Attempt, type ClusterJob, introduceAttempt, judgeEnd, mayGoOn } from "./attempts.ts";
import { isUnwatched, openFolder } from "./cluster-job.ts";
import type { GpuDevice, GpuWish } from "./gpu-devices.ts";
import { describeUse, quoteLastLines } from "./job-failure.ts";
import { createJobFolder, type JobFolder, type ObjectFiles } from "./job-folder.ts";
import { keepReport, readKeptReports } from "./kept-reports.ts";
import { createProcessRunner } from "./process-runner.ts";
import type { Job, JobReport, Run, TrainerClosure } from "./run.ts";
import type { JobEnd, Runner, RunningJob } from "./runner.ts";
import { prepareCommand, type TrainingCommand } from "./training-command.ts";
import type { TrainingTools } from "./training-tools.ts";

/** What is to be trained. */
export interface TrainingRequest {
  /** The name of the training job, for problems. */
  readonly name: string;
  /** The run's identity: the digest of everything that decides its result. */
  readonly identity: Digest;
  readonly trainingSet: TrainingSet;
  /** The training set's own digest. */
  readonly trainingSetDigest: Digest;
  readonly trainer: TrainerClosure;
  /** Where the closure itself is in the store. */
  readonly trainerReference: Reference;
  readonly params: Job["params"];
  readonly seed: number;
  /** The code that it is asked for from. @default it is not under version control */
  readonly code?: NonNullable<Run["code"]> | undefined;
  /** As the definition writes them: cores, and memory with its unit. */
  readonly resources: {
    readonly cpu: number;
    readonly memory: string;
    /** What a cluster is asked for; on this machine `gpus` of the options are lent. @default none */
    readonly gpu?: GpuWish | undefined;
  };
}

/** What a training needs of the store. */
export interface RunStore extends ObjectFiles {
  putFile(path: string): Promise<Reference>;
  putJson(value: unknown): Promise<Reference>;
}

export interface TrainOptions {
  readonly job: TrainingRequest;
  readonly store: RunStore;
  /** Where jobs get their folders, their logs and what they check-point. */
  readonly workFolder: string;
  /** @default those of this machine */
  readonly tools?: TrainingTools;
  /** @default a process on this machine */
  readonly runner?: Runner;
  /** Variables that the program gets beside its own: where it logs. @default none */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** The GPUs that are lent to it. @default none */
  readonly gpus?: readonly GpuDevice[] | undefined;
  /** Cancels the job. @default it runs to its end */
  readonly signal?: AbortSignal | undefined;
  /** Gets the job's reports. @default nothing */
  readonly onReport?: ((report: JobReport) => void) | undefined;
  /** Told what is going on before the job runs, in a few words. @default nothing */
  readonly onProgress?: ((step: string) => void) | undefined;
}

/** The largest file of answers that is read, in bytes. */
const largestAnswers = 16 * 2 ** 20;

export interface TrainedRun {
  readonly run: Run;
  /** Where the run's record is in the store. */
  readonly reference: Reference;
}

/**
 * Trains: lays out the job's folder, finds or builds its environment, runs it, admits its model, records the run.
 *
 * @throws StewardError `training-failed`, `training-out-of-memory`, `training-preempted`, `training-without-model` or
 * `model-refused`; `runner-unreachable` or `runner-refused` of a cluster, which keeps the job; what `prepareCommand` and
 * `createJobFolder` throw; the reason of `signal`.
 */
export async function train(options: TrainOptions): Promise<TrainedRun> {
  const { job, store, workFolder, signal } = options;
  const { folder, clusterJob, isLeft } = await openFolder({ ...options, ...job }, () => {
    signal?.throwIfAborted();
    return createJobFolder({ ...job, workFolder, objects: store, signal });
  });
  // What a cluster runs goes on in its folder.
  let isKept = isLeft;
  try {
    const command = await prepareCommand({
      ...options,
      ...job,
      folder,
      hasValidation: job.trainingSet.splits.validation.rows > 0,
    });
    const log = await placeLog(workFolder, job.identity);
    // One that goes on from its last checkpoint may have nothing more to report.
    const earlier = (await readKeptReports(workFolder, job.identity)).flat();
    const metrics: Record<string, number> = {};
    for (const report of earlier) Object.assign(metrics, report.metrics);
    const { end, attempts } = await attemptJob({
      folder,
      command,
      log,
      options,
      clusterJob,
      isLeft,
      onReport: (report) => Object.assign(metrics, report.metrics),
      onSubmit: () => {
        isKept = false;
      },
    });
    await checkModelWritten(folder.job.model, job.name, log);
    const admission = await admitModel(folder.job.model, {
      model: job.name,
      features: job.trainingSet.features.length,
      task: job.trainingSet.task,
      classes: job.trainingSet.classes?.length,
      signal,
    });
    const answers = await readAnswers(folder.answers);
    const run: Run = {
      format: formatOf("run"),
      identity: job.identity,
      trainingSet: job.trainingSetDigest,
      trainer: job.trainerReference,
      onnx: await store.putFile(folder.job.model),
      ...(answers && { answers: await store.putJson(answers) }),
      params: job.params,
      seed: job.seed,
      metrics,
      log: await store.putFile(log),
      admission,
      seconds: Math.round(end.seconds * 1000) / 1000,
      ...command.runtime,
      ...(job.code && { code: job.code }),
      ...(options.gpus && { gpus: options.gpus.map(({ name, uuid }) => ({ name, uuid })) }),
      attempts: [...attempts],
    };
    const reference = await store.putJson(run);
    await folder.removeCheckpoints();
    await removeAttempts(workFolder, job.identity);
    return { run, reference };
  } catch (error) {
    isKept ||= isUnwatched(error);
    throw error;
  } finally {
    if (!isKept) await folder.remove();
  }
}

interface JobRun {
  readonly folder: JobFolder;
  readonly command: TrainingCommand;
  readonly log: string;
  readonly options: TrainOptions;
  readonly clusterJob: ClusterJob | undefined;
  readonly isLeft: boolean;
  readonly onReport: (report: JobReport) => void;
  /** Told that it is the runner's now. */
  readonly onSubmit: () => void;
}

/** Runs the job as one more attempt of its run, whose log says how it ended whatever happens. */
async function attemptJob(run: JobRun): Promise<{ readonly end: JobEnd; readonly attempts: readonly Attempt[] }> {
  const { folder, log, options } = run;
  const { job, signal, workFolder } = options;
  // One that is in the cluster already is stopped by whoever watches it.
  if (!run.isLeft) signal?.throwIfAborted();
  const { checkpoints } = folder.job;
  const attempt = await beginAttempt({ workFolder, identity: job.identity, checkpoints, job: run.clusterJob });
  try {
    const introduction = run.isLeft ? "watches the job on that is in the cluster" : introduceAttempt(attempt.earlier);
    if (introduction !== undefined) options.onProgress?.(introduction);
    const { end, running } = await runJob(run, attempt);
    const isStopped = signal?.aborted ?? false;
    const how = judgeEnd(end, isStopped);
    const attempts = await attempt.close(how);
    signal?.throwIfAborted();
    if (how === "preempted" && mayGoOn(attempts)) throw describePreemption(job, attempts);
    if (how !== "succeeded") throw describeFailure({ end, running, log, job });
    return { end, attempts };
  } catch (error) {
    if (isUnwatched(error)) attempt.leave();
    throw error;
  } finally {
    // What threw before the job ended has left no other word.
    await attempt.close(signal?.aborted ? "stopped" : "failed");
  }
}

async function runJob(
  { folder, command, log, options, clusterJob, isLeft, onReport, onSubmit }: JobRun,
  attempt: AttemptLog,
): Promise<{ readonly end: JobEnd; readonly running: RunningJob }> {
  const { job, signal } = options;
  const runner = options.runner ?? createProcessRunner();
  const { reports } = folder.job;
  // Of one that is watched on, all that it has printed is read again.
  const place = reports && (isLeft ? { ...reports, attempt: randomUUID() } : reports);
  const running = await runner.submit(
    {
      id: clusterJob?.id,
      command: command.command,
      folder: folder.path,
      log,
      resources: {
        cpu: job.resources.cpu,
        memoryBytes: toBytes(job.resources.memory),
        ...(options.gpus && { gpus: options.gpus.map(({ uuid }) => uuid) }),
        gpuWish: job.resources.gpu,
      },
      environment: { ...options.environment, ...command.environment },
    },
    ({ kept = false, ...report }) => {
      if (place && !kept) keepReport(place, report);
      if (report.resumed !== undefined) attempt.resume({ checkpoint: report.resumed, step: report.step });
      onReport(report);
      options.onReport?.(report);
    },
    options.onProgress,
  );
  onSubmit();
  // That its log cannot be written is told by `ended`, once.
  const cancel = () => void running.cancel().catch(() => undefined);
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted) cancel();
  const end = await running.ended.finally(() => signal?.removeEventListener("abort", cancel));
  return { end, running };
}

function describePreemption(job: TrainingRequest, attempts: readonly Attempt[]): StewardError {
  const lost = Math.round(attempts.at(-1)?.lostSeconds ?? 0);
  return new StewardError({
    code: "training-preempted",
    at: `${job.name}.trainer`,
    what: `The trainer was ended by the machine it ran on, and goes on from its last checkpoint; ${lost} s of work are done again`,
  });
}

/** Outside the job's folder, so that the log of a failed job is still there to be read. */
async function placeLog(workFolder: string, identity: Digest): Promise<string> {
  const logs = join(workFolder, "logs");
  await mkdir(logs, { recursive: true });
  return join(logs, `${identity}.log`);
}

async function checkModelWritten(model: string, name: string, log: string): Promise<void> {
  const file = await stat(model).catch(() => undefined);
  if (file?.isFile() && file.size > 0) return;
  throw new StewardError({
    code: "training-without-model",
    at: `${name}.trainer`,
    what: "The trainer ended well and left no model",
    got: file ? "an empty file" : "no file",
    expected: "an ONNX file at the job's model path",
    fix: `call job.save(model) before the trainer ends; its log is at ${log}`,
  });
}

/** What the framework answered when the model was saved; nothing where the job has left nothing of the kind. */
async function readAnswers(path: string): Promise<FrameworkAnswers | undefined> {
  const file = await lstat(path).catch(() => undefined);
  if (!file?.isFile() || file.size > largestAnswers) return undefined;
  return readWrittenAnswers(await readFile(path, "utf8"));
}

interface Failure {
  readonly end: JobEnd;
  readonly running: RunningJob;
  readonly log: string;
  readonly job: TrainingRequest;
}

function describeFailure({ end, running, log, job }: Failure): StewardError {
  const last = quoteLastLines(running);
  const seen = describeUse(end);
  if (end.outcome === "out-of-memory") {
    return new StewardError({
      code: "training-out-of-memory",
      at: `${job.name}.resources.memory`,
      what: `The trainer used more memory than it may and was ended ${seen}`,
      expected: `at most ${job.resources.memory}`,
      fix: 'raise "memory", or train on fewer rows or columns',
    });
  }
  return new StewardError({
    code: "training-failed",
    at: `${job.name}.trainer`,
    what: `The trainer "${job.trainer.entry}" ended with ${end.how} ${seen}; its last lines:${last || " none"}\n`,
    fix: `mend the trainer; its whole log is at ${log}`,
  });
}
