/**
 * The `steward` program.
 * @module
 */
import { readFileSync } from "node:fs";
import { formatProblems, type Problem, StewardError } from "../definitions/problem.ts";
import { findNearest } from "../definitions/suggestion.ts";
import { Interruption } from "../toolchain/interruption.ts";
import { toReadable } from "../toolchain/system-failure.ts";
import { alignColumns, type Command, exitCodes, formatHelp, parseCall } from "./command.ts";

/** Loaded one at a time: a command that needs no engine should not wait for one to load. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  plan: async () => (await import("./commands/plan.ts")).planCommand,
  status: async () => (await import("./commands/status.ts")).statusCommand,
  requests: async () => (await import("./commands/requests.ts")).requestsCommand,
  predict: async () => (await import("./commands/predict.ts")).predictCommand,
  feedback: async () => (await import("./commands/feedback.ts")).feedbackCommand,
  experiment: async () => (await import("./commands/experiment.ts")).experimentCommand,
  score: async () => (await import("./commands/score.ts")).scoreCommand,
  approve: async () => (await import("./commands/decide.ts")).approveCommand,
  reject: async () => (await import("./commands/decide.ts")).rejectCommand,
  test: async () => (await import("./commands/test.ts")).testCommand,
  evaluation: async () => (await import("./commands/evaluation.ts")).evaluationCommand,
  card: async () => (await import("./commands/card.ts")).cardCommand,
  diff: async () => (await import("./commands/diff.ts")).diffCommand,
  forget: async () => (await import("./commands/forget.ts")).forgetCommand,
  rollback: async () => (await import("./commands/rollback.ts")).rollbackCommand,
  client: async () => (await import("./commands/client.ts")).clientCommand,
  rollout: async () => (await import("./commands/rollout.ts")).rolloutCommand,
  ingest: async () => (await import("./commands/ingest.ts")).ingestCommand,
  "data log": async () => (await import("./commands/data/log.ts")).dataLogCommand,
  "data show": async () => (await import("./commands/data/show.ts")).dataShowCommand,
  "data diff": async () => (await import("./commands/data/diff.ts")).dataDiffCommand,
  "data checkout": async () => (await import("./commands/data/checkout.ts")).dataCheckoutCommand,
  "data quarantine": async () => (await import("./commands/data/quarantine.ts")).dataQuarantineCommand,
  "data readmit": async () => (await import("./commands/data/readmit.ts")).dataReadmitCommand,
  "data profile": async () => (await import("./commands/data/profile.ts")).dataProfileCommand,
  "data lineage": async () => (await import("./commands/data/lineage.ts")).dataLineageCommand,
  "data gc": async () => (await import("./commands/data/gc.ts")).dataGcCommand,
  experiments: async () => (await import("./commands/experiments.ts")).experimentsCommand,
  runs: async () => (await import("./commands/runs.ts")).runsCommand,
  compare: async () => (await import("./commands/compare.ts")).compareCommand,
  rebuild: async () => (await import("./commands/rebuild.ts")).rebuildCommand,
  tools: async () => (await import("./commands/tools.ts")).toolsCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  down: async () => (await import("./commands/down.ts")).downCommand,
  destroy: async () => (await import("./commands/destroy.ts")).destroyCommand,
};

async function main([name, ...words]: readonly string[]): Promise<number> {
  if (name === "--version" || name === "-v") return print(readVersion());
  const [topic] = words;
  if (name === "help" && topic !== undefined) {
    if (groups.includes(topic) && words.length === 1) return print(await formatGroup(topic));
    const { full } = joinGroup(topic, words.slice(1));
    return print(formatHelp(full, await loadCommand(full)));
  }
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    print(await formatOverview());
    return name === undefined ? exitCodes.usage : exitCodes.done;
  }
  if (groups.includes(name) && (topic === undefined || topic.startsWith("-"))) {
    print(await formatGroup(name));
    return topic === "--help" || topic === "-h" ? exitCodes.done : exitCodes.usage;
  }
  const { full, rest } = joinGroup(name, words);
  const command = await loadCommand(full);
  const call = parseCall(full, command, rest);
  if (call.wantsHelp) return print(formatHelp(full, command));
  return command.run(call).catch((thrown: unknown) => {
    throw nameHelp(thrown, full);
  });
}

/** Says which command's help to see, where what refuses a word does not know the command. */
function nameHelp(thrown: unknown, name: string): unknown {
  if (!(thrown instanceof StewardError)) return thrown;
  const isOpen = ({ code, fix }: Problem): boolean => code === "command-misused" && fix === undefined;
  if (!thrown.problems.some(isOpen)) return thrown;
  const fix = `see npx steward ${name} --help`;
  return new StewardError(
    thrown.problems.map((problem) => (isOpen(problem) ? { ...problem, fix } : problem)),
    { cause: thrown },
  );
}

