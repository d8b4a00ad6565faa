/**
 * The folder in which a checkout keeps the states of its stacks, and what has to be tidied in it.
 * @module
 */
import { randomBytes } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseDocument } from "yaml";
import { z } from "zod";
import { nameProcess } from "../supervisor/port-holder.ts";
import { writeWhole } from "../supervisor/private-file.ts";
import { identifyProcess } from "../toolchain/process-identity.ts";
import type { PulumiHome } from "./pulumi-environment.ts";

const pulumiFile = z.object({ name: z.string().min(1) });

/** Makes the folders and the passphrase of a checkout where they are missing. @param root the folder of `Pulumi.yaml`, absolute */
export function preparePulumiHome(root: string): PulumiHome {
  const folder = join(root, ".steward", "pulumi");
  const state = join(root, ".steward", "state");
  const passphrase = join(root, ".steward", "passphrase");
  for (const made of [folder, state]) mkdirSync(made, { recursive: true, mode: 0o700 });
  makeOnce(passphrase, randomBytes(24).toString("base64url"));
  return { project: readProjectName(root), folder, state, passphrase, backend: pathToFileURL(state).href };
}

/** The name in `Pulumi.yaml`. Pulumi itself says what is wrong with a file that has none. */
function readProjectName(root: string): string {
  const read = pulumiFile.safeParse(parseDocument(readFileSync(join(root, "Pulumi.yaml"), "utf8")).toJS());
  return read.success ? read.data.name : "";
}

/** Makes a file whole unless it is there: of two processes one succeeds, and a killed one leaves nothing under the name. */
function makeOnce(path: string, text: string): void {
  if (existsSync(path)) return;
  const draft = `${path}.${process.pid}`;
  writeWhole(draft, text);
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Makes a language host known to a Pulumi that has none beside itself, as an installed plugin: found on PATH, it would be
 * warned of in every command.
 */
export function installLanguageHost(
  { folder }: PulumiHome,
  host: { readonly path: string; readonly version: string },
): void {
  const plugin = join(folder, "plugins", `language-nodejs-v${host.version}`);
  mkdirSync(plugin, { recursive: true, mode: 0o700 });
  const link = join(plugin, "pulumi-language-nodejs");
  const draft = `${link}.${process.pid}`;
  rmSync(draft, { force: true });
  symlinkSync(host.path, draft);
  // In one step: another command of this checkout may be using it.
  renameSync(draft, link);
}

/** Whether a stack has a state. */
export function hasState(home: PulumiHome, stack: string): boolean {
  return existsSync(locateState(home, stack));
}

const workspaceSchema = z.object({ stack: z.string().min(1) });

/** The stack that `pulumi stack select` chose. @returns nothing when none was */
export function findSelectedStack({ folder }: PulumiHome): string | undefined {
  const workspaces = join(folder, "workspaces");
  const files = existsSync(workspaces) ? readdirSync(workspaces).filter((file) => file.endsWith(".json")) : [];
  // One home is for one checkout, so there is one workspace.
  const [workspace] = files.map((file) => workspaceSchema.safeParse(parseFile(join(workspaces, file))));
  return workspace?.data?.stack;
}

const stateSchema = z.object({
  checkpoint: z.object({
    latest: z.object({ pending_operations: z.array(z.object({ type: z.string() })).optional() }),
  }),
});

/** Whether a stack's state has operations that a killed Pulumi never finished. */
export function hasPendingOperations(home: PulumiHome, stack: string): boolean {
  const state = stateSchema.safeParse(parseFile(locateState(home, stack)));
  return state.success && (state.data.checkpoint.latest.pending_operations ?? []).length > 0;
}

function locateState({ project, state }: PulumiHome, stack: string): string {
  return join(state, ".pulumi", "stacks", project, `${stack}.json`);
}

/** Whether a process lives and is a Pulumi: after a restart of the machine another program may have the pid. */
function isPulumi(pid: number): boolean {
  return identifyProcess(pid) !== undefined && nameProcess(pid).includes("pulumi");
}

const lockSchema = z.object({ pid: z.int(), hostname: z.string(), timestamp: z.string() });

/**
 * Removes the locks of Pulumi processes of this machine that were killed: nothing else does, and every later command would
 * be refused. @returns a line for each lock removed
 */
export function breakStaleLocks({ state }: PulumiHome): readonly string[] {
  const locks = join(state, ".pulumi", "locks");
  if (!existsSync(locks)) return [];
  const files = readdirSync(locks, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith(".json"),
  );
  return files.flatMap(({ parentPath, name }) => {
    const path = join(parentPath, name);
    const lock = lockSchema.safeParse(parseFile(path));
    if (!lock.success || lock.data.hostname !== hostname() || isPulumi(lock.data.pid)) return [];
    rmSync(path, { force: true });
    return [`✔ removed the lock that pulumi (process ${lock.data.pid}) left when it was killed at work`];
  });
}

function parseFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // Its owner has just removed it, or is writing it.
    return undefined;
  }
}

/**
 * Takes out of a stack's settings the salt that Pulumi writes there. It belongs to the passphrase of this checkout, the
 * state has it too, and the settings belong to all checkouts. Settings with secrets of their own keep it: they need it.
 */
export function removeSalt(root: string, stack: string): void {
  const path = join(root, `Pulumi.${stack}.yaml`);
  if (!existsSync(path)) return;
  const text = readFileSync(path, "utf8");
  const clean = withoutSalt(text);
  if (clean !== text) writeWhole(path, clean, statSync(path).mode);
}

/** The settings without their salt, unless they hold encrypted values. Pure. */
export function withoutSalt(text: string): string {
  return /^\s+secure:/m.test(text) ? text : text.replace(/^encryptionsalt:.*\n?/m, "");
}
