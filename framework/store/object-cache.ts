/**
 * The local cache of objects: read-only files named by their digest, verified when they are written and by a stamp
 * afterwards. Any number of processes may share the folder: a file appears whole, by a rename, or not at all.
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { lstat, mkdir, readdir, rename, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Digest } from "../plan/digest.ts";
import { digestFile } from "./digest-file.ts";
import type { Reference } from "./reference.ts";

/**
 * The modification time of every verified file. A later write changes it, so size and time are proof enough; whoever
 * restores the time as well is not guarded against.
 */
const stamp = new Date("2000-01-01T00:00:00Z");

/** Downloads that were cut off are removed after this long, in milliseconds; a slower download than this is begun anew. */
const staleAfter = 24 * 3600 * 1000;

export interface ObjectCache {
  /** The path of an object that is here and intact; one that is damaged counts as absent. */
  find(reference: Reference): Promise<string | undefined>;
  /**
   * Takes in the bytes of an object and returns its path; `onBytes` hears how many have come.
   * @returns what the bytes are, in place of a path, when they are not those of the reference; nothing is kept then
   */
  take(
    reference: Reference,
    bytes: Readable,
    onBytes: (done: number) => void,
  ): Promise<string | { readonly got: Reference }>;
}

/** Opens a cache; its folder is made when something is taken in. */
export function openObjectCache(folder: string): ObjectCache {
  const pathOf = (digest: Digest) => join(folder, digest.slice(0, 2), digest);
  const incoming = join(folder, "incoming");
  let swept: Promise<void> | undefined;

  return {
    async find({ sha256, size }) {
      const path = pathOf(sha256);
      const facts = await lstat(path).catch(absentAsNothing);
      if (!facts?.isFile() || facts.size !== size) return undefined;
      if (facts.mtimeMs === stamp.getTime()) return path;
      if ((await digestFile(path)).sha256 !== sha256) return undefined;
      await utimes(path, stamp, stamp);
      return path;
    },

    async take(reference, bytes, onBytes) {
      const path = pathOf(reference.sha256);
      await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
      await mkdir(incoming, { recursive: true, mode: 0o700 });
      swept ??= removeStale(incoming);
      await swept;
      const draft = join(incoming, `${reference.sha256}.${process.pid}.${randomBytes(6).toString("hex")}`);
      try {
        const got = await writeHashed(bytes, draft, onBytes);
        if (got.sha256 !== reference.sha256 || got.size !== reference.size) return { got };
        await utimes(draft, stamp, stamp);
        await rename(draft, path);
        return path;
      } finally {
        await rm(draft, { force: true });
      }
    },
  };
}

async function writeHashed(bytes: Readable, path: string, onBytes: (done: number) => void): Promise<Reference> {
  const hash = createHash("sha256");
  let size = 0;
  await pipeline(
    bytes,
    async function* (chunks) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        onBytes(size);
        yield chunk;
      }
    },
    // On disk before it gets its name: a loss of power must not leave a stamped file of zeros.
    createWriteStream(path, { flags: "wx", mode: 0o400, flush: true }),
  );
  return { sha256: hash.digest("hex"), size };
}

async function removeStale(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const facts = await lstat(path).catch(absentAsNothing);
    if (facts && Date.now() - facts.mtimeMs > staleAfter) await rm(path, { force: true });
  }
}

function absentAsNothing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
