/**
 * A job's run on the tracking server: its parameters and what it reports, and how the job itself finds it. A server that does not
 * answer fails no training: what a run came to is in the store.
 * @module
 */
import {
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
  /** Ends the run. Never rejects. */
  end(status: RunStatus): Promise<void>;
}

export interface TrackedJobOptions extends Pick<TrackedRunOptions, "experiment" | "identity" | "params"> {
  readonly seed: number;
}

/** Opens the run of a job. @param tracking nothing where experiments are not tracked */
export async function trackJob(
  tracking: TrackingAddress | undefined,
  { seed, ...options }: TrackedJobOptions,
): Promise<TrackedJob> {
  const name = `${options.experiment}@${options.identity.slice(0, 12)}`;
  const run =
    tracking &&
    (await openTrackedRun(tracking, { ...options, name, tags: { "job.seed": String(seed) } }).catch(complain));
  return {
    environment: tracking && run ? locateRun(tracking, run) : {},
    log: ({ step, metrics }) => run?.log(step, metrics),
    end: async (status) => {
      await run?.end(status).catch(complain);
    },
  };
}

function locateRun({ address, token }: TrackingAddress, { id }: TrackedRun): Readonly<Record<string, string>> {
  return { MLFLOW_TRACKING_URI: address, MLFLOW_TRACKING_TOKEN: token, MLFLOW_RUN_ID: id };
}

function complain(error: unknown): undefined {
  process.stderr.write(
    `${new Date().toISOString()} a run is not tracked: ${error instanceof Error ? error.message : String(error)}\n`,
  );
}
