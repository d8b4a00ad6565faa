/**
 * A run of the tracking server, as whoever runs a job keeps it: opened once for an identity, told what the job reports, ended.
 * @module
 */
import { z } from "zod";

/** Where experiments are tracked. */
export const trackingAddressSchema = z.strictObject({
  /** What `MLFLOW_TRACKING_URI` is set to. */
  address: z.string().min(1),
  /** What `MLFLOW_TRACKING_TOKEN` is set to; secret. */
  token: z.string().min(1),
});
export type TrackingAddress = z.output<typeof trackingAddressSchema>;

export interface TrackedRunOptions {
  /** The experiment; made where there is none of that name. */
  readonly experiment: string;
  /** What makes the run the same one when it is opened again: the identity of a training or a trial. */
  readonly identity: string;
  readonly name: string;
  readonly params: Readonly<Record<string, string | number | boolean>>;
  /** @default {} */
  readonly tags?: Readonly<Record<string, string>>;
  /** The run that it is a part of, such as the study of a trial. @default none */
  readonly parent?: string | undefined;
}

/** How a run ended, in the words of the protocol. */
export type RunStatus = "FINISHED" | "FAILED" | "KILLED";

export interface TrackedRun {
  /** What `MLFLOW_RUN_ID` is set to. */
  readonly id: string;
  /** Keeps metrics of a step; they are sent when the run ends or many have come. Never rejects. */
  log(step: number, metrics: Readonly<Record<string, number>>): void;
  /** Sends what is left, and ends the run. @throws Error what could not be sent, once it has ended */
  end(status: RunStatus): Promise<void>;
}

/** The tag by which a run of an identity is found again. */
const identityTag = "job.identity";
const batchSize = 500;
const mostParams = 100;

/**
 * Opens the run of an identity: the one there is and has not ended, else a new one.
 *
 * @throws Error when the server does not answer, or refuses
 */
export async function openTrackedRun(place: TrackingAddress, options: TrackedRunOptions): Promise<TrackedRun> {
  const ask = createAsk(place);
  const experiment = await ensureExperiment(ask, options.experiment);
  const id = (await findOpenRun(ask, experiment, options.identity)) ?? (await createRun(ask, experiment, options));
  const params = toPairs(options.params);
  for (let from = 0; from < params.length; from += mostParams)
    await ask("runs/log-batch", { run_id: id, params: params.slice(from, from + mostParams) });
  const waiting: object[] = [];
  let sending = Promise.resolve();
  let failed: unknown;
  // A batch that fails must not keep those after it from being sent, nor the run from ending.
  const send = () => {
    while (waiting.length > 0) {
      const metrics = waiting.splice(0, batchSize);
      sending = sending
        .then(() => ask("runs/log-batch", { run_id: id, metrics }))
        .then(
          () => undefined,
          (error: unknown) => {
            failed ??= error;
          },
        );
    }
  };
  return {
    id,
    log(step, metrics) {
      const timestamp = Date.now();
      for (const [key, value] of Object.entries(metrics)) waiting.push({ key, value, timestamp, step });
      if (waiting.length >= batchSize) send();
    },
    async end(status) {
      send();
      await sending;
      await ask("runs/update", { run_id: id, status, end_time: Date.now() });
      if (failed !== undefined) throw failed;
    },
  };
}

type Ask = (path: string, body: object) => Promise<unknown>;

function createAsk({ address, token }: TrackingAddress): Ask {
  return async (path, body) => {
    const response = await fetch(`${address}/api/2.0/mlflow/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    const { error_code: code = `HTTP ${response.status}`, message = text.slice(0, 200) } =
      failureSchema.safeParse(parse(text)).data ?? {};
    throw new Refused(code, `the tracking server refused ${path}: ${message}`);
  };
}

class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const failureSchema = z.object({ error_code: z.string(), message: z.string() });
const experimentsSchema = z.object({ experiments: z.array(z.object({ experiment_id: z.string() })).default([]) });
const experimentSchema = z.object({ experiment_id: z.string() });
const runSchema = z.object({ info: z.object({ run_id: z.string() }) });
const runsSchema = z.object({ runs: z.array(runSchema).default([]) });

/** Two jobs may make it at the same time: whoever comes second finds it. */
async function ensureExperiment(ask: Ask, name: string): Promise<string> {
  const find = async () => {
    const filter = `name = '${name.replaceAll("'", "''")}'`;
    const found = await ask("experiments/search", { filter, max_results: 1 });
    return experimentsSchema.parse(found).experiments[0]?.experiment_id;
  };
  const known = await find();
  if (known !== undefined) return known;
  try {
    return experimentSchema.parse(await ask("experiments/create", { name })).experiment_id;
  } catch (error) {
    if (!(error instanceof Refused && error.code === "RESOURCE_ALREADY_EXISTS")) throw error;
    const made = await find();
    if (made === undefined) throw error;
    return made;
  }
}

async function findOpenRun(ask: Ask, experiment: string, identity: string): Promise<string | undefined> {
  const filter = `tags.\`${identityTag}\` = '${identity}' AND attributes.status = 'RUNNING'`;
  const found = await ask("runs/search", { experiment_ids: [experiment], filter, max_results: 1 });
  return runsSchema.parse(found).runs[0]?.info.run_id;
}

async function createRun(ask: Ask, experiment: string, options: TrackedRunOptions): Promise<string> {
  const { identity, name, tags = {}, parent } = options;
  const all = { ...tags, [identityTag]: identity, ...(parent !== undefined && { "mlflow.parentRunId": parent }) };
  const body = { experiment_id: experiment, run_name: name, start_time: Date.now(), tags: toPairs(all) };
  return z.object({ run: runSchema }).parse(await ask("runs/create", body)).run.info.run_id;
}

function toPairs(values: Readonly<Record<string, string | number | boolean>>): readonly object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: String(value) }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
