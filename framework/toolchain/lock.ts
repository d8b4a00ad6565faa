/**
 * A lock between processes of one user, held in a folder. Its holder may end in any way, a `kill -9` included, and the
 * next process takes the lock over.
 *
 * The folder holds numbered symbolic links, made atomically and with their content, the claim, as their target. The
 * highest number is the state: a claim holds the lock, `free` frees it. To take a lock that is free or whose holder is
 * gone, a process makes the next number; only one can. A process that looked long ago may make a number that is not the
 * highest any more; it notices by looking again.
 * @module
 */
import { lstat, lutimes, mkdir, readdir, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { bootOf, identifyProcess, isAlive, thisComputer, thisMachine } from "./process-identity.ts";

export const holderSchema = z.object({
  pid: z.int(),
  started: z.string(),
  machine: z.string(),
  /** The computer that it runs on, which stays the same when it is started again. @default not known */
  computer: z.string().optional(),
  /** Since when it holds the lock, RFC 3339. */
  since: z.string(),
});

/** Who holds a lock. */
type LockHolder = Readonly<z.infer<typeof holderSchema>>;

export interface LockOptions {
  /** Called once for each other holder that this process begins to wait for. @default nothing */
  readonly onWait?: (holder: LockHolder) => void;
  /** Ends the waiting. @default it waits until it has the lock */
  readonly signal?: AbortSignal | undefined;
}

const free = "free";
const pollMilliseconds = 150;
/** How often a holder touches its claim, in milliseconds. */
export const touchMilliseconds = 5_000;
/** A holder on another machine, whose pid says nothing here, is gone when it has not touched its claim for so long. */
const silentMilliseconds = 60_000;

/** Runs `work` while holding the lock in `folder`, which is made when it is not there. */
export async function withLock<T>(folder: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true });
  const number = await acquire(folder, options);
  const claim = join(folder, String(number));
  const touching = setInterval(() => lutimes(claim, new Date(), new Date()).catch(() => {}), touchMilliseconds);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    await makeLink(folder, number + 1, free);
  }
}

async function acquire(folder: string, options: LockOptions): Promise<number> {
  const isHeld = createHolderWatch();
  let announced: string | undefined;
  for (;;) {
    options.signal?.throwIfAborted();
    const top = await readTop(folder);
    const holder = top && readClaim(top.target);
    if (top && holder && isHeld(holder, top.touched)) {
      if (announced !== top.target) options.onWait?.(holder);
      announced = top.target;
      await sleep(pollMilliseconds);
      continue;
    }
    const number = (top?.number ?? 0) + 1;
    if (!(await makeLink(folder, number, writeClaim()))) continue;
    const numbers = await listNumbers(folder);
    if (numbers.some((other) => other > number)) {
      await rm(join(folder, String(number)), { force: true });
      continue;
    }
    // The one before stays: a process that lists the folder just now must find one of the two.
    await Promise.all(
      numbers.filter((old) => old < number - 1).map((old) => rm(join(folder, String(old)), { force: true })),
    );
    return number;
  }
}

/** Judges holders over time; on another machine only by watching whether the claim is still being touched. */
export function createHolderWatch(): (holder: LockHolder, touched: number) => boolean {
  const machine = thisMachine();
  let seen = { touched: Number.NaN, at: 0 };
  return (holder, touched) => {
    if (holder.machine === machine) return isAlive(holder);
    // Nothing outlives a restart of the computer it ran on.
    if (holder.computer === thisComputer() && bootOf(holder.machine) !== bootOf(machine)) return false;
    if (seen.touched !== touched) seen = { touched, at: performance.now() };
    return performance.now() - seen.at < silentMilliseconds;
  };
}

async function listNumbers(folder: string): Promise<number[]> {
  return (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
}

async function readTop(folder: string): Promise<{ number: number; target: string; touched: number } | undefined> {
  const numbers = await listNumbers(folder);
  if (numbers.length === 0) return undefined;
  const number = Math.max(...numbers);
  const path = join(folder, String(number));
  try {
    return { number, target: await readlink(path), touched: (await lstat(path)).mtimeMs };
  } catch (error) {
    // It was replaced while we looked.
    if (isCode(error, "ENOENT")) return readTop(folder);
    throw error;
  }
}

async function makeLink(folder: string, number: number, target: string): Promise<boolean> {
  try {
    await symlink(target, join(folder, String(number)));
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

function writeClaim(): string {
  return JSON.stringify(describeHolder());
}

/** This process as the holder of a lock that it takes now. */
export function describeHolder(): Partial<LockHolder> {
  const identity = identifyProcess(process.pid);
  return { ...identity, computer: thisComputer(), since: new Date().toISOString() };
}

/** The holder a claim names; nothing when the lock is free or the claim is not one of ours. */
function readClaim(target: string): LockHolder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(target)).data;
  } catch {
    return undefined;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
