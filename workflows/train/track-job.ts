/**
 * A job's run on the tracking server: its parameters and what it reports, and how the job itself finds it. A server that does not
 * answer fails no training: what a run came to is in the store.
 * @module
 */
import {
  endLeftRuns,
  openTrackedRun,
  type RunStatus,
  type TrackedRun,
  type TrackedRunOptions,
  type TrackingAddress,
} from "../../framework/tracking/client/tracked-run.ts";
import type { JobReport } from "../../framework/training/run.ts";

export interface TrackedJob {
  /** The variables by which MLflow's client in the job logs to the run. */
  readonly environment: Readonly<Record<string, string>>;
  /** Keeps the metrics of a report. */
  log(report: JobReport): void;
  /** Ends the run, unless somebody else does. Never rejects. */
  end(status: RunStatus): Promise<void>;
}

/** What is said of a job that is a part of something, such as a trial; whoever says it ends the run. */
export type TrackedPart = Pick<TrackedRunOptions, "identity" | "name" | "tags" | "parent">;

export interface TrackedJobOptions extends Pick<TrackedRunOptions, "experiment" | "identity" | "params"> {
  readonly seed: number;
  /** @default none: the run is the job's own, under its identity */
  readonly part?: TrackedPart | undefined;
}

/** Opens the run of a job. @param tracking nothing where experiments are not tracked */
export async function trackJob(
  tracking: TrackingAddress | undefined,
  { seed, part, ...options }: TrackedJobOptions,
): Promise<TrackedJob> {
  const name = nameRun(options.experiment, options.identity);
  const seedTag = { "job.seed": String(seed) };
  const told = part ? { ...part, tags: { ...seedTag, ...part.tags }, again: true } : { name, tags: seedTag };
  const run = tracking && (await openTrackedRun(tracking, { ...options, ...told }).catch(sayUntracked));
  return {
    environment: tracking && run ? locateRun(tracking, run) : {},
    // What the job has logged to the run itself is not to be there twice.
    log: ({ step, metrics, tracked = false }) => (tracked ? undefined : run?.log(step, metrics)),
    end: async (status) => {
      await (part ? run?.flush() : run?.end(status))?.catch(sayUntracked);
    },
  };
}

/**
 * Ends the run of a job that was trained before, where whoever trained it was killed before that. Never rejects.
 * @param tracking nothing where experiments are not tracked
 */
export async function endTrained(
  tracking: TrackingAddress | undefined,
  job: Pick<TrackedRunOptions, "experiment" | "identity">,
): Promise<void> {
  if (tracking) await endLeftRuns(tracking, { ...job, status: "FINISHED" }).catch(sayUntracked);
}

/** Ends the run of a job that does not go on, where it is open still. Never rejects. */
export async function leaveJobRun(
  tracking: TrackingAddress,
  job: Pick<TrackedRunOptions, "experiment" | "identity">,
): Promise<void> {
  await endLeftRuns(tracking, { ...job, status: "KILLED" }).catch(sayUntracked);
}

/** How the run of an identity is called: `late@1f2e3d4c5b6a`. */
export function nameRun(experiment: string, identity: string): string {
  return `${experiment}@${identity.slice(0, 12)}`;
}

function locateRun({ address, token }: TrackingAddress, { id }: TrackedRun): Readonly<Record<string, string>> {
  return { MLFLOW_TRACKING_URI: address, MLFLOW_TRACKING_TOKEN: token, MLFLOW_RUN_ID: id };
}

/** Says in the worker's log what keeps a run from being tracked. */
export function sayUntracked(error: unknown): undefined {
  process.stderr.write(
    `${new Date().toISOString()} a run is not tracked: ${error instanceof Error ? error.message : String(error)}\n`,
  );
}
