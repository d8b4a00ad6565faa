/**
 * Python environments for training: one per lock, Python and platform, built once and shared by all checkouts of a user.
 *
 * uv makes a relocatable environment under a temporary name, and a rename gives it its own: whatever has the name is
 * complete, and no marker can lie about it. Builders of one environment wait for each other; one that was killed is
 * followed by the next, which removes what it left.
 * @module
 */
import { execFile } from "node:child_process";
import { access, constants, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { StewardError } from "../definitions/problem.ts";
import { type Digest, digestBytes, digestOf } from "../plan/digest.ts";
import { hideCredentials } from "../toolchain/command.ts";
import { withLock } from "../toolchain/lock.ts";
import { describeUnreachable, findUnreachable } from "../toolchain/unreachable.ts";
import { examineEnvironment, sealEnvironment } from "./environment-seal.ts";
import { startProcess } from "./limited-process.ts";
import { checkLock } from "./lock-file.ts";
import { composeUvEnvironment } from "./pip-index.ts";

export interface EnvironmentOptions {
  /** The path of the hash-locked requirements. */
  readonly lock: string;
  /** The path of uv. */
  readonly uv: string;
  /** The path of the Python that the environment stands on. */
  readonly python: string;
  /** The user's cache, shared by all checkouts. */
  readonly cacheFolder: string;
  /** Ends the building or the waiting. @default it runs to its end */
  readonly signal?: AbortSignal | undefined;
  /** Told what is going on, in a few words. @default nothing */
  readonly onProgress?: ((step: string) => void) | undefined;
}

export interface Environment {
  /** The path of its interpreter. */
  readonly python: string;
  /** Of the lock's bytes, the Python and the platform. */
  readonly digest: Digest;
  /** The version of its Python: `3.12.4`. */
  readonly version: string;
}

const introduction =
  "import json, sys, sysconfig; print(json.dumps({'version': '.'.join(map(str, sys.version_info[:3])), 'abi': sysconfig.get_config_var('SOABI') or '', 'platform': sysconfig.get_platform()}))";
const introductionSchema = z.object({ version: z.string(), abi: z.string(), platform: z.string() });

const run = promisify(execFile);
const shownLines = 8;

/**
 * Finds the environment of a lock, or builds it.
 *
 * @throws StewardError `lock-invalid` for a lock that does not say which bytes to install, `environment-failed` when uv
 * cannot install them.
 */
export async function ensureEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const lock = await readFile(options.lock);
  const problems = checkLock(lock.toString("utf8"), options.lock);
  if (problems.length > 0) throw new StewardError(problems);
  const interpreter = await introduceInterpreter(options.python);
  const digest = digestOf({ lock: digestBytes(lock), ...interpreter });
  const folder = join(options.cacheFolder, "environments", digest);
  const environment = { python: join(folder, "bin", "python"), digest, version: interpreter.version };
  if (await isUsable(folder, environment)) return environment;

  const damaged = (await examineEnvironment(folder)) === "damaged";
  const onWait = ({ pid }: { pid: number }) =>
    options.onProgress?.(`waiting for process ${pid}, which builds the environment`);
  await withLock(`${folder}.lock`, { onWait, signal: options.signal }, async () => {
    if (!(await isUsable(folder, environment))) await build(folder, { ...options, damaged });
  });
  return environment;
}

/** The link to the interpreter leads nowhere when the Python below has been removed or replaced. */
async function isUsable(folder: string, { python }: Environment): Promise<boolean> {
  return access(python, constants.X_OK).then(
    async () => (await examineEnvironment(folder)) === "sealed",
    () => false,
  );
}

async function introduceInterpreter(python: string): Promise<z.infer<typeof introductionSchema>> {
  const { stdout } = await run(python, ["-I", "-c", introduction], { env: { PATH: process.env["PATH"] ?? "" } });
  return introductionSchema.parse(JSON.parse(stdout));
}

async function build(folder: string, options: EnvironmentOptions & { readonly damaged: boolean }): Promise<void> {
  const parent = dirname(folder);
  const prefix = `${basename(folder)}.partial-`;
  const left = (await readdir(parent)).filter((name) => name.startsWith(prefix));
  await Promise.all(left.map((name) => rm(join(parent, name), { recursive: true, force: true })));
  const staging = await mkdtemp(join(parent, prefix));
  try {
    const made = join(staging, "environment");
    const uv = {
      program: options.uv,
      environment: await composeUvEnvironment(options.python, process.env),
      folder: staging,
    };
    options.onProgress?.("creating the environment");
    await runUv(uv, ["venv", "--relocatable", "--no-project", "--python", options.python, made], options);
    // What uv has cached shares its bytes with what it has installed: a damaged environment means a damaged cache.
    const fresh = options.damaged ? ["--no-cache"] : [];
    // Nothing is compiled ahead: Python compiles what a trainer imports and keeps it, which is a tenth of what there is.
    const only = [...fresh, "--require-hashes", "--only-binary", ":all:"];
    await runUv(uv, ["pip", "sync", ...only, "--python", join(made, "bin", "python"), options.lock], options);
    await sealEnvironment(made);
    await rename(folder, join(staging, "broken")).catch(ignoreAbsent);
    await rename(made, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

interface Uv {
  readonly program: string;
  readonly environment: Record<string, string>;
  readonly folder: string;
}

async function runUv(uv: Uv, args: readonly string[], options: EnvironmentOptions): Promise<void> {
  options.signal?.throwIfAborted();
  const lines: string[] = [];
  const child = startProcess([uv.program, ...args], {
    folder: uv.folder,
    environment: uv.environment,
    onLine(raw) {
      const line = hideCredentials(raw.trim());
      if (lines.push(line) > shownLines) lines.shift();
      if (/^(Resolved|Downloading|Prepared|Installed)\b/.test(line)) options.onProgress?.(line);
    },
  });
  const stop = () => void child.stop();
  options.signal?.addEventListener("abort", stop, { once: true });
  const { ok, how } = await child.ended.finally(() => options.signal?.removeEventListener("abort", stop));
  options.signal?.throwIfAborted();
  if (ok) return;
  const unreachable = findUnreachable("uv", lines);
  const failed = { what: "The Python environment could not be built", file: options.lock };
  throw unreachable
    ? new StewardError(describeUnreachable("uv", unreachable, failed))
    : describeFailure(how, lines, options);
}

function describeFailure(how: string, lines: readonly string[], options: EnvironmentOptions): StewardError {
  const said = lines.join("\n");
  return new StewardError({
    code: "environment-failed",
    at: "",
    file: options.lock,
    what: `The Python environment could not be built: uv ended with ${how}\n${said}\n`,
    fix: adviseOn(said),
  });
}

const advices: readonly (readonly [RegExp, string])[] = [
  [
    /hash mismatch/i,
    "what was downloaded is not what is locked: lock again, and if that does not help, ask who runs your registry",
  ],
  [/no space left|disk quota/i, "free some disk, then run it again"],
  [
    /no (usable )?wheels|no solution|not found in the package registry|has no wheels/i,
    "lock versions that have wheels for this Python and platform, and that your registry has",
  ],
  [
    /certificate|error sending request|failed to fetch|connect|dns|timed out/i,
    "the registry could not be reached: check the network and the index that uv or pip is set up for",
  ],
];

function adviseOn(said: string): string {
  return advices.find(([pattern]) => pattern.test(said))?.[1] ?? "mend what uv names, then run it again";
}

function ignoreAbsent(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
}
