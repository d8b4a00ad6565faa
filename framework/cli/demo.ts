/**
 * `npm run demo`: brings up stack `local`, asks its endpoints for a prediction and says what to try next.
 * `npm run demo -- down` stops it.
 * @module
 */
import { randomUUID } from "node:crypto";
import { styleText } from "node:util";
import { StewardError } from "../definitions/problem.ts";
import type { EntityStatus, LiveModel } from "../engine/entity-status.ts";
import { evaluationSchema } from "../evaluation/evaluation.ts";
import { formatEvaluation } from "../evaluation/evaluation-text.ts";
import { modelPackageSchema } from "../models/model-package.ts";
import { digestOf } from "../plan/digest.ts";
import type { Store } from "../store/store.ts";
import { toReadable } from "../toolchain/system-failure.ts";
import { alignColumns, parseCall } from "./command.ts";
import { downCommand } from "./commands/down.ts";
import { predictOne } from "./prediction.ts";
import { callPulumi } from "./pulumi-program.ts";
import { readCallStack, requirePrepared, type Stack, withStack } from "./stack.ts";

async function main(args: readonly string[]): Promise<number> {
  const [first] = args;
  const call = parseCall("down", downCommand, first === "down" ? args.slice(1) : args);
  if (first === "down") return downCommand.run(call);
  const stack = await readCallStack(call);
  const before = await readStatuses(stack);
  const words = ["up", "-s", stack.name, "--yes", "--skip-preview"];
  const code = await callPulumi({ words, root: stack.root });
  if (code !== 0) return code;
  return withStack(stack, async ({ engine, openStore }) => {
    const store = await openStore();
    const statuses = await engine.list(stack.project.name);
    const unchanged = before !== undefined && digestOf(before) === digestOf(statuses);
    if (unchanged) print(`\n${styleText("green", "✔")} Nothing changed: nothing was ingested, trained or released.`);
    for (const status of statuses) if (status.live?.kind === "model") await showModel(status.name, status.live, store);
    for (const status of statuses) await showPrediction(status, store);
    showNext(stack, statuses);
    return 0;
  });
}

/** What was true before, when there is an engine to ask. */
async function readStatuses(stack: Stack): Promise<EntityStatus[] | undefined> {
  try {
    return await withStack(stack, ({ engine }) => engine.list(stack.project.name));
  } catch (error) {
    // Never up, or down: nobody can have changed anything, but there is nobody to ask either.
    if (error instanceof StewardError) return undefined;
    throw error;
  }
}

async function showModel(name: string, live: LiveModel, store: Store): Promise<void> {
  const evaluation = await store.getJson(live.evaluation, evaluationSchema);
  print(`\n${styleText("bold", `Model ${name}, version ${live.version}`)}  package ${live.package}`);
  print(formatEvaluation(evaluation).join("\n"));
}

async function showPrediction({ kind, name, live, desired }: EntityStatus, store: Store): Promise<void> {
  if (kind !== "endpoint" || live?.kind !== "endpoint" || desired.kind !== "endpoint") return;
  const { example } = await store.getJson(live.package, modelPackageSchema);
  const answer = await predictOne({ address: live.address, model: desired.model, id: randomUUID(), features: example });
  print(`\n${styleText("bold", `Endpoint ${name}`)}  ${live.address}/v2/models/${desired.model}/infer`);
  print(`  asked   ${JSON.stringify(example)}`);
  print(`  answer  ${styleText("green", JSON.stringify(answer.outputs))}`);
}

function showNext(stack: Stack, statuses: readonly EntityStatus[]): void {
  const { ui, namespace } = requirePrepared(stack).connection.engine;
  const endpoint = statuses.find(({ kind }) => kind === "endpoint")?.name ?? "<endpoint>";
  const job = stack.project.definitions.find((definition) => definition.kind === "training-job");
  const [parameter] = Object.keys(job?.params ?? {});
  print(`\nWorkflows: ${ui}/namespaces/${namespace}/workflows`);
  print(`\nTry next:`);
  const next = [
    [`npx steward predict ${endpoint}`, "# ask again, with features of your own as JSON"],
    ["npx steward plan", `# after an edit, say of params.${parameter ?? "…"}: what would be trained again`],
    ["npm run demo -- down", "# stop everything and keep it"],
  ] as const;
  for (const line of alignColumns(next)) print(line);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  const error = toReadable(thrown);
  if (!(error instanceof StewardError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
