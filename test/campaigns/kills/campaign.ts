/**
 * A campaign of kills: a study runs undisturbed, then the same one with its processes killed, on a stack with everything real.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import type { TrainingJobSpec } from "../../../framework/definitions/spec.ts";
import type { TuningSpec } from "../../../framework/definitions/tuning-spec.ts";
import { stepId } from "../../../framework/engine/entity-names.ts";
import { trialIdentity } from "../../../framework/plan/identity.ts";
import { identifyProcess, isAlive, type ProcessIdentity } from "../../../framework/toolchain/process-identity.ts";
import type { Trial } from "../../../framework/training/tuning/study.ts";
import { listTrials } from "../../../framework/training/tuning/study-record.ts";
import { type AppliedModel, type AppliedShop, shopJob, shopModel } from "../../support/applied-shop.ts";
import { findBelow, findSamplers, listProcesses } from "../../support/processes.ts";
import type { TestStack } from "../../support/stack.ts";
import { createDraw } from "../promise/draw.ts";
import { drawKills, type Kill, type Victim } from "./kills.ts";
import { type DoneKill, findBreaches, type Observed } from "./verdict.ts";

export interface CampaignOptions {
  readonly seed: number;
  readonly trials: number;
  /** How many run at a time. Of more than one it is not told what they would be undisturbed. */
  readonly parallel: number;
  readonly victims: readonly Victim[];
}

export interface RecordedCampaign extends CampaignOptions {
  readonly kills: readonly Kill[];
  /** How the trials ended, in the order of their numbers. */
  readonly states: readonly Trial["state"][];
  /** How many programs were started again because they were interrupted. */
  readonly again: number;
  readonly breaches: readonly string[];
  readonly seconds: number;
}

/** How long a process that outlived its worker may take to notice, in milliseconds. */
const graceMilliseconds = 10_000;

const tuning: TuningSpec = {
  sampler: "tpe",
  pruner: { kind: "median", startup: 2, warmup: 0 },
  objectives: [{ metric: "log-loss", direction: "minimize" }],
  space: [
    { param: "mode", distribution: { kind: "choice", values: ["sound", "sound too", "broken"] } },
    { param: "weight", distribution: { kind: "float", low: 0.01, high: 2, scale: "log" } },
  ],
  trials: 0,
  parallel: 1,
  budget: {},
  failures: 0.9,
  warmStart: false,
};

/** Runs a study undisturbed and once more with kills. */
export async function runCampaign(
  stack: TestStack,
  shop: AppliedShop,
  options: CampaignOptions,
): Promise<RecordedCampaign> {
  const { seed, trials, parallel, victims } = options;
  const began = performance.now();
  const params = { ...shopJob.params, seconds: 0.3 };
  const job: TrainingJobSpec = { ...shopJob, seed, params, tuning: { ...tuning, trials, parallel } };
  const model = { ...shopModel, name: `spender-${seed}` };
  // Which study it is depends on its trainer, and what is suggested on its seed.
  await shop.placeTrainer(`calm ${seed}`);
  const calm = parallel === 1 ? await runCalm(stack, shop, job) : undefined;
  await shop.placeTrainer(`disturbed ${seed}`);
  const before = (await shop.begun()).length;
  const applied = await shop.apply(job, model);
  const killer = new Killer(stack, { trials, applied, shop, before, runOf: runOf(job, applied) });
  const kills = drawKills(createDraw(seed), victims, trials);
  for (const kill of kills) await killer.kill(kill);
  await shop.settled(model.name, applied.generation);
  const seen = await observe(stack, { applied, killer, begun: (await shop.begun()).slice(before) });
  const fails = ({ params }: Trial) => params["mode"] === "broken";
  const declared = { trials, parallel, runOf: runOf(job, applied), fails, ...(calm && { calm }) };
  return {
    ...options,
    kills: seen.kills.map(({ recorded: _recorded, begun: _begun, ...kill }) => kill),
    states: seen.trials.map((trial) => trial.state),
    again: seen.begun.length - new Set(seen.begun).size,
    breaches: findBreaches(declared, seen),
    seconds: (performance.now() - began) / 1_000,
  };
}

async function runCalm({ store }: TestStack, shop: AppliedShop, job: TrainingJobSpec): Promise<readonly Trial[]> {
  const name = `calm-${job.seed}`;
  const { generation, run } = await shop.apply(job, { ...shopModel, name });
  const { reasons } = await shop.settled(name, generation);
  const trials = await listTrials(store, run);
  if (trials.length === job.tuning?.trials) return trials;
  throw new Error(`the undisturbed study has ${trials.length} trials: ${reasons.join("\n")}`);
}

const runOf =
  (job: TrainingJobSpec, { trainingSet, trainer }: AppliedModel) =>
  ({ params }: Trial): string =>
    trialIdentity(job, params, { trainingSet, trainer });

interface KillerOptions {
  /** How many trials are declared. */
  readonly trials: number;
  readonly applied: AppliedModel;
  readonly shop: AppliedShop;
  /** How many programs had been started before the study began. */
  readonly before: number;
  readonly runOf: (trial: Trial) => string;
}

