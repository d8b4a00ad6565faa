/**
 * Fingerprints: the digest of a source's bytes, remembered while the file stays what it was, so that a plan can ask each
 * time whether there is something new.
 * @module
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { StewardError } from "../definitions/problem.ts";
import { type Digest, digestBytes, digestPattern } from "../plan/digest.ts";
import { digestFile } from "../store/digest-file.ts";
import { locateUserCache } from "../toolchain/cache.ts";

/** What tells whether a file is still what it was: where it lies on disk, its size, and when it last changed, in nanoseconds. */
const stampSchema = z.strictObject({
  device: z.string(),
  inode: z.string(),
  size: z.string(),
  modified: z.string(),
  changed: z.string(),
});
const memorySchema = z.strictObject({ stamp: stampSchema, sha256: z.string().regex(digestPattern) });
type Stamp = z.output<typeof stampSchema>;

/**
 * A file that changed less than this long before it was read may change again without its time telling, on a file system
 * with coarse times; in milliseconds. Its fingerprint is not remembered.
 */
const settling = 2_000;

/**
 * The SHA-256 of a file. Read in full only when its stamp is new.
 * @param options.cacheFolder where stamps are remembered. @default `fingerprints` in the user's cache of Steward
 * @throws StewardError when the file cannot be read, or changes while it is.
 */
export async function fingerprintSource(path: string, options: { cacheFolder?: string } = {}): Promise<Digest> {
  const folder = options.cacheFolder ?? join(locateUserCache(), "fingerprints");
  const memory = join(folder, `${digestBytes(resolve(path))}.json`);
  const stamp = await stampFile(path);
  const known = await recall(memory);
  if (known && sameStamp(known.stamp, stamp)) return known.sha256;
  const { sha256 } = await digestFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!sameStamp(await stampFile(path), stamp)) throw changedWhileRead(path);
  if (Date.now() - Number(BigInt(stamp.changed) / 1_000_000n) > settling) {
    await remember(memory, { folder, content: JSON.stringify(memorySchema.parse({ stamp, sha256 })) });
  }
  return sha256;
}

async function stampFile(path: string): Promise<Stamp> {
  const facts = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!facts.isFile()) throw unreadable(path, "not a file");
  return {
    device: String(facts.dev),
    inode: String(facts.ino),
    size: String(facts.size),
    modified: String(facts.mtimeNs),
    changed: String(facts.ctimeNs),
  };
}

function sameStamp(a: Stamp, b: Stamp): boolean {
  return JSON.stringify(stampSchema.parse(a)) === JSON.stringify(stampSchema.parse(b));
}

async function recall(memory: string): Promise<z.output<typeof memorySchema> | undefined> {
  try {
    return memorySchema.parse(JSON.parse(await readFile(memory, "utf8")));
  } catch {
    // Absent or damaged: it is only a memory.
    return undefined;
  }
}

async function remember(memory: string, { folder, content }: { folder: string; content: string }): Promise<void> {
  const draft = `${memory}.${process.pid}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(draft, content, { mode: 0o600 });
    await rename(draft, memory);
  } catch {
    // Without a memory the next reading takes longer, nothing else.
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

function unreadable(path: string, reason: unknown): StewardError {
  const code = reason instanceof Error && "code" in reason ? String(reason.code) : String(reason);
  return new StewardError(
    {
      code: "source-missing",
      at: "",
      file: path,
      what: "The file of a source cannot be read",
      got: code,
      fix:
        code === "ENOENT" ? "put it there, or correct the path of the source" : "check what it is and who may read it",
    },
    { cause: reason },
  );
}

function changedWhileRead(path: string): StewardError {
  return new StewardError({
    code: "source-changed",
    at: "",
    file: path,
    what: "The file of a source changed while it was being read",
    fix: "try again when nothing writes to it; let writers put a finished file in place by a rename",
  });
}
