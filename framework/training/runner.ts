/**
 * Runners: how a platform carries out the program of a training job.
 * @module
 */
import type { JobReport } from "./run.ts";

/** A job that is ready to run: its files lie in its folder. */
export interface RunnableJob {
  /** The program with its arguments. */
  readonly command: readonly [string, ...string[]];
  /** The job's own folder, absolute: where it is started and what it takes for its home. */
  readonly folder: string;
  /** Variables that the program gets beside those of the runner. Nothing of ours is passed on. */
  readonly environment: Readonly<Record<string, string>>;
  readonly resources: JobResources;
  /** The file that gets all it prints. */
  readonly log: string;
}

export interface JobResources {
  /** Cores; a part of one counts as one. */
  readonly cpu: number;
  /** What all its processes together may have in memory, in bytes. */
  readonly memoryBytes: number;
}

/** How a job ended. */
export interface JobEnd {
  readonly outcome: "succeeded" | "failed" | "out-of-memory" | "cancelled";
  /** For people: `exit code 1`, `signal SIGSEGV`. */
  readonly how: string;
  /** Wall time in seconds. */
  readonly seconds: number;
  /** The most memory that was seen in use, in bytes. */
  readonly peakBytes: number;
}

export interface RunningJob {
  /** Resolves when nothing of the job is left and its log is complete; never rejects for what the job does. */
  readonly ended: Promise<JobEnd>;
  /** Asks the job to stop with SIGTERM, ends it after a grace, and resolves when nothing of it is left. */
  cancel(): Promise<JobEnd>;
  /** The last lines it printed, its reports left out; at most 40. */
  logs(): readonly string[];
}

export interface Runner {
  /** Starts a job; `watch` gets each of its reports. */
  submit(job: RunnableJob, watch: (report: JobReport) => void): Promise<RunningJob>;
}
