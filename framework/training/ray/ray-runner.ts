/**
 * The runner `ray`: a job is a submission to a Ray cluster's Jobs API.
 *
 * A job's folder, its environment and its inputs are paths, so they must lie on a file system that all nodes share under the same
 * names, and the processes of Ray must be of the user whose files they are. Ray keeps a job when whoever submitted it is gone: one that is
 * submitted again by its id is watched on, from its first line. Ray that does not answer is asked again for a while; then it is said, and
 * the job is left as it is.
 * @module
 */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { listWords } from "../../definitions/gpu-type.ts";
import { StewardError } from "../../definitions/problem.ts";
import { writeWhole } from "../../supervisor/private-file.ts";
import { locateTemporary } from "../job-environment.ts";
import { type JobOutput, openJobOutput } from "../job-output.ts";
import type { JobEnd, JobResources, RunnableJob, Runner } from "../runner.ts";
import { describeRayEnd, isRefusedRoom, type LaunchSigns } from "./ray-end.ts";
import {
  createRayJobs,
  type RayJob,
  type RayJobs,
  type RayPlace,
  RayRefused,
  type RaySubmission,
  RayUnanswered,
} from "./ray-jobs.ts";
import { composeEntrypoint, composeLaunch, locateLaunch } from "./ray-launch.ts";

export interface RayRunnerOptions extends RayPlace {
  /** How long a job may take from SIGTERM to its end, in whole seconds. @default 10 */
  readonly graceSeconds?: number;
  /** How often Ray is asked how a job is, in milliseconds. @default 1000 */
  readonly pollMilliseconds?: number;
  /** How long Ray may fail to answer before that is a problem, in seconds; 30 at most while a job is being cancelled. @default 300 */
  readonly patienceSeconds?: number;
}

const usual = { graceSeconds: 10, pollMilliseconds: 1_000, patienceSeconds: 300 } as const;
const patienceOfCancelling = 30;
/** The longest time between two tries to be answered, in milliseconds. */
const longestPause = 10_000;
/** A log is read as a whole: reading it takes a twentieth of the time at most, or happens every 30 seconds. */
const logShare = 20;
const longestLogPause = 30_000;
/** How often the log of a job that has ended is asked for: it may have gone with its node. */
const logTries = 3;
/** How often a job is asked to stop, in milliseconds. */
const stopMilliseconds = 10_000;

/** Creates a runner of jobs on a cluster. */
export function createRayRunner(options: RayRunnerOptions): Runner {
  const jobs = createRayJobs(options);
  return {
    isCluster: true,
    async submit(job, watch, say) {
      await mkdir(locateTemporary(job.folder), { recursive: true });
      const output = openJobOutput(job.log, watch);
      const watched = new RayWatch({ jobs, job, output, say, options: { ...usual, ...options } });
      // Whatever becomes of it, its log is ended.
      const ended = watched.follow().finally(() => output.close());
      // Who cancels it may be the only one to wait for it.
      ended.catch(() => undefined);
      return {
        ended,
        cancel() {
          watched.stop();
          return ended;
        },
        logs: output.last,
      };
    },
  };
}

interface RayWatchParts {
  readonly jobs: RayJobs;
  readonly job: RunnableJob;
  readonly output: JobOutput;
  readonly say: ((line: string) => void) | undefined;
  readonly options: Required<Omit<RayRunnerOptions, "authorization">>;
}

/** One job, watched from its submission to its end. */
class RayWatch {
  readonly #parts: RayWatchParts;
  readonly #id: string;
  readonly #stopping = new AbortController();
  #stopAsked = Number.NEGATIVE_INFINITY;
  /** How many times Ray had no room for the job for too long. */
  #refusals = 0;
  /** How much of the log has been taken, in characters; whole lines. */
  #taken = 0;
  #logDue = 0;
  #said = "";

  constructor(parts: RayWatchParts) {
    this.#parts = parts;
    this.#id = parts.job.id ?? `job-${randomUUID()}`;
  }

  stop(): void {
    this.#stopping.abort();
  }

  async follow(): Promise<JobEnd> {
    let isKnown = false;
    let pendingLooks = 0;
    for (;;) {
      const found = await this.#ask(() => this.#parts.jobs.find(this.#name));
      if (!found && isKnown) return endLost("Ray knows the job no more");
      if (!found && this.#isStopping) return endCancelled();
      if (!found) await this.#begin();
      else if (isRefusedRoom(found)) {
        // It waits on under another name: Ray takes none twice.
        this.#refusals += 1;
        isKnown = false;
        continue;
      } else {
        if (isEnded(found)) return this.#end(found);
        if (found.status === "RUNNING") await this.#readLog();
        else this.#sayOnce("waits until Ray has room for it");
        if (this.#isStopping) {
          await this.#askToStop();
          // Ray stops a job that has not begun when it begins, which may be never.
          if (found.status === "PENDING" && ++pendingLooks > 3) return endCancelled();
        }
      }
      isKnown = found !== undefined;
      await this.#pause(this.#parts.options.pollMilliseconds);
    }
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** What Ray knows the job by now. */
  get #name(): string {
    return this.#refusals === 0 ? this.#id : `${this.#id}-again-${this.#refusals}`;
  }

  async #begin(): Promise<void> {
    const { job, jobs, options } = this.#parts;
    const files = locateLaunch(job.folder);
    await mkdir(files.folder, { recursive: true });
    for (const left of [files.began, files.peak, files.exceeded]) await rm(left, { force: true });
    writeWhole(files.script, composeLaunch(job));
    await this.#ask(() => jobs.submit(describeSubmission(this.#name, job, options.graceSeconds)));
  }

