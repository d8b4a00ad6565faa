/**
 * What the way of our steps costs: a pipeline of steps that do nothing beside the same written by hand, and a study of trials that cost
 * nothing, its workflow included, beside Optuna with its storage on PostgreSQL. All on one Temporal server, in turns.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "@temporalio/client";
import { formatOf } from "../../../framework/definitions/format.ts";
import type { TrainingJobSpec } from "../../../framework/definitions/spec.ts";
import { taskQueue } from "../../../framework/engine/entity-names.ts";
import type { TrainingSet } from "../../../framework/features/training-set.ts";
import { digestOf } from "../../../framework/plan/digest.ts";
import { artefactNames, nameArtefact } from "../../../framework/store/artefacts.ts";
import { openStore, type Store } from "../../../framework/store/store.ts";
import { findTrainingTools } from "../../../framework/training/training-tools.ts";
import type { ActivityTools } from "../../../workflows/activity-tools.ts";
import { createTuneActivities } from "../../../workflows/tune/activities.ts";
import type { TrialOptions } from "../../../workflows/tune/trial.ts";
import { startMinio } from "../../support/minio.ts";
import { spender, spending } from "../../support/project.ts";
import { median } from "../plan/measure.ts";
import { startOptuna } from "./optuna.ts";
import { describeTuning, trialValue } from "./overhead.ts";
import { startPipelineWorker } from "./pipeline-worker.ts";
import {
  activityPipeline,
  handWrittenPipeline,
  type PipelineActivities,
  stewardPipeline,
  tune,
} from "./pipeline-workflows.ts";

export interface PipelineBench {
  readonly steps: number;
  readonly trials: number;
  /** Runs of each that count; one before them does not. */
  readonly repeats: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** The size of the published figures. */
export const fullPipeline = { steps: 40, trials: 30, repeats: 5 } as const;

export interface PipelineFigures {
  /** Our time as a share of that of a pipeline by hand whose steps are child workflows, as ours are. */
  readonly besideHandWritten: number;
  /** As a share of that of one workflow with an activity for each step. */
  readonly besideActivities: number;
  /** A trial's time, its workflow included, as a share of Optuna's. */
  readonly trial: number;
}

/** Runs each in turns, and prints what it took. */
export async function benchPipeline(options: PipelineBench): Promise<PipelineFigures> {
  const { steps, trials, repeats, signal, print } = options;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "steward-bench-pipeline-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const minio = await startMinio();
  stack.defer(() => minio.stop());
  const store = openStore(minio.connection, { prefix: "bench", cacheFolder: folder });
  await store.prepare();
  const { client, end } = await startPipelineWorker(store, makeActivities);
  stack.defer(end);
  const optuna = await startOptuna(trials, { tools: await findTrainingTools(signal), signal });
  stack.defer(() => optuna.stop());

  const runPipeline = (workflow: (count: number) => Promise<void>) => (turn: number) =>
    time(() => client.workflow.execute(workflow, { taskQueue, workflowId: `${workflow.name}-${turn}`, args: [steps] }));
  const pipelines = await takeTurns(
    { repeats, signal },
    {
      steward: runPipeline(stewardPipeline),
      "hand-written, a child workflow a step": runPipeline(handWrittenPipeline),
      "hand-written, an activity a step": runPipeline(activityPipeline),
    },
  );
  for (const [name, all] of Object.entries(pipelines))
    print(`${name.padEnd(38)} ${showMilliseconds(all)} ms for ${steps} steps`);
  const studies = await takeTurns(
    { repeats, signal },
    {
      steward: (turn) => runStudy(client, store, { turn, trials }),
      "optuna on postgres": (turn) => optuna.run("postgres", "tpe", turn),
    },
  );
  for (const [name, all] of Object.entries(studies)) print(`${name.padEnd(38)} ${showMilliseconds(all)} ms a trial`);
  const share = (all: Readonly<Record<string, readonly number[]>>, peer: string) =>
    median([...(all["steward"] ?? [])]) / median([...(all[peer] ?? [])]);
  return {
    besideHandWritten: share(pipelines, "hand-written, a child workflow a step"),
    besideActivities: share(pipelines, "hand-written, an activity a step"),
    trial: share(studies, "optuna on postgres"),
  };
}

/** When the first trial of the study under way began, in milliseconds as `performance.now` has them. */
let firstBegan = 0;

/** What the bench's workflows have done: nothing, but for all of a trial that is not its training. */
function makeActivities(tools: ActivityTools): object {
  const { performLong } = tools;
  const nothing: PipelineActivities = {
    doNothing: () => performLong("train", async () => undefined),
    doNothingBare: async () => undefined,
  };
  const trial = async ({ suggestion }: Pick<TrialOptions, "suggestion">) => {
    // The sampler's process is there before a trial counts, as the peer's is.
    if (suggestion.number === 0) firstBegan = performance.now();
    const values = [trialValue(suggestion.params)];
    return { ...suggestion, state: "completed" as const, values, intermediates: [], seconds: 0 };
  };
  return {
    ...createTuneActivities(tools, (_, options) => trial(options)),
    ...nothing,
    finishStudy: async () => undefined,
  };
}

/** Runs a study through its workflow. @returns what a trial took, in seconds */
async function runStudy(
  client: Client,
  store: Store,
  { turn, trials }: { readonly turn: number; readonly trials: number },
) {
  const training: TrainingJobSpec = {
    ...spending,
    seed: turn,
    tuning: describeTuning({ sampler: "tpe", metric: "log-loss", trials }),
  };
  const run = digestOf({ turn });
  await nameArtefact(store, artefactNames.trainingSet(run), (await store.putJson(await describeSet(store))).sha256);
  const desired = {
    kind: "model",
    spec: await store.putJson(spender),
    training: await store.putJson(training),
    trainer: await store.putJson({}),
    features: {},
    datasets: {},
  } as const;
  const study = { taskQueue, workflowId: `study-${turn}`, args: [{ identity: run, run, desired }] } as const;
  await client.workflow.execute(tune, { ...study, args: [...study.args] });
  return (performance.now() - firstBegan) / 1_000 / trials;
}

async function describeSet(store: Store): Promise<TrainingSet> {
  const split = { object: await store.putBytes(Buffer.alloc(0)), rows: 1, from: "2001-01-01", to: "2001-01-02" };
  return {
    format: formatOf("training-set"),
    identity: "bench",
    task: "binary",
    features: [],
    categories: {},
    prior: 0.5,
    splits: { train: split, validation: split, test: split },
    slices: [],
  };
}

/** @returns seconds */
async function time(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}

/** Measures each in turns; the first turn does not count. */
async function takeTurns(
  { repeats, signal }: Pick<PipelineBench, "repeats" | "signal">,
  contenders: Readonly<Record<string, (turn: number) => Promise<number>>>,
): Promise<Readonly<Record<string, readonly number[]>>> {
  const took = Object.fromEntries(Object.keys(contenders).map((name) => [name, [] as number[]]));
  for (let turn = 0; turn <= repeats; turn++) {
    for (const [name, measure] of Object.entries(contenders)) {
      signal.throwIfAborted();
      const seconds = await measure(turn);
      if (turn > 0) took[name]?.push(seconds);
    }
  }
  return took;
}

function showMilliseconds(all: readonly number[]): string {
  return all.map((each) => (each * 1_000).toFixed(1)).join(" ");
}
