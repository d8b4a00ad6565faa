/**
 * Runners: how a platform carries out the program of a training job.
 * @module
 */
import type { GpuWish } from "./gpu-devices.ts";
import type { JobReport } from "./run.ts";

/** A job that is ready to run: its files lie in its folder. */
export interface RunnableJob {
  /**
   * What a cluster knows the job by, the same when it is submitted again: letters, digits, `-`, `_` and `.`.
   * @default a name that nobody else has; a runner of this machine needs none
   */
  readonly id?: string | undefined;
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
  /** The uuids of the GPUs that are lent to it: it sees no others. @default it sees none */
  readonly gpus?: readonly string[];
  /** The GPUs that a cluster is asked for, which chooses them itself. @default none; a runner of this machine goes by `gpus` */
  readonly gpuWish?: GpuWish | undefined;
}

/** How a job ended. */
export interface JobEnd {
  /** `lost`: its machine is gone, or the cluster let it down, which says nothing of the job. */
  readonly outcome: "succeeded" | "failed" | "out-of-memory" | "cancelled" | "lost";
  /** For people: `exit code 1`, `signal SIGSEGV`. */
  readonly how: string;
  /** Wall time in seconds. */
  readonly seconds: number;
  /** The most memory that was seen in use, in bytes. */
  readonly peakBytes: number;
}

export interface RunningJob {
  /**
   * Resolves when nothing of the job is left and its log is complete; never rejects for what the job does. A cluster that cannot be
   * watched rejects with `runner-unreachable` or `runner-refused`: the job may be running there still.
   */
  readonly ended: Promise<JobEnd>;
  /** Asks the job to stop with SIGTERM, ends it after a grace, and resolves when nothing of it is left. */
  cancel(): Promise<JobEnd>;
  /** The last lines it printed, its reports left out; at most 40. */
  logs(): readonly string[];
}

export interface Runner {
  /**
   * Whether it shares its machines out among jobs itself and keeps a job when whoever submitted it is gone: a job that is submitted
   * again by its id is then watched on, and none is started beside it.
   * @default false: a job ends with the process that submitted it
   */
  readonly isCluster?: boolean;
  /** Starts a job; `watch` gets each of its reports. @param say told in a few words what keeps it from beginning @default nothing */
  submit(job: RunnableJob, watch: (report: JobReport) => void, say?: (line: string) => void): Promise<RunningJob>;
}
