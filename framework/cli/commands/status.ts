/**
 * `steward status`: what is true now.
 * @module
 */
import { styleText } from "node:util";
import { addressRows, listPushDatasets } from "../../data/intake/address.ts";
import { StewardError } from "../../definitions/problem.ts";
import type { Engine } from "../../engine/engine.ts";
import type { EntityState, EntityStatus, LookedExperiment, TestReads, WonFrom } from "../../engine/entity-status.ts";
import { describeCode } from "../../project/code-record.ts";
import type { LogReadingStore } from "../../serving/log/list-parts.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { formatLive } from "../live-text.ts";
import type { LogState } from "../log-state.ts";
import { readCallStack, requirePrepared, type Stack, withStack } from "../stack.ts";

const colors: Readonly<Record<EntityState, "green" | "yellow" | "red" | "cyan" | "gray">> = {
  ready: "green",
  working: "cyan",
  "awaiting-approval": "yellow",
  failed: "red",
  retired: "gray",
};

export const statusCommand: Command = {
  summary: "Show the datasets, models and endpoints of a stack: what is live, what waits, what failed and why.",
  arguments: "[name]",
  count: [0, 1],
  options: { ...stackOption, ...jsonOption },
  help: `
  npx steward status                everything
  npx steward status late-arrival   the definitions of one name, with what is known of what is live; --json has all of it`,
  run: async (call) => {
    const stack = await readCallStack(call);
    const [name] = call.arguments;
    const shown = await withStack(stack, async ({ engine, openStore }) => {
      const all = await engine.list(stack.project.name);
      const chosen = choose(all, name);
      // Of all of them at once that would take as long as everything else.
      const logs = name !== undefined && chosen.some(({ kind }) => kind === "endpoint") ? await openStore() : undefined;
      return Promise.all(chosen.map(async (status) => withLog(await withProgress(status, engine), logs)));
    });
    const { ui, namespace } = requirePrepared(stack).connection.engine;
    const intake = findIntake(stack, name);
    if (call.has("json")) {
      call.print(JSON.stringify({ stack: stack.name, ui, ...(intake && { intake }), entities: shown }, null, 2));
      return exitCodes.done;
    }
    if (shown.length === 0) call.print("nothing is deployed");
    for (const status of shown) call.print(formatStatus(status, name !== undefined));
    if (intake) call.print(formatIntake(intake));
    call.print(`\nhistories: ${ui}/namespaces/${namespace}/workflows`);
    return exitCodes.done;
  },
};

/** Where rows are pushed, by the names of datasets. @returns nothing where none that is meant takes any */
function findIntake(stack: Stack, name: string | undefined): Readonly<Record<string, string>> | undefined {
  const datasets = listPushDatasets(stack.project.definitions).filter(
    (dataset) => name === undefined || name === dataset,
  );
  const { intake } = requirePrepared(stack);
  return intake && datasets.length > 0 ? addressRows(intake.port, datasets) : undefined;
}

/** Where rows are pushed, for a terminal. */
export function formatIntake(intake: Readonly<Record<string, string>>): string {
  const lines = Object.entries(intake).map(([dataset, address]) => `  ${dataset}: POST ${address}`);
  return ["\nrows are pushed with the token of npx pulumi stack output intakeToken --show-secrets, to", ...lines].join(
    "\n",
  );
}

/** A status with what its step says of itself. */
interface ShownStatus extends EntityStatus {
  /** The line of progress of a step at work. @default it has none, or is not at work */
  readonly progress?: string;
  /** What is in the store of an endpoint's log. @default it was not asked for, or the store does not answer */
  readonly log?: LogState;
}

function choose(all: readonly EntityStatus[], name: string | undefined): readonly EntityStatus[] {
  const named = name === undefined ? all : all.filter((status) => status.name === name);
  if (name === undefined || named.length > 0) return named;
  const known = [...new Set(all.map((status) => status.name))].join(", ");
  throw new StewardError({
    code: "entity-unknown",
    at: "",
    what: `no dataset, model or endpoint is named "${name}"`,
    expected: known ? `one of ${known}` : "something that is deployed; nothing is",
  });
}

