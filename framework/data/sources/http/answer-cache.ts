/**
 * The cache of what servers gave: files by the digest of their bytes, so that what had to be read to be looked at is not fetched
 * again to be taken in. Any number of processes may share the folder: a file appears whole, by a rename, or not at all.
 * @module
 */
import { randomBytes } from "node:crypto";
import { constants, copyFile, link, lstat, mkdir, open, readdir, rename, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, digestPattern } from "../../../plan/digest.ts";
import type { Reference } from "../../../store/reference.ts";

export interface AnswerCache {
  /** Takes in what is written to the path that it is given, a file that is not there yet. */
  take(write: (path: string) => Promise<Reference>): Promise<Reference>;
  /** Puts a file of these bytes to a path. It is not to be written to. @returns whether they were here */
  put(digest: Digest, path: string): Promise<boolean>;
}

/**
 * The time of the last change that every file is given once it is whole: who writes to it later changes that.
 */
const stamp = new Date("2000-01-01T00:00:00Z");
/** What a process that was killed has left is removed after this long, in milliseconds. */
const staleAfter = 24 * 3_600_000;

/** Opens a cache. Of its files those that were used last are kept, `mostBytes` of them, and at least the last one taken in. */
export function openAnswerCache(folder: string, mostBytes: number): AnswerCache {
  return {
    async take(write) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const draft = join(folder, `incoming-${process.pid}-${randomBytes(6).toString("hex")}`);
      try {
        const taken = await write(draft);
        // On disk before it gets its name: a loss of power must not leave a stamped file of zeros.
        await flush(draft);
        await utimes(draft, new Date(), stamp);
        await rename(draft, join(folder, taken.sha256));
        await makeRoom(folder, { mostBytes, kept: taken.sha256 });
        return taken;
      } finally {
        await rm(draft, { force: true });
      }
    },

    async put(digest, path) {
      const cached = join(folder, digest);
      const facts = await lstat(cached).catch(() => undefined);
      if (!facts?.isFile()) return false;
      if (facts.mtimeMs !== stamp.getTime()) {
        await rm(cached, { force: true });
        return false;
      }
      await utimes(cached, new Date(), stamp).catch(() => undefined);
      return putFile(cached, path);
    },
  };
}

async function flush(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** By a link where that is possible, which takes no room; nothing is put where the file was removed meanwhile. */
async function putFile(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE));
    return true;
  } catch (error) {
    await rm(to, { force: true });
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

/** Removes what was used longest ago, and what nobody goes on with. */
async function makeRoom(
  folder: string,
  { mostBytes, kept }: { readonly mostBytes: number; readonly kept: Digest },
): Promise<void> {
  const names = await readdir(folder);
  const found = names.map(async (name) => {
    const facts = await lstat(join(folder, name)).catch(() => undefined);
    return facts ? [{ name, size: facts.size, used: facts.atimeMs, written: facts.mtimeMs }] : [];
  });
  const files = (await Promise.all(found)).flat();
  const stale = files.filter(({ name, written }) => !digestPattern.test(name) && Date.now() - written > staleAfter);
  const whole = files.filter(({ name }) => digestPattern.test(name) && name !== kept);
  let room = mostBytes - (files.find(({ name }) => name === kept)?.size ?? 0);
  const surplus = whole
    .sort((a, b) => b.used - a.used)
    .filter(({ size }) => {
      room -= size;
      return room < 0;
    });
  await Promise.all([...stale, ...surplus].map(({ name }) => rm(join(folder, name), { force: true })));
}
