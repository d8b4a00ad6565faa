/**
 * Writers that log to runs of their own at once, each one value after the other was answered, for a while.
 * @module
 */
import type { TrackedServer } from "./tracked-server.ts";

export interface WritersOptions {
  readonly writers: number;
  /** For how long they begin new requests. */
  readonly seconds: number;
  /** How many requests there are at most, of all writers. */
  readonly most: number;
  /** How many values a request has: one goes by `log-metric`, more go by `log-batch`. */
  readonly values: number;
  readonly experiment: string;
  readonly signal: AbortSignal;
}

export interface Wrote {
  /** Values that were acknowledged, a second. */
  readonly perSecond: number;
  /** Of the requests, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * Makes a run for each writer, lets them write, and reads back what they wrote.
 * @throws Error for an answer other than 200, and when what is stored is not what was acknowledged
 */
export async function runWriters(server: TrackedServer, options: WritersOptions): Promise<Wrote> {
  const { writers, seconds, most, values, experiment, signal } = options;
  const lines = await Promise.all(Array.from({ length: writers }, () => server.open()));
  try {
    const runs = await Promise.all(
      lines.map(async (line) => {
        const made = await line.post("runs/create", { experiment_id: experiment, start_time: Date.now() });
        return (made as { run: { info: { run_id: string } } }).run.info.run_id;
      }),
    );
    const acknowledged = runs.map(() => 0);
    const took: number[] = [];
    let left = most;
    const began = performance.now();
    const end = began + seconds * 1_000;
    await Promise.all(
      lines.map(async (line, index) => {
        const runId = runs[index] ?? "";
        let written = 0;
        for (let now = performance.now(); now < end && left-- > 0; ) {
          signal.throwIfAborted();
          await (values === 1
            ? line.post("runs/log-metric", { run_id: runId, ...describeValue(0, written) })
            : line.post("runs/log-batch", {
                run_id: runId,
                metrics: Array.from({ length: values }, (_, key) => describeValue(key, written)),
              }));
          written++;
          const answered = performance.now();
          took.push(answered - now);
          now = answered;
        }
        acknowledged[index] = written;
      }),
    );
    const elapsed = (performance.now() - began) / 1_000;
    for (const [index, runId] of runs.entries()) {
      const line = lines[index % lines.length];
      const history = await line?.get(
        `metrics/get-history?run_id=${runId}&metric_key=${describeValue(values - 1, 0).key}`,
      );
      const stored = (history as { metrics?: readonly unknown[] }).metrics?.length ?? 0;
      if (stored !== acknowledged[index]) {
        throw new Error(`${server.name} acknowledged ${acknowledged[index]} values of a metric and has ${stored}`);
      }
    }
    took.sort((a, b) => a - b);
    return { perSecond: (took.length * values) / elapsed, p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
  } finally {
    for (const line of lines) line.close();
  }
}

function describeValue(key: number, step: number) {
  return { key: key === 0 ? "loss" : `loss_${key}`, value: 1 / (step + 1), timestamp: Date.now(), step };
}

/** @param sorted from the least to the largest */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