async function withProgress(status: EntityStatus, engine: Pick<Engine, "progress">): Promise<ShownStatus> {
  const progress = status.state === "working" ? await engine.progress(status) : undefined;
  return progress === undefined ? status : { ...status, progress };
}

async function withLog(status: ShownStatus, store: LogReadingStore | undefined): Promise<ShownStatus> {
  if (status.kind !== "endpoint" || !store) return status;
  const { readLogState } = await import("../log-state.ts");
  const log = await readLogState(store, status.name);
  return log ? { ...status, log } : status;
}

/** A status for a terminal. `full` adds what is known of what is live. */
export function formatStatus(status: ShownStatus, full: boolean): string {
  const { kind, name, state, summary, progress, reasons, candidate, live, testReads, experiment } = status;
  const head = `${styleText(colors[state], `● ${state}`)}  ${kind} ${styleText("bold", name)}  ${summary}`;
  const lines = [
    head,
    ...reasons.filter((reason) => reason !== summary).map((reason) => `    ✖ ${reason.replaceAll("\n", "\n      ")}`),
  ];
  if (progress !== undefined && progress !== summary) lines.push(`    ${progress}`);
  const schedule = describeSchedule(status);
  if (schedule) lines.push(`    ${schedule}`);
  if (experiment) lines.push(`    ${describeLook(experiment)}`);
  if (testReads) lines.push(`    ${describeTestReads(testReads)}`);
  if (live?.kind === "model" && live.from) lines.push(`    version ${live.version} is ${describeOrigin(live.from)}`);
  if (candidate?.from) lines.push(`    the candidate is ${describeOrigin(candidate.from)}`);
  if (live?.kind === "model" && live.desired?.code)
    lines.push(`    version ${live.version} was made from ${describeCode(live.desired.code)}`);
  if (state === "failed" && live) lines.push(`    ${describeKept(live)}`);
  if (candidate) {
    lines.push(
      `    candidate ${candidate.digest.slice(0, 12)} waits; approve it with: npx steward approve ${name} --as ${candidate.policy.from.join(" or ")}`,
    );
  }
  if (full && live) lines.push(...formatLive(live, status.log).map((line) => `    ${line}`));
  return lines.join("\n");
}

/** How often a dataset's source is looked at, and when it was last. @returns nothing when it has no schedule */
function describeSchedule({ desired, looked }: EntityStatus): string | undefined {
  if (desired?.kind !== "dataset" || desired.every === undefined) return undefined;
  const last = looked === undefined ? "not yet" : `last at ${looked.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC")}`;
  return `looks for something new every ${desired.every}, ${last}`;
}

/** `experiment trees, looked at 2026-03-01 12:00:00 UTC: Nothing is decided after 3 days.` */
function describeLook({ name, at, sentence }: LookedExperiment): string {
  return `experiment ${name}, looked at ${at.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC")}: ${sentence}`;
}

/** `version 3 of late-bigger, which won experiment trees on late-arrival` */
function describeOrigin({ model, version, experiment, endpoint }: WonFrom): string {
  return `version ${version} of ${model}, which won experiment ${experiment} on ${endpoint}`;
}

/** `the test rows were read once for this candidate, one of 3 to be judged on them` */
function describeTestReads({ candidate, candidates }: TestReads): string {
  const times = candidate === 1 ? "once" : `${candidate} times`;
  const others = candidates === 1 ? "the first" : `one of ${candidates}`;
  return `the test rows were read ${times} for this candidate, ${others} to be judged on them`;
}

/** What a failure has left as it was. */
function describeKept(live: NonNullable<EntityStatus["live"]>): string {
  switch (live.kind) {
    case "dataset":
      return `the version before stays in use: ${live.rows.toLocaleString("en")} rows`;
    case "model":
      return `version ${live.version} stays in production`;
    case "endpoint":
      return `version ${live.version} was served last`;
  }
}
