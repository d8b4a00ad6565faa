/**
 * Steward's tracking server beside MLflow's own: how fast values are logged by many writers at once, and how fast the best runs among
 * many are found. Both keep what they have in the same PostgreSQL, which waits for the disk, and are asked by the same client.
 * @module
 */
import { median } from "../plan/measure.ts";
import { makeExperiment } from "./tracked-server.ts";
import { benchSearch } from "./tracking-search.ts";
import { type Contenders, startContenders } from "./tracking-servers.ts";
import { runWriters, type Wrote } from "./writers.ts";

export interface TrackingBench {
  readonly writers: number;
  /** For how long they write each time. */
  readonly seconds: number;
  /** How many requests there are at most each time. */
  readonly requests: number;
  /** How many values a batch has, and how many log batches: more of them than that, and MLflow runs out of connections. */
  readonly batch: number;
  readonly batchWriters: number;
  readonly runs: number;
  readonly metrics: number;
  readonly searches: number;
  /** Turns of each that count; one before them does not. */
  readonly repeats: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** The size of the published figures. */
export const fullTracking = {
  writers: 64,
  seconds: 5,
  requests: 500_000,
  batch: 100,
  batchWriters: 16,
  runs: 20_000,
  metrics: 20,
  searches: 20,
  repeats: 5,
} as const;

/** The middle one of each turn's ratio of Steward's figure to MLflow's; of a search, of MLflow's time to Steward's. */
export interface TrackingRatios {
  readonly metricRate: number;
  readonly metricP99: number;
  readonly batchRate: number;
  readonly search: number;
}

/** Starts both servers, asks them in turns, and prints each turn. */
export async function benchTracking(options: TrackingBench): Promise<TrackingRatios> {
  const { runs, metrics, searches, repeats, signal, print, batch, batchWriters } = options;
  await using contenders = await startContenders(signal);
  const single = await benchWriters(contenders, { ...options, name: "log-metric", values: 1 });
  const batches = await benchWriters(contenders, {
    ...options,
    name: "log-batch",
    values: batch,
    writers: batchWriters,
  });
  const search = await benchSearch(contenders, { runs, metrics, searches, repeats, signal, print });
  return { metricRate: single.rate, metricP99: single.p99, batchRate: batches.rate, search };
}

interface WritersBench extends TrackingBench {
  /** An experiment of its own. */
  readonly name: string;
  readonly values: number;
}

async function benchWriters(
  contenders: Contenders,
  bench: WritersBench,
): Promise<{ readonly rate: number; readonly p99: number }> {
  const { name, values, writers, seconds, requests, repeats, signal, print } = bench;
  const shared = { writers, seconds, most: requests, values, signal };
  const steward = await makeExperiment(contenders.steward.server, name);
  const mlflow = await makeExperiment(contenders.mlflow.server, name);
  const turns: { readonly steward: Wrote; readonly mlflow: Wrote }[] = [];
  for (let turn = 0; turn <= repeats; turn++) {
    await contenders.settle();
    const ours = await runWriters(contenders.steward.server, { ...shared, experiment: steward });
    await contenders.settle();
    const theirs = await runWriters(contenders.mlflow.server, { ...shared, experiment: mlflow });
    if (turn === 0) continue;
    print(`${name} steward ${show(ours)}; mlflow ${show(theirs)}`);
    turns.push({ steward: ours, mlflow: theirs });
  }
  return {
    rate: median(turns.map((turn) => turn.steward.perSecond / turn.mlflow.perSecond)),
    p99: median(turns.map((turn) => turn.steward.p99 / turn.mlflow.p99)),
  };
}

function show({ perSecond, p50, p99 }: Wrote): string {
  return `${Math.round(perSecond)} values/s, half of the requests in ${p50.toFixed(1)} ms, 99 % in ${p99.toFixed(1)} ms`;
}
