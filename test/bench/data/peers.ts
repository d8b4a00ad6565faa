/**
 * The Python peers of the data bench: each in an environment of its own, from a hash-locked file beside this one, built once
 * into the user's cache.
 * @module
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { digestBytes } from "../../../framework/plan/digest.ts";
import { locateUserCache } from "../../../framework/toolchain/cache.ts";
import { composeUvEnvironment } from "../../../framework/training/pip-index.ts";
import { findTrainingTools } from "../../../framework/training/training-tools.ts";

const run = promisify(execFile);

export type Peer = "dvc" | "feast" | "pandera";

/**
 * Finds the environment of a peer, or builds it.
 *
 * @returns the folder of its programs
 */
export function ensurePeer(peer: Peer, signal: AbortSignal): Promise<string> {
  return ensureLocked(join(import.meta.dirname, `${peer}.lock`), signal);
}

/**
 * Finds the environment of a hash-locked file, or builds it. Unlike a trainer's, it may build source archives: dvc needs one
 * that has no wheel. Their hashes are locked all the same.
 *
 * @returns the folder of its programs
 */
export async function ensureLocked(lock: string, signal: AbortSignal): Promise<string> {
  const folder = locatePeer(basename(lock, ".lock"), readFileSync(lock));
  const programs = join(folder, "bin");
  if (existsSync(programs)) return programs;
  const { uv, python } = await findTrainingTools(signal);
  const env = await composeUvEnvironment(python, process.env);
  const draft = `${folder}.${process.pid}`;
  mkdirSync(join(folder, ".."), { recursive: true });
  try {
    await run(uv, ["venv", "--quiet", "--relocatable", "--python", python, draft], { env, signal });
    const sync = ["pip", "sync", "--quiet", "--require-hashes", "--python", join(draft, "bin", "python"), lock];
    await run(uv, sync, { env, signal });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return programs;
}

/** Where a peer is kept in the user's cache: another lock is another folder. */
export function locatePeer(name: string, lock: Uint8Array): string {
  return join(locateUserCache(), "bench-peers", `${name}-${digestBytes(lock).slice(0, 16)}`);
}

/** Runs a Python program of this folder and takes the JSON that it prints as its last line. */
export async function runPeer<T>(
  peer: Peer,
  call: { readonly program: string; readonly args: readonly string[]; readonly signal: AbortSignal },
): Promise<T> {
  const programs = await ensurePeer(peer, call.signal);
  const file = join(import.meta.dirname, call.program);
  const { stdout } = await run(join(programs, "python"), [file, ...call.args], {
    signal: call.signal,
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "null") as T;
}