  async #askToStop(): Promise<void> {
    if (performance.now() - this.#stopAsked < stopMilliseconds) return;
    await this.#ask(() => this.#parts.jobs.stop(this.#name));
    this.#stopAsked = performance.now();
  }

  async #end(found: RayJob): Promise<JobEnd> {
    await this.#readLastLog();
    return describeRayEnd(found, await readSigns(this.#parts.job.folder), this.#isStopping);
  }

  async #readLog(): Promise<void> {
    if (performance.now() < this.#logDue) return;
    const began = performance.now();
    try {
      const signal = this.#isStopping ? undefined : this.#stopping.signal;
      this.#take(await this.#parts.jobs.logs(this.#name, signal), false);
    } catch (error) {
      // Its lines are there at the next look; whether Ray is, the look at the job says.
      if (!(error instanceof RayUnanswered || error instanceof RayRefused || this.#isStopping)) throw error;
    }
    this.#logDue = performance.now() + Math.min(longestLogPause, logShare * (performance.now() - began));
  }

  async #readLastLog(): Promise<void> {
    for (let attempt = 1; attempt <= logTries; attempt++) {
      try {
        return this.#take(await this.#parts.jobs.logs(this.#name), true);
      } catch (error) {
        if (!(error instanceof RayUnanswered || error instanceof RayRefused)) throw error;
        if (attempt === logTries) this.#parts.output.take(`… Ray does not give the end of this log: ${error.message}`);
        else await this.#pause(this.#parts.options.pollMilliseconds);
      }
    }
  }

  /** Takes the lines that are new. @param isLast whether nothing comes after them */
  #take(text: string, isLast: boolean): void {
    // A log that is shorter than it was has gone with its node.
    if (text.length <= this.#taken) return;
    const end = isLast ? text.length : text.lastIndexOf("\n") + 1;
    const lines = text.slice(this.#taken, end).split(/\r\n|\n|\r/);
    if (lines.at(-1) === "") lines.pop();
    for (const line of lines) this.#parts.output.take(line);
    this.#taken = Math.max(this.#taken, end);
  }

  /** Asks until there is an answer, ever more seldom. @throws StewardError `runner-unreachable`, `runner-refused` */
  async #ask<T>(question: () => Promise<T>): Promise<T> {
    const { address, patienceSeconds } = this.#parts.options;
    let unansweredSince: number | undefined;
    for (let pause = 500; ; pause = Math.min(2 * pause, longestPause)) {
      try {
        return await question();
      } catch (error) {
        if (error instanceof RayRefused) throw describeRefusal(address, error);
        if (!(error instanceof RayUnanswered)) throw error;
        unansweredSince ??= performance.now();
        const patience = this.#isStopping ? Math.min(patienceOfCancelling, patienceSeconds) : patienceSeconds;
        if (performance.now() - unansweredSince > patience * 1000) throw describeSilence(address, error);
        this.#sayOnce(`waits for Ray at ${address}, which does not answer: ${error.message}`);
        await this.#pause(pause);
      }
    }
  }

  #sayOnce(line: string): void {
    if (this.#said !== line) this.#parts.say?.(line);
    this.#said = line;
  }

  /** Waits; whoever wants the job stopped does not wait for that. */
  async #pause(milliseconds: number): Promise<void> {
    const signal = this.#isStopping ? undefined : this.#stopping.signal;
    await sleep(milliseconds, undefined, signal && { signal }).catch(() => undefined);
  }
}

function isEnded({ status }: RayJob): boolean {
  return status !== "PENDING" && status !== "RUNNING";
}

function describeSubmission(id: string, { folder, resources }: RunnableJob, graceSeconds: number): RaySubmission {
  return {
    id,
    entrypoint: composeEntrypoint(folder),
    cores: resources.cpu,
    memoryBytes: resources.memoryBytes,
    ...describeGpus(resources),
    variables: { RAY_JOB_STOP_WAIT_TIME_S: String(graceSeconds) },
  };
}

/** Nodes have a resource named after their type of GPU, of which a job takes as good as nothing. */
function describeGpus({ gpuWish }: JobResources): Pick<RaySubmission, "gpus" | "custom"> {
  const words = listWords(gpuWish?.type ?? "").filter((word) => !["nvidia", "tesla"].includes(word));
  const type = words.join("-").toUpperCase();
  return { gpus: gpuWish?.count ?? 0, ...(type !== "" && { custom: { [`accelerator_type:${type}`]: 0.001 } }) };
}

async function readSigns(folder: string): Promise<LaunchSigns> {
  const files = locateLaunch(folder);
  const [began, peak, exceeded] = await Promise.all([
    stat(files.began).catch(() => undefined),
    readFile(files.peak, "utf8").catch(() => ""),
    stat(files.exceeded).catch(() => undefined),
  ]);
  return { beganAt: began?.mtimeMs, peakBytes: (Number.parseInt(peak, 10) || 0) * 1024, hasExceeded: !!exceeded };
}

function endCancelled(): JobEnd {
  return { outcome: "cancelled", how: "stopped before it began", seconds: 0, peakBytes: 0 };
}

function endLost(how: string): JobEnd {
  return { outcome: "lost", how, seconds: 0, peakBytes: 0 };
}

function describeSilence(address: string, cause: RayUnanswered): StewardError {
  return new StewardError(
    {
      code: "runner-unreachable",
      at: "steward:runner",
      what: `Ray does not answer at ${address}; jobs that run there are left as they are`,
      got: cause.message,
    },
    { cause },
  );
}

function describeRefusal(address: string, cause: RayRefused): StewardError {
  return new StewardError(
    { code: "runner-refused", at: "steward:runner", what: `Ray at ${address} refused a job`, got: cause.message },
    { cause },
  );
}