/** Commands whose names have two words: what they are about, and what is done. */
const groups: readonly string[] = ["data"];

/** A command's full name, and the words after it. */
function joinGroup(
  name: string,
  words: readonly string[],
): { readonly full: string; readonly rest: readonly string[] } {
  const [verb, ...rest] = words;
  if (!groups.includes(name) || verb === undefined || verb.startsWith("-")) return { full: name, rest: words };
  return { full: `${name} ${verb}`, rest };
}

async function loadCommand(name: string): Promise<Command> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load) return load();
  const known = Object.keys(commands);
  const [group = ""] = name.split(" ");
  if (groups.includes(group))
    throw describeUnknownVerb(
      name,
      known.filter((one) => one.startsWith(`${group} `)),
    );
  // Whoever deploys looks for it here first.
  const fix = ["up", "deploy", "apply", "preview"].includes(name)
    ? "deploys go through Pulumi: npx pulumi up -s <stack>"
    : "see npx steward --help";
  throw new StewardError({
    code: "command-misused",
    at: "",
    what: `there is no command "${name}"`,
    expected: `one of ${known.join(", ")}`,
    fix,
  });
}

function describeUnknownVerb(name: string, known: readonly string[]): StewardError {
  const nearest = findNearest(name, known);
  return new StewardError({
    code: "command-misused",
    at: "",
    what: `there is no command "${name}"`,
    expected: `one of ${known.join(", ")}`,
    fix: nearest ? `did you mean "${nearest}"?` : `see npx steward ${name.split(" ")[0]} --help`,
  });
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return exitCodes.done;
}

function readVersion(): string {
  const { version }: { readonly version: string } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  return version;
}

/** The commands whose names begin with some words, with their arguments and what they do. */
async function listCommands(beginning: string): Promise<readonly string[]> {
  const entries = Object.entries(commands).filter(([name]) => name.startsWith(beginning));
  const rows = entries.map(async ([name, load]) => {
    const { summary, arguments: words } = await load();
    return [words ? `${name} ${words}` : name, summary] as const;
  });
  return alignColumns(await Promise.all(rows));
}

async function formatGroup(group: string): Promise<string> {
  const commands = await listCommands(`${group} `);
  return [
    `npx steward ${group} <command> [options]`,
    "",
    ...commands,
    "",
    `npx steward ${group} <command> --help says more.`,
  ].join("\n");
}

async function formatOverview(): Promise<string> {
  return [
    "npx steward <command> [options]",
    "",
    "Deploys go through Pulumi: npx pulumi up -s <stack>. These commands look at what is deployed and decide on it.",
    "",
    ...(await listCommands("")),
    "",
    "npx steward <command> --help says more. Every command that shows something has --json.",
    `Exit codes: ${exitCodes.done} done, ${exitCodes.failed} failed with the reason printed, ${exitCodes.usage} asked wrongly, ${exitCodes.changes} plan --check found changes.`,
  ].join("\n");
}

function report(thrown: unknown): number {
  const error = toReadable(thrown);
  if (error instanceof Interruption) {
    process.stderr.write(`${error.message}; ${error.rest}\n`);
    return error.exitCode;
  }
  if (error instanceof StewardError) {
    process.stderr.write(`${formatProblems(error.problems)}\n`);
    return error.problems.some(({ code }) => code === "command-misused") ? exitCodes.usage : exitCodes.failed;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`✖ something unexpected happened; this is a defect of Steward [internal]\n${text}\n`);
  return exitCodes.failed;
}

// Whoever reads has read enough, as `head` does: that is no error, and what the command does it still does to its end.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
