/**
 * What a trial of a study costs beside its training: Steward's question to the sampler and the write-once record in MinIO, beside
 * Optuna with its own storage on PostgreSQL. The trials cost nothing. PostgreSQL writes without waiting for the disk, MinIO waits.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SearchedSpec, TuningSpec } from "../../../framework/definitions/tuning-spec.ts";
import { digestOf } from "../../../framework/plan/digest.ts";
import { openStore, type Store } from "../../../framework/store/store.ts";
import { findTrainingTools, type TrainingTools } from "../../../framework/training/training-tools.ts";
import { startSampler } from "../../../framework/training/tuning/sampler.ts";
import type { Study, Trial, TrialParams } from "../../../framework/training/tuning/study.ts";
import { decideNext, recordTrial } from "../../../framework/training/tuning/study-record.ts";
import { startMinio } from "../../support/minio.ts";
import { median } from "../plan/measure.ts";
import { startOptuna } from "./optuna.ts";

export interface OverheadBench {
  readonly trials: number;
  /** Studies of each that count; one before them does not. */
  readonly repeats: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** The size of the published figures. */
export const fullOverhead = { trials: 100, repeats: 3 } as const;

const samplers = ["tpe", "random"] as const;
type MeasuredSampler = (typeof samplers)[number];

/** What the trials of these benches search. */
const benchSpace: readonly SearchedSpec[] = [
  { param: "rate", distribution: { kind: "float", low: 1e-4, high: 1, scale: "log" } },
  { param: "leaves", distribution: { kind: "int", low: 2, high: 256, scale: "log", step: 1 } },
  { param: "boosting", distribution: { kind: "choice", values: ["plain", "dart", "goss"] } },
  { param: "share", distribution: { kind: "float", low: 0.1, high: 1, scale: "linear" } },
];

/** What a trial of it comes to, as the peer computes it. */
export function trialValue({ rate = 0, leaves = 0, share = 0, boosting }: TrialParams): number {
  return Number(rate) + Number(leaves) / 100 + Number(share) + (boosting === "dart" ? 1 : 0);
}

/** Runs the studies of each in turns, and prints what a trial took. @returns Steward's time as a share of Optuna's, by sampler */
export async function benchOverhead(options: OverheadBench): Promise<Readonly<Record<MeasuredSampler, number>>> {
  const { trials, repeats, signal, print } = options;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "steward-bench-overhead-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const minio = await startMinio();
  stack.defer(() => minio.stop());
  const store = openStore(minio.connection, { prefix: "bench", cacheFolder: folder });
  await store.prepare();
  const tools = await findTrainingTools(signal);
  const optuna = await startOptuna(trials, { tools, signal });
  stack.defer(() => optuna.stop());

  const shares = { tpe: Number.NaN, random: Number.NaN };
  for (const sampler of samplers) {
    const contenders = {
      steward: (turn: number) => runSteward(describeStudy(sampler, turn, trials), { store, tools, signal }),
      "optuna on postgres": (turn: number) => optuna.run("postgres", sampler, turn),
      "optuna in memory": (turn: number) => optuna.run("memory", sampler, turn),
    } as const;
    const took = Object.fromEntries(Object.keys(contenders).map((name) => [name, [] as number[]]));
    for (let turn = 0; turn <= repeats; turn++) {
      for (const [name, measure] of Object.entries(contenders)) {
        const seconds = await measure(turn);
        if (turn > 0) took[name]?.push(seconds);
      }
    }
    for (const [name, all] of Object.entries(took)) {
      print(`${sampler} ${name.padEnd(18)} ${all.map((each) => (each * 1_000).toFixed(1)).join(" ")} ms a trial`);
    }
    shares[sampler] = median(took["steward"] ?? []) / median(took["optuna on postgres"] ?? []);
  }
  return shares;
}

/** The tuning of a study whose trials are carried out one after the other, and none is pruned. */
export function describeTuning({
  sampler,
  metric,
  trials,
}: {
  readonly sampler: MeasuredSampler;
  readonly metric: string;
  readonly trials: number;
}): TuningSpec {
  return {
    sampler,
    pruner: { kind: "none" },
    objectives: [{ metric, direction: "minimize" }],
    space: [...benchSpace],
    trials,
    parallel: 1,
    budget: {},
    failures: 0,
    warmStart: false,
  };
}

function describeStudy(sampler: MeasuredSampler, turn: number, trials: number): Study {
  const tuning = describeTuning({ sampler, metric: "loss", trials });
  return { identity: digestOf({ sampler, turn }), tuning, seed: turn };
}

/** @returns what a trial took, in seconds: the decision, the question and the record */
async function runSteward(
  study: Study,
  { store, tools, signal }: { readonly store: Store; readonly tools: TrainingTools; readonly signal: AbortSignal },
): Promise<number> {
  const sampler = await startSampler(study, { tools, signal });
  try {
    const record: Trial[] = [];
    // The process is there before a trial counts, as the peer's is.
    await sampler.ask({ trials: [], open: [] }, 0);
    const startedAt = Date.now();
    const began = performance.now();
    for (;;) {
      const next = decideNext(study.tuning, { trials: record, open: [] }, { startedAt, now: Date.now() });
      if (next.do !== "begin") break;
      const { number, params } = await sampler.ask({ trials: record, open: [] }, next.number);
      const ended = {
        study: study.identity,
        number,
        params,
        state: "completed" as const,
        values: [trialValue(params)],
      };
      const { trial } = await recordTrial(store, { ...ended, intermediates: [], seconds: 0 });
      record.push(trial);
    }
    return (performance.now() - began) / 1_000 / record.length;
  } finally {
    await sampler.close();
  }
}
