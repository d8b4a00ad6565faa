/**
 * The log of a run's attempts, a file beside its checkpoints: what it has outlives the process that writes it. While an
 * attempt is under way the file is touched, so that its last sign of life is known when that process is gone.
 * @module
 */
import { mkdir, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { formatOf } from "../definitions/format.ts";
import { admitDocument, versioned } from "../definitions/versioned.ts";
import type { Digest } from "../plan/digest.ts";
import { findJson, writePrivateJson } from "../supervisor/private-file.ts";
import {
  type Attempt,
  type AttemptEnd,
  attemptSchema,
  type ClusterJob,
  closeAttempt,
  type OpenAttempt,
  openAttemptSchema,
} from "./attempts.ts";

const logSchema = versioned("attempts", {
  ended: z.array(attemptSchema),
  /** The one under way. @default none */
  open: openAttemptSchema.optional(),
});

export interface AttemptLogOptions {
  /** The folder that outlives attempts. */
  readonly workFolder: string;
  /** The run's identity. */
  readonly identity: Digest;
  /** Where the job keeps its checkpoints. */
  readonly checkpoints: string;
  /** The job that it watches over in a cluster; where it is that of the attempt under way, that one goes on. @default it is no cluster's */
  readonly job?: ClusterJob | undefined;
  /** How often an attempt under way gives a sign of life, in milliseconds. @default 2000 */
  readonly signMilliseconds?: number;
}

export interface AttemptLog {
  /** The attempts before this one, the oldest first; the last may have ended with its worker. */
  readonly earlier: readonly Attempt[];
  /** Notes from which checkpoint this one has gone on. */
  resume(from: NonNullable<OpenAttempt["resumedFrom"]>): void;
  /** Leaves this one under way, for whoever watches over its job next; ending it then changes nothing. */
  leave(): void;
  /** Ends this one and gives all there were. A second call changes nothing. */
  close(how: AttemptEnd): Promise<readonly Attempt[]>;
}

/**
 * Begins an attempt.
 *
 * @throws StewardError `format-newer` for a log that a newer Steward wrote
 */
export async function beginAttempt(options: AttemptLogOptions): Promise<AttemptLog> {
  const { workFolder, identity, checkpoints, job, signMilliseconds = 2_000 } = options;
  const path = locateLog(workFolder, identity);
  await mkdir(join(workFolder, "attempts"), { recursive: true });
  const known = readLog(path);
  const isSame = job !== undefined && known?.open?.job?.id === job.id;
  const earlier = isSame ? known.ended : await listEarlier(path, { known, checkpoints });
  let open: OpenAttempt = (isSame && known.open) || { began: new Date().toISOString(), ...(job && { job }) };
  let all: readonly Attempt[] | undefined;
  const write = (log: { readonly ended: readonly Attempt[]; readonly open?: OpenAttempt }): void =>
    writePrivateJson(path, { format: formatOf("attempts"), ...log });
  write({ ended: earlier, open });
  const sign = setInterval(() => {
    const now = new Date();
    // A sign that cannot be given is no reason to end a training.
    void utimes(path, now, now).catch(() => undefined);
  }, signMilliseconds);
  sign.unref();
  return {
    earlier,
    resume(from) {
      open = { ...open, resumedFrom: from };
      try {
        write({ ended: earlier, open });
      } catch {
        // Told in the middle of a line of the job's; the end of the attempt is written too, and fails where it is waited for.
      }
    },
    leave() {
      clearInterval(sign);
      all ??= earlier;
    },
    async close(how) {
      if (all) return all;
      clearInterval(sign);
      all = [...earlier, closeAttempt(open, { how, at: Date.now(), keptAt: await findLastKept(checkpoints) })];
      write({ ended: all });
      return all;
    },
  };
}

/** Removes the log of a run that is recorded. */
export async function removeAttempts(workFolder: string, identity: Digest): Promise<void> {
  await rm(locateLog(workFolder, identity), { force: true });
}

function locateLog(workFolder: string, identity: Digest): string {
  return join(workFolder, "attempts", `${identity}.json`);
}

/** What of a run's attempts somebody needs to know who goes on with them. */
export interface LeftAttempts {
  /** How many were begun. */
  readonly count: number;
  /** The job of the one under way, which its cluster may still have. @default none */
  readonly job?: ClusterJob;
}

/** Finds the attempts of a run that were begun before. @throws StewardError `format-newer` for a log that a newer Steward wrote */
export function findLeftAttempts(workFolder: string, identity: Digest): LeftAttempts {
  const { ended = [], open } = readLog(locateLog(workFolder, identity)) ?? {};
  return { count: ended.length + (open ? 1 : 0), ...(open?.job && { job: open.job }) };
}

type Log = z.output<typeof logSchema>;

function readLog(path: string): Log | undefined {
  const found = findJson(path);
  // A log that was damaged tells nothing; the training needs none of it.
  return logSchema.safeParse(found === undefined ? undefined : admitDocument(found, { at: path })).data;
}

interface Known {
  readonly known: Log | undefined;
  readonly checkpoints: string;
}

/** The attempts before one that begins: the one under way has ended with its worker. */
async function listEarlier(path: string, { known, checkpoints }: Known): Promise<readonly Attempt[]> {
  if (!known?.open) return known?.ended ?? [];
  const { mtimeMs } = await stat(path);
  const lost = closeAttempt(known.open, { how: "worker-lost", at: mtimeMs, keptAt: await findLastKept(checkpoints) });
  return [...known.ended, lost];
}

/** When the youngest file among the checkpoints was written, in milliseconds since 1970; nothing where there is none. */
async function findLastKept(checkpoints: string): Promise<number | undefined> {
  const entries = await readdir(checkpoints, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  // What is half written is no checkpoint.
  const whole = paths.filter((path) => !path.includes("/.partial-"));
  const times = await Promise.all(whole.map(async (path) => (await stat(path).catch(() => undefined))?.mtimeMs ?? 0));
  return times.length > 0 ? Math.max(...times) : undefined;
}
