/**
 * How long a team waits from `npm create` to its first prediction, with the servers built: beside the sum of what nobody could
 * spare it, which is installing the packages, building the trainer's environment, and training. Each turn starts from an empty
 * folder and a cache of the user that has the servers alone; npm and uv keep what they have downloaded, in all of them alike.
 * @module
 */
import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { locateStackFolder } from "../../framework/connection/stack-folder.ts";
import { artefactNames, readArtefact } from "../../framework/store/artefacts.ts";
import { locateUserCache } from "../../framework/toolchain/cache.ts";
import { findPython } from "../../framework/toolchain/python.ts";
import { ensureTools } from "../../framework/toolchain/toolchain.ts";
import { runSchema } from "../../framework/training/run.ts";
import { packAll, type Tarballs } from "../../packaging/pack.ts";
import type { Ran } from "../support/checkout.ts";
import { viewStack } from "../support/deployed.ts";
import { createTeamProject, type TeamProject } from "../support/team-project.ts";
import { median } from "./plan/measure.ts";

const repeats = 5;
const goal = 1.5;

/** The servers, built before. */
const toolchain = join(locateUserCache(), "toolchain");

/** The seconds of each step of one turn. */
interface Turn {
  readonly create: number;
  readonly up: number;
  readonly predict: number;
  readonly install: number;
  readonly environment: number;
  readonly training: number;
}

async function bench(tarballs: Tarballs, scratch: string): Promise<void> {
  const turns: Turn[] = [];
  for (let turn = 0; turn <= repeats; turn++) {
    const measured = await measureTurn(tarballs, mkdtempSync(join(scratch, "turn-")));
    // The first one fills the caches of npm and uv.
    if (turn > 0) turns.push(measured);
    print(`${turn === 0 ? "warm-up" : `turn ${turn}`}  ${describe(measured)}`);
  }
  const whole = turns.map(({ create, up, predict }) => create + up + predict);
  const parts = turns.map(({ install, environment, training }) => install + environment + training);
  const ratio = median(whole) / median(parts);
  print("");
  for (const step of ["create", "up", "predict", "install", "environment", "training"] as const)
    print(`${step.padEnd(12)} median ${median(turns.map((each) => each[step])).toFixed(1)} s`);
  print(`first-hour ${median(whole).toFixed(1)} s - -`);
  print(`unavoidable-parts ${median(parts).toFixed(1)} s - -`);
  print(`first-hour-overhead ${ratio.toFixed(2)} times <=${goal} ${ratio <= goal ? "yes" : "no"}`);
}

async function measureTurn(tarballs: Tarballs, folder: string): Promise<Turn> {
  const cache = join(folder, "cache");
  mkdirSync(cache);
  symlinkSync(toolchain, join(cache, "toolchain"));
  process.env["STEWARD_CACHE"] = cache;
  const [project, create] = await timed(() => createTeamProject(tarballs));
  requireDone(project.created);
  try {
    const [, up] = await timed(async () =>
      requireDone(await project.pulumi(["up", "-s", "local", "--yes", "--skip-preview"])),
    );
    const [, predict] = await timed(async () => requireDone(await project.steward(["predict", "rain-tomorrow"])));
    const training = await readTrainingSeconds(project);
    const [, install] = await timed(() => installAlone(project, join(folder, "install"), tarballs.steward));
    const [, environment] = await timed(() => buildEnvironmentAlone(project, join(folder, "environment")));
    return { create, up, predict, install, environment, training };
  } finally {
    await project.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same packages, without anything of ours around it. */
async function installAlone(project: TeamProject, folder: string, steward: string): Promise<void> {
  mkdirSync(folder);
  copyFileSync(join(project.folder, ".npmrc"), join(folder, ".npmrc"));
  const manifest = JSON.parse(readFileSync(join(project.folder, "package.json"), "utf8"));
  manifest.dependencies.steward = `file:${steward}`;
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  await promisify(execFile)("npm", ["install"], { cwd: folder });
}

/** The same environment, by uv alone. */
async function buildEnvironmentAlone(project: TeamProject, folder: string): Promise<void> {
  const [{ uv }, python] = [await ensureTools(["uv"]), await findPython()];
  const only = ["--require-hashes", "--only-binary", ":all:"];
  await promisify(execFile)(uv.path, ["venv", "--no-project", "--python", python.path, folder]);
  const lock = join(project.folder, "requirements.lock");
  await promisify(execFile)(uv.path, ["pip", "sync", ...only, "--python", join(folder, "bin", "python"), lock], {
    maxBuffer: 2 ** 24,
  });
}

/** How long the trainer's program ran, as its run records it. */
function readTrainingSeconds(project: TeamProject): Promise<number> {
  const stack = viewStack({ folder: locateStackFolder(project.folder, "local"), project: "rain" });
  return stack.store(async (store) => {
    const { run } = await stack.liveModel("rain");
    const record = await readArtefact(store, artefactNames.run(run));
    if (record === undefined) throw new Error(`no run ${run} is recorded`);
    return (await store.getJson(record, runSchema)).seconds;
  });
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const start = performance.now();
  const result = await work();
  return [result, (performance.now() - start) / 1000];
}

function requireDone({ code, output }: Ran): void {
  if (code !== 0) throw new Error(`ended with ${code}:\n${output}`);
}

function describe(turn: Turn): string {
  return Object.entries(turn)
    .map(([step, seconds]) => `${step} ${seconds.toFixed(1)} s`)
    .join("  ");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "steward-first-hour-")));
try {
  await bench(await packAll(join(scratch, "packed")), scratch);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
