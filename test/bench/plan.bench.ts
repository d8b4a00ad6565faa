/**
 * How long an unchanged plan takes: `steward plan` beside `pulumi preview` of the same hundred definitions, and the cost
 * of a definition from ten of them to a thousand. Whole processes against real servers.
 * @module
 */
import { symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { composePulumiEnvironment } from "../../framework/cli/pulumi-environment.ts";
import { preparePulumiHome } from "../../framework/cli/pulumi-home.ts";
import { locateStackFolder, readStack } from "../../framework/connection/stack-folder.ts";
import { Interruption, watchInterruption } from "../../framework/toolchain/interruption.ts";
import { ensureTools } from "../../framework/toolchain/toolchain.ts";
import { type Checkout, copyCheckout } from "../support/checkout.ts";
import { type BenchProject, blockMix, editedModel, editOwner, writeBenchProject } from "./plan/blocks.ts";
import { deployThroughEngine } from "./plan/deploy.ts";
import { measureInTurns, median, runTimed, type TimedCommand } from "./plan/measure.ts";

const repeats = 7;
/** A definition costs less than a millisecond: its cost is a difference of medians, which need more turns to hold still. */
const sizeRepeats = 11;
const controlName = "node -e 0";
/** By what the control's times may differ on a machine that does little else. */
const restless = 3;
const settleMilliseconds = 15_000;
const goals = { ratio: 5, flatness: 1.5 };

const ten: BenchProject = { name: "ten", definitions: 10 };
const hundred: BenchProject = { name: "hundred", definitions: 100 };
const thousand: BenchProject = { name: "thousand", definitions: 1000 };

async function bench(checkout: Checkout, signal: AbortSignal): Promise<void> {
  const { folder } = checkout;
  const tools = await ensureTools(["pulumi", "pulumi-language-nodejs"]);
  const environment = composePulumiEnvironment({
    environment: process.env,
    home: preparePulumiHome(folder),
    programs: [process.execPath, tools.pulumi.path, tools["pulumi-language-nodejs"].path],
  });
  const command = (name: string, program: string, args: readonly string[]): TimedCommand => ({
    name,
    program,
    args,
    cwd: folder,
    env: environment,
  });
  const control = command(controlName, process.execPath, ["-e", "0"]);
  const planOf = ({ name }: BenchProject) =>
    command(`steward plan, ${name}`, process.execPath, ["bin/steward.js", "plan", "-s", name, "--check"]);
  const previewOf = ({ name }: BenchProject) =>
    command(`pulumi preview, ${name}`, tools.pulumi.path, [
      "preview",
      "-s",
      name,
      "--expect-no-changes",
      "--non-interactive",
      "--color",
      "never",
    ]);

  print(`blocks of ten definitions: ${blockMix}; sources are CSV files of 300 rows`);
  for (const project of [ten, hundred, thousand]) writeBenchProject(folder, project);

  print(`deploying ${hundred.definitions} definitions with pulumi up …`);
  const up = await checkout.pulumi(["up", "-s", hundred.name, "--yes", "--skip-preview", "--non-interactive"], {
    kill: signal,
  });
  if (up.code !== 0) throw new Error(`pulumi up failed:\n${up.output}`);
  // The worker exports the histories of what it has just done.
  await delay(settleMilliseconds, undefined, { signal });
  const beside = await measureInTurns([control, planOf(hundred), previewOf(hundred)], {
    repeats,
    signal,
    check: requireNoChanges,
  });
  show(beside);
  await requireOneChange(checkout, hundred, [planOf(hundred), previewOf(hundred)], signal);

  const stack = readStack(locateStackFolder(folder, hundred.name));
  if (!stack) throw new Error("the stack was not prepared");
  for (const project of [ten, thousand]) {
    print(`deploying ${project.definitions} definitions through the engine …`);
    shareStack(folder, { from: hundred.name, to: project.name });
    const file = join(folder, project.name, "project.ts");
    await deployThroughEngine({ root: folder, file, connection: stack.connection, signal });
  }
  await delay(settleMilliseconds, undefined, { signal });
  const bySize = await measureInTurns([control, ...[ten, hundred, thousand].map(planOf)], {
    repeats: sizeRepeats,
    signal,
    check: requireNoChanges,
  });
  show(bySize);
  for (const project of [ten, thousand]) await requireOneChange(checkout, project, [planOf(project)], signal);

  const of = (times: ReadonlyMap<string, readonly number[]>, { name }: TimedCommand): number =>
    median(times.get(name) ?? []);
  const ratio = of(beside, previewOf(hundred)) / of(beside, planOf(hundred));
  const [small = 0, middle = 0, large = 0] = [ten, hundred, thousand].map((project) => of(bySize, planOf(project)));
  const early = (middle - small) / (hundred.definitions - ten.definitions);
  const whole = (large - small) / (thousand.definitions - ten.definitions);
  print(`a definition more costs ${milliseconds(early)} from 10 to 100, ${milliseconds(whole)} from 10 to 1000`);
  print(`plan-beside-preview ${ratio.toFixed(1)} times >=${goals.ratio} ${ratio >= goals.ratio ? "yes" : "no"}`);
  print(
    `plan-cost-per-definition ${(whole / early).toFixed(2)} times <=${goals.flatness} ${whole <= goals.flatness * early ? "yes" : "no"}`,
  );
}

/** A stack that has the servers of another: its project's entities live beside the other's. */
function shareStack(root: string, { from, to }: { readonly from: string; readonly to: string }): void {
  symlinkSync(locateStackFolder(root, from), locateStackFolder(root, to));
}

/** The oracle: nothing was edited, so nothing may be planned. */
function requireNoChanges(
  name: string,
  { code, output }: { readonly code: number | null; readonly output: string },
): void {
  const says = name.startsWith("steward") ? /: no changes\./ : name.startsWith("pulumi") ? /\d+ unchanged/ : /^$/;
  if (code !== 0 || !says.test(output))
    throw new Error(`${name} should have found no changes, and ended with ${code}:\n${output}`);
}

/** The other half of the oracle: one definition was edited, so it alone is planned, and then it is taken back. */
async function requireOneChange(
  checkout: Checkout,
  { name }: BenchProject,
  commands: readonly TimedCommand[],
  signal: AbortSignal,
): Promise<void> {
  const file = join(name, "project.ts");
  let before = "";
  checkout.edit(file, (text) => {
    before = text;
    return editOwner(text);
  });
  for (const command of commands) {
    const { code, output } = await runTimed(command, signal);
    const named = new Set([...output.matchAll(/^\s*~ +(?:steward:index:)?model (\S+)/gim)].map(([, found]) => found));
    const changed = output.match(/^[+~↻-] \w/gm) ?? [];
    const alone = command.name.startsWith("steward") ? changed.length === 1 : /~ 1 to update/.test(output);
    if (code === 0 || !alone || named.size !== 1 || !named.has(editedModel))
      throw new Error(
        `${command.name} should have found ${editedModel} changed alone, and ended with ${code}:\n${output}`,
      );
  }
  checkout.edit(file, () => before);
}

function show(times: ReadonlyMap<string, readonly number[]>): void {
  for (const [name, seconds] of times) {
    const all = seconds.map((each) => each.toFixed(3)).join(" ");
    print(`${name.padEnd(24)} median ${milliseconds(median(seconds)).padStart(9)}   ${all} s`);
  }
  const control = times.get(controlName) ?? [];
  if (Math.max(...control) < restless * Math.min(...control)) return;
  print(`the machine was busy: the control took ${restless} times as long at times; the figures are worth little`);
}

function milliseconds(seconds: number): string {
  const value = seconds * 1000;
  return `${value < 100 ? value.toFixed(2) : value.toFixed(0)} ms`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

// Programs that the bench starts find the Node that runs it.
process.env["PATH"] = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
using interruption = watchInterruption();
const { signal } = interruption;
const checkout = copyCheckout();
try {
  const interrupted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  await Promise.race([bench(checkout, signal), interrupted]);
} catch (error) {
  if (!signal.aborted) throw error;
  process.exitCode = signal.reason instanceof Interruption ? signal.reason.exitCode : 1;
} finally {
  await checkout.end().catch((error: unknown) => {
    // What an interruption left behind has been ended with the rest; else something was left that should not be.
    if (!signal.aborted) throw error;
  });
}