/** Ends processes with SIGKILL, and watches what becomes of those that they had started. */
class Killer {
  readonly done: DoneKill[] = [];
  readonly #stack: TestStack;
  readonly #options: KillerOptions;
  readonly #watched = new Map<string, { readonly identity: ProcessIdentity; readonly command: string }>();
  readonly #reviving: Promise<unknown>[] = [];

  constructor(stack: TestStack, options: KillerOptions) {
    this.#stack = stack;
    this.#options = options;
  }

  async kill(kill: Kill): Promise<void> {
    const { applied, shop, before, runOf: identify } = this.#options;
    while ((await this.#trials()).length < kill.after) await delay(50);
    if (kill.running) await this.#untilBegun();
    await delay(kill.delay);
    const pid = await this.#find(kill.victim);
    // The study was over: it is not counted as done.
    if (pid === undefined) return;
    if (kill.victim === "worker") await this.#watch(pid);
    const recorded = (await listTrials(this.#stack.store, applied.run)).map(identify);
    const begun = (await shop.begun()).length - before;
    process.kill(pid, "SIGKILL");
    this.done.push({ ...kill, recorded, begun });
    if (kill.victim === "sampler") return;
    // A supervisor waits ever longer before it starts again what ends again and again; here that only takes time.
    const reviving = this.#revive();
    this.#reviving.push(reviving);
    if (kill.patient) await reviving;
  }

  /** Those that still live although their worker has ended. */
  async findLeft(): Promise<readonly string[]> {
    await Promise.all(this.#reviving);
    const end = performance.now() + graceMilliseconds;
    const living = () => [...this.#watched.values()].filter(({ identity }) => isAlive(identity));
    while (living().length > 0 && performance.now() < end) await delay(100);
    return living().map(({ command }) => command);
  }

  /** Waits until one more program has begun. */
  async #untilBegun(): Promise<void> {
    const { shop, trials } = this.#options;
    const before = (await shop.begun()).length;
    while ((await shop.begun()).length === before && (await this.#trials()).length < trials) await delay(20);
  }

  #trials(): Promise<readonly Trial[]> {
    return listTrials(this.#stack.store, this.#options.applied.run);
  }

  async #revive(): Promise<void> {
    // The supervisor hears of an end a moment later.
    for (let turn = 0; turn < 3; turn++) {
      await delay(200);
      await this.#stack.supervisor.revive();
    }
  }

  async #find(victim: Victim): Promise<number | undefined> {
    while ((await this.#trials()).length < this.#options.trials) {
      const services = await this.#stack.supervisor.list();
      const pid = services.find(({ name }) => name === (victim === "engine" ? "engine" : "worker"))?.pid;
      const found = victim === "sampler" && pid !== undefined ? findSamplers(await listProcesses(), pid)[0]?.pid : pid;
      if (found !== undefined) return found;
      await delay(50);
    }
    return undefined;
  }

  async #watch(worker: number): Promise<void> {
    for (const { pid, command } of findBelow(await listProcesses(), worker)) {
      const identity = identifyProcess(pid);
      if (identity) this.#watched.set(`${pid} ${identity.started}`, { identity, command });
    }
  }
}

interface Ended {
  readonly applied: AppliedModel;
  readonly killer: Killer;
  readonly begun: readonly string[];
}

async function observe({ store, engine, project }: TestStack, { applied, killer, begun }: Ended): Promise<Observed> {
  const trials = await listTrials(store, applied.run);
  const count = async (prefix: string) => (await gather(store.listNames(prefix))).length;
  const completed = trials.filter((trial) => trial.run !== undefined);
  const runs = await Promise.all(
    completed.map(async ({ run }) =>
      run ? (JSON.parse(String(await store.getBytes(run))) as { identity: string }) : undefined,
    ),
  );
  const workflowId = stepId(project, "tune", `${shopJob.name}@${applied.run.slice(0, 12)}`);
  const executions = await gather(engine.client.workflow.list({ query: `WorkflowId = "${workflowId}"` }));
  return {
    trials,
    names: await gather(store.listNames(`trial/${applied.run}/`)),
    runNames: await Promise.all(runs.map((run) => count(`runs/${run?.identity}/`))),
    begun,
    carriedOut: await listCarriedOut(engine.client, workflowId),
    workflows: executions.length,
    state: executions[0]?.status.name ?? "UNKNOWN",
    kills: killer.done,
    left: await killer.findLeft(),
  };
}

/** The numbers of the trials whose activities a workflow's history has, those that ended well. */
async function listCarriedOut(client: TestStack["engine"]["client"], workflowId: string): Promise<readonly number[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const ended = new Set(
    (events ?? []).flatMap(({ activityTaskCompletedEventAttributes: completed }) =>
      completed ? [String(completed.scheduledEventId)] : [],
    ),
  );
  return (events ?? []).flatMap(({ eventId, activityTaskScheduledEventAttributes: scheduled }) => {
    if (scheduled?.activityType?.name !== "runTrial" || !ended.has(String(eventId))) return [];
    const data = scheduled.input?.payloads?.[0]?.data;
    const input = JSON.parse(Buffer.from(data ?? []).toString()) as { suggestion: { number: number } };
    return [input.suggestion.number];
  });
}

async function gather<T>(all: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const one of all) found.push(one);
  return found;
}
