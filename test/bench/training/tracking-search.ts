/**
 * A filtered search of the fifty best runs among many, over HTTP, by Steward's tracking server and by MLflow's own.
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { median } from "../plan/measure.ts";
import { depths, fillMlflow, fillSteward } from "./tracked-runs.ts";
import { makeExperiment, type TrackedLine } from "./tracked-server.ts";
import type { Contenders } from "./tracking-servers.ts";

export interface SearchBench {
  readonly runs: number;
  readonly metrics: number;
  /** Rounds that count; one before them does not. */
  readonly repeats: number;
  /** Searches of a round, each with another metric and another parameter. */
  readonly searches: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

const found = 50;

/** Fills both servers, and searches in turns. @returns how many times as long MLflow took */
export async function benchSearch(contenders: Contenders, options: SearchBench): Promise<number> {
  const { runs, metrics, repeats, searches, signal, print } = options;
  await using stack = new AsyncDisposableStack();
  const experiments = new Map<string, string>();
  for (const name of ["steward", "mlflow"] as const) {
    const { server, sql } = contenders[name];
    const experiment = await makeExperiment(server, "search");
    experiments.set(name, experiment);
    await (name === "steward" ? fillSteward : fillMlflow)(sql, { runs, metrics, experiment });
  }
  await contenders.settle();
  const open = async (name: "steward" | "mlflow") => {
    const line = await contenders[name].server.open();
    stack.defer(() => line.close());
    return { line, experiment: experiments.get(name) ?? "" };
  };
  const steward = await open("steward");
  const mlflow = await open("mlflow");
  const ratios: number[] = [];
  for (let turn = 0; turn <= repeats; turn++) {
    const took = { steward: [] as number[], mlflow: [] as number[] };
    for (let number = 0; number < searches; number++) {
      signal.throwIfAborted();
      const search = describeSearch(turn * searches + number, metrics);
      const ours = await measureSearch(steward, search);
      const theirs = await measureSearch(mlflow, search);
      if (ours.ids.length !== found || !isDeepStrictEqual(ours.ids, theirs.ids)) {
        throw new Error(`the servers do not find the same runs: ${JSON.stringify({ search, ours, theirs })}`);
      }
      took.steward.push(ours.milliseconds);
      took.mlflow.push(theirs.milliseconds);
    }
    if (turn === 0) continue;
    const [ours, theirs] = [median(took.steward), median(took.mlflow)];
    print(`search steward ${ours.toFixed(2)} ms, mlflow ${theirs.toFixed(1)} ms: ${(theirs / ours).toFixed(1)} times`);
    ratios.push(theirs / ours);
  }
  return median(ratios);
}

interface Search {
  readonly filter: string;
  readonly order_by: readonly string[];
}

function describeSearch(number: number, metrics: number): Search {
  const [filtered, ordered] = [(number + 3) % metrics, (number + 7) % metrics];
  return {
    filter: `metrics.m${filtered} > 0.5 AND params.depth = '${(number % depths) + 1}'`,
    order_by: [`metrics.m${ordered} DESC`],
  };
}

async function measureSearch(
  { line, experiment }: { readonly line: TrackedLine; readonly experiment: string },
  search: Search,
): Promise<{ readonly milliseconds: number; readonly ids: readonly string[] }> {
  const began = performance.now();
  const answer = await line.post("runs/search", { experiment_ids: [experiment], max_results: found, ...search });
  const milliseconds = performance.now() - began;
  const { runs = [] } = answer as { runs?: readonly { info: { run_id: string } }[] };
  return { milliseconds, ids: runs.map(({ info }) => info.run_id) };
}
