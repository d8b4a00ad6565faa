/**
 * Experiments and runs, read from a tracking server.
 * @module
 */
import { z } from "zod";
import { Refused, type TrackingClient } from "./tracking-client.ts";

/** A number as servers write it: JSON knows neither NaN nor infinities, which clients and servers put in several ways. */
const numberSchema = z.union([
  z.number(),
  z.literal("NaN").transform(() => Number.NaN),
  z.enum(["Infinity", "inf"]).transform(() => Number.POSITIVE_INFINITY),
  z.enum(["-Infinity", "-inf"]).transform(() => Number.NEGATIVE_INFINITY),
]);
/** What the protocol puts where a value was infinite. */
const largest = Number.MAX_VALUE;
const valueSchema = numberSchema.transform((value) =>
  Math.abs(value) >= largest ? Math.sign(value) * Number.POSITIVE_INFINITY : value,
);
const wholeNumber = z.coerce.number();
const pairs = z
  .array(z.object({ key: z.string(), value: z.string().default("") }))
  .default([])
  .transform((all) => new Map(all.map(({ key, value }) => [key, value])));
const page = z.object({ next_page_token: z.string().optional() });

const experimentSchema = z
  .object({
    experiment_id: z.string(),
    name: z.string(),
    lifecycle_stage: z.string().default("active"),
    creation_time: wholeNumber.default(0),
    last_update_time: wholeNumber.default(0),
    tags: pairs,
  })
  .transform((sent) => ({
    id: sent.experiment_id,
    name: sent.name,
    lifecycle: sent.lifecycle_stage,
    created: sent.creation_time,
    updated: sent.last_update_time,
    tags: sent.tags,
  }));

/** An experiment. Times are in milliseconds since 1970. */
export type FoundExperiment = z.output<typeof experimentSchema>;

const runSchema = z
  .object({
    info: z.object({
      run_id: z.string(),
      run_name: z.string().default(""),
      experiment_id: z.string(),
      status: z.string(),
      start_time: wholeNumber.optional(),
      end_time: wholeNumber.optional(),
    }),
    data: z
      .object({
        params: pairs,
        tags: pairs,
        metrics: z
          .array(z.object({ key: z.string(), value: valueSchema, step: wholeNumber.default(0) }))
          .default([])
          .transform((all) => new Map(all.map(({ key, value, step }) => [key, { value, step }]))),
      })
      .prefault({}),
  })
  .transform(({ info, data }) => ({
    id: info.run_id,
    name: info.run_name,
    experiment: info.experiment_id,
    status: info.status,
    start: info.start_time,
    end: info.end_time,
    parent: data.tags.get("mlflow.parentRunId"),
    ...data,
  }));

/**
 * A run: its parameters, its tags, and of each metric the latest value with its step. Times are in milliseconds since 1970. Of what is
 * part of another run, such as a trial, `parent` is the id of that one.
 */
export type FoundRun = z.output<typeof runSchema>;

const experimentsPage = page.extend({ experiments: z.array(experimentSchema).default([]) });
const runsPage = page.extend({ runs: z.array(runSchema).default([]) });
const pointSchema = z.object({ value: valueSchema, step: wholeNumber.default(0), timestamp: wholeNumber.default(0) });
const historyPage = page.extend({ metrics: z.array(pointSchema).default([]) });

/** How much is asked for in one page. */
const pageSize = 1_000;

/** All experiments that are not deleted, or those that a filter holds for. */
export async function listExperiments(client: TrackingClient, filter?: string): Promise<FoundExperiment[]> {
  const all: FoundExperiment[] = [];
  const asked = { max_results: pageSize, ...(filter !== undefined && { filter }) };
  for (let token: string | undefined; ; ) {
    const body = { ...asked, ...(token !== undefined && { page_token: token }) };
    const read = experimentsPage.parse(await client.post("experiments/search", body));
    all.push(...read.experiments);
    token = read.next_page_token;
    if (!token) return all;
  }
}

/** The experiment of a name. @returns nothing where there is none */
export async function findExperiment(client: TrackingClient, name: string): Promise<FoundExperiment | undefined> {
  const [found] = await listExperiments(client, `name = ${quote(name)}`);
  return found;
}

export interface RunSearch {
  /** The ids of experiments. */
  readonly experiments: readonly string[];
  /** `metrics.auc > 0.7`. @default all runs that are not deleted */
  readonly filter?: string | undefined;
  /** `metrics.auc DESC`. @default the newest first */
  readonly order?: string | undefined;
  /** How many at most. */
  readonly limit: number;
}

/** Runs in an order. @throws Refused for a filter or an order that is none */
export async function searchRuns(
  client: TrackingClient,
  { experiments, filter, order, limit }: RunSearch,
): Promise<FoundRun[]> {
  const all: FoundRun[] = [];
  let token: string | undefined;
  while (all.length < limit) {
    const body = {
      experiment_ids: experiments,
      max_results: Math.min(pageSize, limit - all.length),
      ...(filter !== undefined && { filter }),
      ...(order !== undefined && { order_by: [order] }),
      ...(token !== undefined && { page_token: token }),
    };
    const read = runsPage.parse(await client.post("runs/search", body));
    all.push(...read.runs);
    token = read.next_page_token;
    if (!token) break;
  }
  return all;
}

/** One run. @returns nothing where there is none of this id */
export async function readRun(client: TrackingClient, id: string): Promise<FoundRun | undefined> {
  try {
    return z.object({ run: runSchema }).parse(await client.get("runs/get", { run_id: id })).run;
  } catch (error) {
    // A server may refuse what cannot be an id in other words than one that is not there.
    if (error instanceof Refused && /^(RESOURCE_DOES_NOT_EXIST|INVALID_PARAMETER_VALUE)$/.test(error.code))
      return undefined;
    throw error;
  }
}

/** A value of a metric. */
export type MetricPoint = Pick<z.output<typeof pointSchema>, "step" | "value">;

/** How much of a history is asked for at a time. */
const historyPageSize = 20_000;

/** The history of a metric by its steps: of a step that was logged more than once, as by a job that was begun again, the last value. */
export async function readHistory(client: TrackingClient, run: string, metric: string): Promise<MetricPoint[]> {
  const last = new Map<number, z.output<typeof pointSchema>>();
  for (let token: string | undefined; ; ) {
    const read = historyPage.parse(
      await client.get("metrics/get-history", {
        run_id: run,
        metric_key: metric,
        max_results: String(historyPageSize),
        ...(token !== undefined && { page_token: token }),
      }),
    );
    for (const point of read.metrics) {
      const known = last.get(point.step);
      if (!known || known.timestamp <= point.timestamp) last.set(point.step, point);
    }
    token = read.next_page_token;
    if (!token) break;
  }
  return [...last.values()].map(({ step, value }) => ({ step, value })).sort((a, b) => a.step - b.step);
}

/** A text as it stands in a filter. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
