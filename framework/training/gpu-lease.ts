/**
 * The lease of this machine's GPUs, among all processes of a user: stacks side by side, and an old worker beside the new one. Jobs
 * that would use more of them than there are wait their turn.
 *
 * A job takes its GPUs before its cores, always: so no two jobs hold what the other one waits for, and whoever waits for a GPU
 * keeps no cores from others meanwhile.
 * @module
 */
import { rmSync } from "node:fs";
import { lutimes } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StewardError } from "../definitions/problem.ts";
import { touchMilliseconds, withLock } from "../toolchain/lock.ts";
import type { TakeOptions } from "./core-lease.ts";
import { type ClaimFolder, chooseGpus, countFree, type GpuClaim, nameClaim, openClaims } from "./gpu-claims.ts";
import { chooseFitting, findShortage, type GpuDevice, type GpuWish, listGpus, sayGpus } from "./gpu-devices.ts";

/** The GPUs that a job has for itself. */
export interface LentGpus {
  /** In the order of the driver. */
  readonly devices: readonly GpuDevice[];
  /** Gives them back. A second call changes nothing. */
  readonly release: () => void;
}

export interface GpuLease {
  /** How many GPUs there are that fit. @throws StewardError `gpu-unreadable`; the reason of `signal` */
  count(wish: GpuWish, signal?: AbortSignal): Promise<number>;
  /**
   * Waits until a job may use its GPUs, in the order of asking.
   *
   * @param job the name of the training job, for problems
   * @throws StewardError `gpu-unavailable` when there are not as many; `gpu-unreadable`; the reason of `signal`
   */
  take(job: string, wish: GpuWish, options?: TakeOptions): Promise<LentGpus>;
}

export interface GpuLeaseOptions {
  /** Where the processes' claims are. @default a folder of the user among the machine's temporary files */
  readonly folder?: string;
  /** What GPUs there are. @default those that nvidia-smi lists */
  readonly list?: (options: { readonly signal?: AbortSignal | undefined }) => Promise<readonly GpuDevice[]>;
  /** For how long the GPUs of a holder that was killed are not lent yet, in milliseconds: its job is still ending. @default 2000 */
  readonly graceMilliseconds?: number;
}

/** How often who waits looks again, in milliseconds. */
const lookMilliseconds = 200;

/** Creates the lease of this machine. nvidia-smi is run when a job asks for a GPU, and never otherwise. */
export function createGpuLease(options: GpuLeaseOptions = {}): GpuLease {
  const { folder = locateClaims(), list = listGpus, graceMilliseconds = 2_000 } = options;
  return {
    count: async (wish, signal) => chooseFitting(await list({ signal }), wish).length,
    async take(job, wish, { signal, onWait } = {}) {
      signal?.throwIfAborted();
      const devices = await list({ signal });
      const shortage = findShortage(job, wish, devices);
      if (shortage) throw new StewardError(shortage);
      const among = chooseFitting(devices, wish).map(({ uuid }) => uuid);
      const claims = await openClaims(folder, graceMilliseconds);
      const claim = await ask({ claims, folder, wish: { count: wish.count, among }, signal });
      const path = claims.locate(claim.name);
      // Only processes that cannot see each other go by this sign of life.
      const touching = setInterval(() => void lutimes(path, new Date(), new Date()).catch(() => {}), touchMilliseconds);
      touching.unref();
      const release = (): void => {
        clearInterval(touching);
        rmSync(path, { force: true });
      };
      try {
        const held = claim.holds ?? (await waitForTurn({ claims, folder, claim, wish, signal, onWait }));
        return { devices: devices.filter(({ uuid }) => held.includes(uuid)), release };
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

/** The same for all stacks of a user, whatever their caches. */
function locateClaims(): string {
  return join(tmpdir(), `steward-gpus-${userInfo().uid}`);
}

interface Asking {
  readonly claims: ClaimFolder;
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
}

/** Makes a claim, which is served at once where that is possible. */
function ask({
  claims,
  folder,
  signal,
  wish,
}: Asking & { readonly wish: Pick<GpuClaim, "count" | "among"> }): Promise<GpuClaim> {
  return withLock(join(folder, "lock"), { signal }, async () => {
    const others = await claims.list();
    const asked = { name: nameClaim(others), ...wish };
    const holds = chooseGpus([...others, asked], asked.name);
    const claim = { ...asked, ...(holds && { holds }) };
    claims.write(claim);
    return claim;
  });
}

interface Waiting extends Asking {
  readonly claim: GpuClaim;
  readonly wish: GpuWish;
  readonly onWait: TakeOptions["onWait"];
}

async function waitForTurn({ claims, folder, claim, wish, signal, onWait }: Waiting): Promise<readonly string[]> {
  const { among } = claim;
  onWait?.(`waits its turn: ${sayGpus(wish)}, ${countFree(await claims.list(), among)} of ${among.length} free`);
  const choose = async (): Promise<readonly string[] | undefined> => {
    const found = await claims.list();
    const isThere = found.some(({ name }) => name === claim.name);
    // Somebody who cleans up may have removed it: its place in the order is in its name.
    if (!isThere) claims.write(claim);
    return chooseGpus(isThere ? found : [...found, claim], claim.name);
  };
  for (;;) {
    signal?.throwIfAborted();
    if (await choose()) {
      const held = await withLock(join(folder, "lock"), { signal }, async () => {
        const holds = await choose();
        if (holds) claims.write({ ...claim, holds });
        return holds;
      });
      if (held) return held;
    }
    // The reason of the signal is thrown by the next round.
    await sleep(lookMilliseconds, undefined, signal && { signal }).catch(() => undefined);
  }
}
