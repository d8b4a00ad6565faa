/**
 * `steward score`: answers the rows of a version of a dataset by a version of a model, and makes a version of a dataset of them.
 * @module
 */
import { resolve } from "node:path";
import { readVersionLog } from "../../data/version-log.ts";
import { StewardError } from "../../definitions/problem.ts";
import type { Engine, EntityAddress } from "../../engine/engine.ts";
import type { LiveModel } from "../../engine/entity-status.ts";
import {
  awaitScoring,
  cancelScorings,
  listUnknownScorings,
  type ScoringAddress,
  type ScoringEnd,
  scoringId,
  startScoring,
} from "../../engine/scoring.ts";
import { shortDigest } from "../../plan/digest.ts";
import { composeRequest } from "../../scoring/compose-request.ts";
import { findScored } from "../../scoring/find-scored.ts";
import { nameScored, type ScoreRequest, type ScoreResult } from "../../scoring/scoring.ts";
import type { Store } from "../../store/store.ts";
import { Interruption, watchInterruption } from "../../toolchain/interruption.ts";
import { type Call, type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { openVersion, readAddress, readDatasetHistory } from "../dataset-versions.ts";
import { findModelVersion } from "../model-version.ts";
import { findActor, readCallStack, requirePrepared, type Stack, withStack } from "../stack.ts";
import { formatCount } from "../table.ts";

export const scoreCommand: Command = {
  summary: "Answer the rows of a version of a dataset by a model, as a version of a dataset of its own.",
  arguments: "<model> <dataset[@version]>",
  count: [2, 2],
  options: {
    ...stackOption,
    ...jsonOption,
    version: {
      type: "string",
      help: "the dataset's version: its number, or the beginning of its root (default: the live one)",
    },
    "model-version": {
      type: "string",
      help: "the model's: production, or the number of one of its last 20 releases (default: production)",
    },
    columns: {
      type: "string",
      help: "columns of the dataset to keep beside its event time and its key, by commas (default: none)",
    },
    out: { type: "string", help: "write the scored rows to this Parquet file too (default: none)" },
    cancel: {
      type: "boolean",
      help: "end those under way, of any version unless one is named; what is scored stays",
    },
    as: { type: "string", help: "who asks (default: the user of this machine)" },
  },
  help: `
The dataset is the one that the model was trained on, one that has the columns its features are computed from, or one whose
columns are the features. The scored rows are a version of <dataset>.scored-by.<model>, which npx steward data shows, compares,
checks out and traces as any other. What was scored before is not scored again: of a dataset that has grown only what is new, where
the features of a row look at no other row.

The work goes on in the stack when this command is interrupted; the same command again watches it on.

  npx steward score late-arrival trips
  npx steward score late-arrival trips@3 --columns origin,destination --out scored.parquet
  npx steward score late-arrival trips --model-version 2 --json`,
  run: async (call) => {
    const wanted = readWanted(call);
    const stack = await readCallStack(call);
    return await withStack(stack, async ({ engine, openStore }) => {
      const store = await openStore();
      if (call.has("cancel")) return await cancel(call, { stack, engine, store, wanted });
      const request = await compose(call, { stack, engine, store, wanted });
      return await score(call, { stack, engine, store, request });
    });
  },
};

/** What is to be scored, as it was typed. */
interface Wanted {
  readonly model: string;
  readonly dataset: string;
  /** @default the live one */
  readonly version: string | undefined;
  readonly columns: readonly string[];
}

/** @throws StewardError for what names no version, or two */
function readWanted(call: Pick<Call, "arguments" | "text">): Wanted {
  const [model = "", word] = call.arguments;
  const { dataset, version: behind } = readAddress(word);
  const beside = call.text("version");
  if (behind !== undefined && beside !== undefined)
    throw new StewardError({
      code: "command-misused",
      at: "",
      what: "a version of the dataset is named twice",
      got: `${word} and --version ${beside}`,
      expected: `${dataset}@${beside}, or --version ${beside}`,
      fix: "see npx steward score --help",
    });
  const columns = (call.text("columns") ?? "").split(",").map((name) => name.trim());
  return { model, dataset, version: behind ?? beside, columns: columns.filter((name) => name !== "") };
}

interface Parts {
  readonly stack: Stack;
  readonly engine: Engine;
  readonly store: Store;
}

/** Ends the scorings of the dataset by the model, whatever is live by now; of them those that are named more closely. */
async function cancel(
  call: Call,
  { stack, engine, store, wanted }: Parts & { readonly wanted: Wanted },
): Promise<number> {
  const { model, dataset, version, columns } = wanted;
  const project = stack.project.name;
  const asked = call.text("model-version");
  const meant = {
    project,
    model,
    dataset,
    ...(version !== undefined && { root: await findRoot({ engine, store, stack }, { dataset, version }) }),
    ...(asked !== undefined && {
      package: (await findRelease(engine, { project, kind: "model", name: model }, asked)).package,
    }),
    ...(call.text("columns") !== undefined && { columns }),
  };
  const cancelled = await cancelScorings(engine.client, meant);
  const unknown = await listUnknownScorings(engine.client, meant);
  const name = nameScored(dataset, model);
  const { ui, namespace } = requirePrepared(stack).connection.engine;
  const pages = unknown.map((id) => `${ui}/namespaces/${namespace}/workflows/${encodeURIComponent(id)}`);
  call.print(
    call.has("json")
      ? JSON.stringify({ dataset: name, cancelled: cancelled > 0, unknown }, null, 2)
      : formatCancelled(name, { cancelled, pages }),
  );
  return exitCodes.done;
}

/** What came of it, for people. Pure. @param found.pages of scorings that do not say what they score */
export function formatCancelled(
  name: string,
  { cancelled, pages }: { readonly cancelled: number; readonly pages: readonly string[] },
): string {
  const ended =
    cancelled > 0
      ? `✔ ${name}: ${cancelled === 1 ? "the scoring is" : `${cancelled} scorings are`} being ended`
      : `${name}: no such scoring is under way`;
  if (pages.length === 0) return ended;
  const [which, them] =
    pages.length === 1 ? ["one by the model does", "it"] : [`${pages.length} by the model do`, "them"];
  const left = `  ! ${which} not say what is scored, for an older version of Steward began ${them}: if you mean ${them}, cancel ${them} here`;
  return [ended, left, ...pages.map((page) => `    ${page}`)].join("\n");
}

async function findRoot(
  { stack, engine, store }: Parts,
  { dataset, version }: Pick<Wanted, "dataset" | "version">,
): Promise<string> {
  const statuses = await engine.list(stack.project.name);
  return (await openVersion(store, await readDatasetHistory(store, statuses, dataset), version)).root;
}

async function compose(call: Call, parts: Parts & { readonly wanted: Wanted }): Promise<ScoreRequest> {
  const { stack, engine, store, wanted } = parts;
  const { model, dataset, version, columns } = wanted;
  const entity: EntityAddress = { project: stack.project.name, kind: "model", name: model };
  const release = await findRelease(engine, entity, call.text("model-version"));
  const statuses = await engine.list(entity.project);
  const { root } = await openVersion(store, await readDatasetHistory(store, statuses, dataset), version);
  return composeRequest(store, { model, release, dataset, root, columns, statuses, actor: findActor(call) });
}

async function findRelease(engine: Engine, entity: EntityAddress, asked: string | undefined): Promise<LiveModel> {
  if (asked === undefined || asked === "production") {
    const found = findModelVersion(entity.name, await engine.status(entity));
    if ("version" in found) return found;
  }
  const releases = await engine.releases(entity);
  const found = releases.find(({ version }) => String(version) === asked);
  if (found) return found;
  throw new StewardError({
    code: "model-not-live",
    at: `model/${entity.name}`,
    what: `model "${entity.name}" has no release "${asked}"`,
    expected: ["production", ...releases.map(({ version }) => version)].join(", "),
  });
}

async function score(
  call: Call,
  { stack, engine, store, request }: Parts & { readonly request: ScoreRequest },
): Promise<number> {
  const { client } = engine;
  const { identity, model, dataset } = request;
  const address = { project: stack.project.name, model, identity };
  const name = nameScored(dataset, model);
  const known = await findLogged(store, request);
  const started = performance.now();
  const end: ScoringEnd<LoggedScore> = known
    ? { state: "done", result: known }
    : await startScoring(client, address, request).then(() => watch(client, address));
  if (end.state !== "done") {
    const reasons = end.state === "failed" ? end.reasons : ["it was cancelled; the same command goes on with it"];
    const lines = reasons.map((reason) => `  ✖ ${reason.replaceAll("\n", "\n    ")}`);
    const facts = { dataset: name, state: end.state, reasons, workflow: scoringId(address) };
    call.print(call.has("json") ? JSON.stringify(facts, null, 2) : [`✖ ${name}: ${end.state}`, ...lines].join("\n"));
    return exitCodes.failed;
  }
  const out = call.text("out");
  if (out !== undefined) {
    const { writeVersionFile } = await import("../../data/write-version-file.ts");
    await writeVersionFile(store, end.result.root, resolve(out));
  }
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const facts = {
    ...end.result,
    dataset: name,
    state: end.state,
    isNew: known === undefined,
    ...describe(request),
    seconds,
  };
  call.print(
    call.has("json")
      ? JSON.stringify({ ...facts, ...(out !== undefined && { out: resolve(out) }) }, null, 2)
      : formatScored(facts),
  );
  if (out !== undefined && !call.has("json")) call.print(`  written: ${resolve(out)}`);
  return exitCodes.done;
}

/** Shows how far a scoring is until it ends. @throws Interruption that says that the work goes on: it is the stack's */
async function watch(client: Engine["client"], address: ScoringAddress): Promise<ScoringEnd<LoggedScore>> {
  using interruption = watchInterruption();
  const { signal } = interruption;
  const show = (line: string) => void process.stderr.write(`${line}\n`);
  // What the engine is asked is given up with it: the process would live as long as that.
  const ended = client.withAbortSignal(signal, () => awaitScoring<LoggedScore>(client, address, show));
  return await untilInterrupted(ended, signal);
}

/** What comes of a scoring that goes on where its watching is interrupted. @throws Interruption that says so */
export async function untilInterrupted<T>(ended: Promise<T>, signal: AbortSignal): Promise<T> {
  const interrupted = new Promise<never>((_, reject) => {
    const leave = (): void => reject(sayItGoesOn(signal.reason));
    signal.addEventListener("abort", leave, { once: true });
  });
  return await Promise.race([ended, interrupted]);
}

function sayItGoesOn(reason: unknown): unknown {
  const rest = "it goes on; the same command watches it again, --cancel ends it";
  return reason instanceof Interruption ? new Interruption(reason.signal, rest) : reason;
}

type LoggedScore = ScoreResult & { readonly number: number };

/** A scoring that was done before and has its number: nothing is left to do. */
async function findLogged(store: Store, { identity, dataset, model }: ScoreRequest): Promise<LoggedScore | undefined> {
  const result = await findScored(store, identity);
  const records = result ? await readVersionLog(store, nameScored(dataset, model)) : [];
  const record = records.findLast(({ root }) => root === result?.root);
  return result && record && { ...result, number: record.number };
}

function describe({ model, version, package: digest, columns }: ScoreRequest) {
  return { model: { name: model, version, package: digest }, columns };
}

type Facts = ScoreResult & {
  readonly number: number;
  readonly dataset: string;
  readonly isNew: boolean;
  readonly model: { readonly name: string; readonly version: number; readonly package: string };
};

/** What came of it, for people. Pure. */
export function formatScored({ dataset, number, root, rows, refused, leftOut, isNew, model }: Facts): string {
  const first = `✔ ${dataset}: version ${number}, ${formatCount(rows, "row")}${isNew ? "" : ", as they were scored before"}`;
  const by = `  answered by version ${model.version} of ${model.name}, package ${shortDigest(model.package)}; root ${shortDigest(root)}`;
  const without = [
    ...(refused > 0
      ? [`  ${formatCount(refused, "row")} without an answer: the model refuses them, or has no finite one`]
      : []),
    ...(leftOut > 0 ? [`  ${formatCount(leftOut, "row")} left out, which say no time`] : []),
  ];
  return [first, by, ...without].join("\n");
}
