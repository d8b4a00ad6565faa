/**
 * A run of the tracking server, as whoever runs a job keeps it: opened once for an identity, told what the job reports, ended.
 * @module
 */
import { z } from "zod";
import { type FoundRun, findExperiment, quote, searchRuns } from "./read-runs.ts";
import { createTrackingClient, Refused, type TrackingClient } from "./tracking-client.ts";

/** Where experiments are tracked. */
export const trackingAddressSchema = z.strictObject({
  /** What `MLFLOW_TRACKING_URI` is set to. */
  address: z.string().min(1),
  /** What `MLFLOW_TRACKING_TOKEN` is set to; secret. */
  token: z.string().min(1),
});
export type TrackingAddress = z.output<typeof trackingAddressSchema>;

type Values = Readonly<Record<string, string | number | boolean>>;

export interface TrackedRunOptions {
  /** The experiment; made where there is none of that name. */
  readonly experiment: string;
  /** What makes the run the same one when it is opened again: the identity of a training, a study or a trial. */
  readonly identity: string;
  readonly name: string;
  readonly params: Values;
  /** @default {} */
  readonly tags?: Readonly<Record<string, string>>;
  /** The run that it is a part of, such as the study of a trial. @default none */
  readonly parent?: string | undefined;
  /** Whether one that has ended goes on, where an identity has one run at all times. @default false: another one is made */
  readonly again?: boolean | undefined;
}

/** How a run ended, in the words of the protocol. */
export type RunStatus = "FINISHED" | "FAILED" | "KILLED";

export interface TrackedRun {
  /** What `MLFLOW_RUN_ID` is set to. */
  readonly id: string;
  /** Keeps metrics of a step; they are sent when the run ends or many have come. Never rejects. */
  log(step: number, metrics: Readonly<Record<string, number>>): void;
  /** Sends what is left. @throws Error what could not be sent */
  flush(): Promise<void>;
  /** Sends what is left, and ends the run. @throws Error what could not be sent, once it has ended */
  end(status: RunStatus): Promise<void>;
}

/** The tag by which a run of an identity is found again. */
const identityTag = "job.identity";
const parentTag = "mlflow.parentRunId";
const batchSize = 500;
const mostParams = 100;

/**
 * Opens the run of an identity: the one there is and has not ended, else a new one.
 *
 * @throws Error when the server does not answer, or refuses
 */
export async function openTrackedRun(place: TrackingAddress, options: TrackedRunOptions): Promise<TrackedRun> {
  const client = createTrackingClient(place);
  const { id } = await openRun(client, options);
  await logParams(client, id, options.params);
  const waiting: object[] = [];
  let sending = Promise.resolve();
  let failed: unknown;
  // A batch that fails must not keep those after it from being sent, nor the run from ending.
  const send = () => {
    while (waiting.length > 0) {
      const metrics = waiting.splice(0, batchSize);
      sending = sending
        .then(() => client.post("runs/log-batch", { run_id: id, metrics }))
        .then(
          () => undefined,
          (error: unknown) => {
            failed ??= error;
          },
        );
    }
  };
  const flush = async () => {
    send();
    await sending;
  };
  return {
    id,
    log(step, metrics) {
      const timestamp = Date.now();
      for (const [key, value] of Object.entries(metrics)) waiting.push({ key, value, timestamp, step });
      if (waiting.length >= batchSize) send();
    },
    async flush() {
      await flush();
      if (failed !== undefined) throw failed;
    },
    async end(status) {
      await flush();
      await endRun(client, id, status);
      if (failed !== undefined) throw failed;
    },
  };
}

export interface SettledRun extends TrackedRunOptions {
  readonly status: RunStatus;
  /** What it came to, logged after the last step of each. */
  readonly metrics: Readonly<Record<string, number>>;
  /** What it came to, as tags. That it has the first of them says that it was settled. */
  readonly outcome: readonly [settled: Tag, ...more: Tag[]];
  /** Values by step, for a run of which nothing was logged. @default {} */
  readonly history?: Readonly<Record<string, readonly { readonly step: number; readonly value: number }[]>>;
}

type Tag = readonly [key: string, value: string];

/**
 * Brings the one run of an identity to its end: makes it where there is none, and logs what it came to. Repeated, it changes nothing, so
 * that whoever was killed on the way does it again.
 *
 * @returns the run's id
 * @throws Error when the server does not answer, or refuses
 */
