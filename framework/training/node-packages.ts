/**
 * What a TypeScript trainer runs in: this Node, and the packages that it imports, installed by npm from its lock. One folder of
 * packages per part of a lock, Node and platform, built once and shared by all checkouts of a user.
 * @module
 */
import { mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { basename, delimiter, dirname, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { cutLock, type NodeLock, readNodeLock } from "../definitions/node-lock.ts";
import { StewardError } from "../definitions/problem.ts";
import { listTypeScriptImports } from "../definitions/typescript-imports.ts";
import { digestOf } from "../plan/digest.ts";
import { locateUserCache } from "../toolchain/cache.ts";
import { hideCredentials } from "../toolchain/command.ts";
import { withLock } from "../toolchain/lock.ts";
import { startProcess } from "./limited-process.ts";
import type { TrainerClosure } from "./run.ts";

export interface NodeOptions {
  /** The name of the training job, for problems. */
  readonly name: string;
  readonly trainer: TrainerClosure;
  /** The job's folder, where the trainer's files lie. */
  readonly folder: string;
  /** @default the user's */
  readonly cacheFolder?: string | undefined;
  /** Ends the installing or the waiting. @default it runs to its end */
  readonly signal?: AbortSignal | undefined;
  /** Told what is going on, in a few words. @default nothing */
  readonly onProgress?: ((step: string) => void) | undefined;
}

export interface NodeCommand {
  /** What the trainer's entry is appended to. */
  readonly command: readonly [string, ...string[]];
  /** The version of Node: `24.1.0`. */
  readonly version: string;
}

/** The job's own name for what `import … from "steward/job"` finds. */
const resolver = join(import.meta.dirname, "job", `resolve${extname(import.meta.filename)}`);
const shownLines = 8;

/**
 * Puts the packages of a trainer beside its files.
 *
 * @throws StewardError `packages-unlocked` for what its lock does not have, `environment-failed` when npm cannot install it
 */
export async function prepareNode(options: NodeOptions): Promise<NodeCommand> {
  const { folder, trainer } = options;
  const names = await listPackages(folder, trainer);
  if (names.length > 0) {
    const packages = await ensurePackages(await readPart(names, options), options);
    // They are there already in the folder of a job that a cluster has kept.
    await symlink(packages, join(folder, "node_modules")).catch(ignorePresent);
  }
  // Whatever lies above the folder, its files are modules.
  await writeFile(join(folder, "package.json"), '{"type":"module"}\n', { flag: "wx" }).catch(ignorePresent);
  const command = [process.execPath, "--disable-warning=ExperimentalWarning", "--import", pathToFileURL(resolver).href];
  return { command: command as [string, ...string[]], version: process.versions.node };
}

async function listPackages(folder: string, { files }: TrainerClosure): Promise<string[]> {
  const modules = files.filter(({ path }) => /\.m?[jt]s$/.test(path));
  const texts = await Promise.all(modules.map(({ path }) => readFile(join(folder, path), "utf8")));
  return [...new Set(texts.flatMap((text) => listTypeScriptImports(text).packages))].sort();
}

async function readPart(names: readonly string[], { name, trainer, folder }: NodeOptions): Promise<NodeLock> {
  const lock = readNodeLock(await readFile(join(folder, trainer.lock), "utf8"));
  const part = lock && cutLock(lock, names);
  if (part?.unlocked.length === 0) return part.lock;
  throw new StewardError({
    code: "packages-unlocked",
    at: `${name}.trainer.lock`,
    what: "The trainer needs packages that its lock does not have with the digest of their bytes",
    got: part?.unlocked.join(", ") ?? "no package-lock.json",
  });
}

/** The folder `node_modules` of a part of a lock. */
async function ensurePackages(lock: NodeLock, options: NodeOptions): Promise<string> {
  const { node, modules } = process.versions;
  const digest = digestOf({ lock, node, modules, platform: process.platform, architecture: process.arch });
  const folder = join(options.cacheFolder ?? locateUserCache(), "node-packages", digest);
  const packages = join(folder, "node_modules");
  if (await isFolder(packages)) return packages;
  await mkdir(dirname(folder), { recursive: true });
  const onWait = ({ pid }: { pid: number }) =>
    options.onProgress?.(`waiting for process ${pid}, which installs the packages`);
  await withLock(`${folder}.lock`, { onWait, signal: options.signal }, async () => {
    if (!(await isFolder(packages))) await install(lock, folder, options);
  });
  return packages;
}

/** npm installs under a temporary name, and a rename gives the folder its own: whatever has the name is complete. */
async function install(lock: NodeLock, folder: string, options: NodeOptions): Promise<void> {
  const staging = await mkdtemp(join(dirname(folder), `${basename(folder)}.partial-`));
  try {
    options.onProgress?.("installing the packages of the trainer");
    await writeFile(join(staging, "package-lock.json"), JSON.stringify(lock, undefined, 2));
    const manifest = { private: true, ...lock.packages[""] };
    await writeFile(join(staging, "package.json"), JSON.stringify(manifest, undefined, 2));
    await runNpm(staging, options);
    await rename(staging, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function runNpm(folder: string, options: NodeOptions): Promise<void> {
  options.signal?.throwIfAborted();
  const lines: string[] = [];
  // No package may run a program of its own: what it brings is what its digest covers.
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"];
  const child = startProcess(["npm", ...args], {
    folder,
    environment: composeEnvironment(process.env),
    onLine(raw) {
      const line = hideCredentials(raw.trim());
      if (line !== "" && lines.push(line) > shownLines) lines.shift();
    },
  });
  const stop = () => void child.stop();
  options.signal?.addEventListener("abort", stop, { once: true });
  const { ok, how } = await child.ended.finally(() => options.signal?.removeEventListener("abort", stop));
  options.signal?.throwIfAborted();
  if (ok) return;
  throw new StewardError({
    code: "environment-failed",
    at: `${options.name}.trainer.lock`,
    what: `The packages of the trainer could not be installed: npm ended with ${how}\n${lines.join("\n")}\n`,
    fix: "mend what npm names, then run it again",
  });
}

/** The user's settings of npm, and this Node before any other. */
function composeEnvironment(user: NodeJS.ProcessEnv): Record<string, string> {
  const given = Object.entries(user).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const path = [dirname(process.execPath), user["PATH"] ?? ""].join(delimiter);
  return { ...Object.fromEntries(given), PATH: path };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

function ignorePresent(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
}
