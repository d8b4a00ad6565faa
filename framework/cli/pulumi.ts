/**
 * `npx pulumi …`: Pulumi's own command line in a plain shell. It is found or built, and told where the state, the
 * passphrase and Node are; arguments, signals and the exit code pass through. Of what is set in the environment already,
 * nothing is changed.
 * @module
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { findProjectRoot } from "../connection/project-root.ts";
import { StewardError } from "../definitions/problem.ts";
import { Interruption, watchInterruption } from "../toolchain/interruption.ts";
import type { ToolReporter } from "../toolchain/progress.ts";
import { createReporter } from "../toolchain/reporter.ts";
import { requireRoom, toReadable } from "../toolchain/system-failure.ts";
import { ensureTools } from "../toolchain/toolchain.ts";
import type { ToolName } from "../toolchain/tools.ts";
import { composePulumiEnvironment, deploys, findStackName, updates } from "./pulumi-environment.ts";
import {
  breakStaleLocks,
  findSelectedStack,
  hasPendingOperations,
  hasState,
  installLanguageHost,
  preparePulumiHome,
  removeSalt,
} from "./pulumi-home.ts";

/** What a deploy writes at least, in bytes: state, logs, databases. */
const leastRoom = 100e6;

/** What a deploy needs beside Pulumi, so that the first one shows how far the building of it is. */
const localServers: readonly ToolName[] = ["minio", "temporal-server", "temporal-ui", "uv"];

async function main(args: readonly string[]): Promise<number> {
  const root = findProjectRoot(process.cwd());
  // A state that Pulumi can write in part only is the worst that a full disk can do.
  if (deploys(args)) requireRoom(join(root, ".steward"), leastRoom);
  const tools = await getTools(args);
  const home = preparePulumiHome(root);
  const host = tools["pulumi-language-nodejs"];
  if (dirname(host.path) !== dirname(tools.pulumi.path)) installLanguageHost(home, host);
  const environment = composePulumiEnvironment({
    environment: process.env,
    home,
    programs: [process.execPath, tools.pulumi.path],
  });
  const run = (command: readonly string[], output: "inherit" | "ignore") =>
    runPulumi(tools.pulumi.path, { command, root, environment, output });
  const name = findStackName(args) ?? findSelectedStack(home) ?? "local";
  const isOurs = environment["PULUMI_BACKEND_URL"] === home.backend;
  try {
    if (isOurs) {
      for (const note of breakStaleLocks(home)) process.stderr.write(`${note}\n`);
      // Without a word: a person who says `up` should not have to say `stack init` before.
      if (deploys(args) && !hasState(home, name)) await run(["stack", "init", name, "--non-interactive"], "ignore");
      if (updates(args) && hasPendingOperations(home, name)) {
        // Every create of Steward's resources may be repeated, so what was interrupted need not be looked at by hand.
        process.stderr.write("✔ taking up what pulumi was at when it was killed\n");
        await run(
          ["refresh", "--stack", name, "--yes", "--skip-preview", "--clear-pending-creates", "--non-interactive"],
          "ignore",
        );
      }
    }
    return await run(args, "inherit");
  } finally {
    if (isOurs) removeSalt(root, name);
  }
}

async function getTools(args: readonly string[]) {
  using interruption = watchInterruption();
  const names = ["pulumi", "pulumi-language-nodejs", ...(deploys(args) ? localServers : [])] as const;
  return ensureTools(names, { reporter: reportWork(createReporter(process.stderr)), signal: interruption.signal });
}

/** Passes on what is said of tools that have to be got; of those that are there, nothing. */
function reportWork(report: ToolReporter): ToolReporter {
  return (tool, step) => {
    if (step.kind !== "ready" || step.origin === "built") report(tool, step);
  };
}

interface PulumiRun {
  readonly root: string;
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly output: "inherit" | "ignore";
}

function runPulumi(program: string, { command, root, environment, output }: PulumiRun): Promise<number> {
  const child = spawn(program, command, {
    cwd: root,
    env: environment,
    stdio: ["inherit", output, output === "ignore" ? "ignore" : "inherit"],
  });
  // A terminal sends SIGINT to the whole group: Pulumi has it already and ends in order, which this process waits for.
  const stay = (): void => undefined;
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on("SIGINT", stay).on("SIGTERM", forward).on("SIGHUP", forward);
  return new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  }).finally(() => process.off("SIGINT", stay).off("SIGTERM", forward).off("SIGHUP", forward));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  const error = toReadable(thrown);
  if (!(error instanceof StewardError || error instanceof Interruption)) throw error;
  const next = error instanceof Interruption ? "; nothing half-done is left, and the next run goes on from here" : "";
  process.stderr.write(`${error.message}${next}\n`);
  process.exitCode = error instanceof Interruption ? error.exitCode : 1;
}