export async function settleTrackedRun(place: TrackingAddress, options: SettledRun): Promise<string> {
  const client = createTrackingClient(place);
  const experiment = await ensureExperiment(client, options.experiment);
  const found = await findRun(client, experiment, { identity: options.identity, again: true });
  const run = found ?? (await createRun(client, experiment, options));
  const [[settledTag]] = options.outcome;
  if (!run.tags.has(settledTag)) {
    // A script that has logged one itself may write its value otherwise, `1.0` for `1`, and what is logged cannot be changed.
    const unlogged = Object.entries(options.params).filter(([key]) => !run.params.has(key));
    await logParams(client, run.id, Object.fromEntries(unlogged));
    const timestamp = Date.now();
    const history = run.metrics.size > 0 ? {} : (options.history ?? {});
    const points = Object.entries(history).flatMap(([key, all]) => all.map((point) => ({ key, timestamp, ...point })));
    for (let from = 0; from < points.length; from += batchSize)
      await client.post("runs/log-batch", { run_id: run.id, metrics: points.slice(from, from + batchSize) });
    const lastStep = (key: string) => Math.max(0, run.metrics.get(key)?.step ?? history[key]?.at(-1)?.step ?? 0);
    const metrics = Object.entries(options.metrics).map(([key, value]) => ({
      key,
      value,
      // After what was logged of this step, in the time of another clock.
      timestamp: Date.now() + 1,
      step: lastStep(key),
    }));
    const parent = options.parent === undefined ? [] : [[parentTag, options.parent] as const];
    const tags = [...Object.entries(options.tags ?? {}), ...parent, ...options.outcome];
    await client.post("runs/log-batch", {
      run_id: run.id,
      metrics,
      tags: tags.map(([key, value]) => ({ key, value })),
    });
  }
  if (run.status !== options.status) await endRun(client, run.id, options.status);
  return run.id;
}

/** Which runs were left open. */
export interface LeftRuns {
  readonly experiment: string;
  readonly identity: string;
  /** How the run itself ends. @default it stays as it is, and only its parts end */
  readonly status?: RunStatus;
}

/** Ends the run of an identity where it is open, and first the open ones that are part of it, as killed. @throws Error as `openTrackedRun` */
export async function endLeftRuns(
  place: TrackingAddress,
  { experiment: name, identity, status }: LeftRuns,
): Promise<void> {
  const client = createTrackingClient(place);
  const experiment = await findExperiment(client, name);
  if (!experiment) return;
  const run = await findRun(client, experiment.id, { identity, again: true });
  if (!run) return;
  const filter = `tags.\`${parentTag}\` = '${run.id}' AND attributes.status = 'RUNNING'`;
  const parts = await searchRuns(client, { experiments: [experiment.id], filter, limit: 10_000 });
  for (const part of parts) await endRun(client, part.id, "KILLED");
  if (status !== undefined && run.status === "RUNNING") await endRun(client, run.id, status);
}

async function openRun(client: TrackingClient, options: TrackedRunOptions): Promise<Pick<FoundRun, "id">> {
  const experiment = await ensureExperiment(client, options.experiment);
  const found = await findRun(client, experiment, options);
  if (!found) return createRun(client, experiment, options);
  if (found.status !== "RUNNING") await client.post("runs/update", { run_id: found.id, status: "RUNNING" });
  return found;
}

/** Two jobs may make it at the same time: whoever comes second finds it. */
async function ensureExperiment(client: TrackingClient, name: string): Promise<string> {
  const known = await findExperiment(client, name);
  if (known) return known.id;
  try {
    return z.object({ experiment_id: z.string() }).parse(await client.post("experiments/create", { name }))
      .experiment_id;
  } catch (error) {
    if (!(error instanceof Refused && error.code === "RESOURCE_ALREADY_EXISTS")) throw error;
    const made = await findExperiment(client, name);
    if (!made) throw error;
    return made.id;
  }
}

async function findRun(
  client: TrackingClient,
  experiment: string,
  { identity, again = false }: Pick<TrackedRunOptions, "identity" | "again">,
): Promise<FoundRun | undefined> {
  const open = again ? "" : " AND attributes.status = 'RUNNING'";
  const filter = `tags.\`${identityTag}\` = ${quote(identity)}${open}`;
  const [found] = await searchRuns(client, { experiments: [experiment], filter, limit: 1 });
  return found;
}

const createdSchema = z.object({ run: z.object({ info: z.object({ run_id: z.string() }) }) });

async function createRun(client: TrackingClient, experiment: string, options: TrackedRunOptions) {
  const { identity, name, tags = {}, parent } = options;
  const all = { ...tags, [identityTag]: identity, ...(parent !== undefined && { [parentTag]: parent }) };
  const body = { experiment_id: experiment, run_name: name, start_time: Date.now(), tags: toPairs(all) };
  const { run } = createdSchema.parse(await client.post("runs/create", body));
  const made: Pick<FoundRun, "id" | "status" | "params" | "tags" | "metrics"> = {
    id: run.info.run_id,
    status: "RUNNING",
    params: new Map(),
    tags: new Map(),
    metrics: new Map(),
  };
  return made;
}

async function logParams(client: TrackingClient, id: string, values: Values): Promise<void> {
  const params = toPairs(values);
  for (let from = 0; from < params.length; from += mostParams)
    await client.post("runs/log-batch", { run_id: id, params: params.slice(from, from + mostParams) });
}

async function endRun(client: TrackingClient, id: string, status: RunStatus): Promise<void> {
  await client.post("runs/update", { run_id: id, status, end_time: Date.now() });
}

function toPairs(values: Values): readonly object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: String(value) }));
}
