/**
 * Fingerprints: what a source is, as a digest, and what each of its files is. Remembered while a file stays what it was, so
 * that a plan can ask each time whether there is something new, and reads only what is.
 * @module
 */
import type { BigIntStats } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Problem, StewardError } from "../definitions/problem.ts";
import { type Digest, digestBytes, digestOf } from "../plan/digest.ts";
import { digestFile } from "../store/digest-file.ts";
import { locateUserCache } from "../toolchain/cache.ts";
import { mapConcurrently } from "./concurrency.ts";
import { FileLooks } from "./file-looks.ts";
import { type FoundFile, findSourceFiles } from "./find-source-files.ts";
import { type RememberedFile, recallFingerprints, rememberFingerprints } from "./fingerprint-memory.ts";
import type { LocalFile, SourceFile, SourceListing } from "./source-files.ts";
import { describeUnreadable } from "./unreadable-source.ts";

export interface FingerprintOptions {
  /** Where digests are remembered. @default `fingerprints` in the user's cache of Steward */
  readonly cacheFolder?: string;
}

/**
 * A file that changed less than this long before it was read may change again without its time telling, on a file system
 * with coarse times; in milliseconds. Its fingerprint is not remembered.
 */
const settling = 2_000;
/** How many files are looked at at once. */
const readers = 16;
/** In bytes. */
const smallFile = 1 << 20;
/** How many files that cannot be read are told of. */
const mostProblems = 20;

/** The fingerprint of a source: `listSource` of it. */
export async function fingerprintSource(location: string, options: FingerprintOptions = {}): Promise<Digest> {
  return (await listSource(location, options)).fingerprint;
}

/**
 * The files of a source with their digests. Read in full are only those whose stamp is new.
 * @param location an absolute path or pattern
 * @throws StewardError when there is no file, or one cannot be read, or changes while it is.
 */
export async function listSource(location: string, options: FingerprintOptions = {}): Promise<SourceListing> {
  const folder = options.cacheFolder ?? join(locateUserCache(), "fingerprints");
  const place = { folder, location: resolve(location) };
  const [found, known] = await Promise.all([findSourceFiles(location), recallFingerprints(place)]);
  const looks = new FileLooks();
  const looked = await mapConcurrently(found, readers, (file) =>
    lookAtFile(file, { known: known.get(file.name), looks }),
  );
  const memory = looked.flatMap(({ remembered }) => remembered ?? []);
  if (memory.some((file) => known.get(file.name) !== file)) await rememberFingerprints(place, memory);
  const problems = looked.flatMap(({ problems = [] }) => problems);
  if (problems.length > 0) throw new StewardError(problems.slice(0, mostProblems));
  return describeListing(looked.flatMap(({ file }) => file ?? []));
}

/** The fingerprint is that of the bytes where the source is one file that is named, else of its files' names and fingerprints. */
export function describeListing(files: readonly SourceFile[]): SourceListing {
  const [first] = files;
  if (first?.name === "") return { fingerprint: first.fingerprint, files };
  return { fingerprint: digestOf({ files: files.map(({ name, fingerprint }) => [name, fingerprint]) }), files };
}

interface LookedAt {
  /** @default it cannot be read */
  readonly file?: LocalFile;
  /** What to remember of it. @default it may change without its stamp telling */
  readonly remembered?: RememberedFile;
  /** Why it cannot be read. @default it can */
  readonly problems?: readonly Problem[];
}

/** So that all files that cannot be read are told of, and what was read of the others is remembered, one ends nothing. */
async function lookAtFile(file: FoundFile, knowledge: Knowledge): Promise<LookedAt> {
  try {
    return await readFingerprint(file, knowledge);
  } catch (error) {
    if (error instanceof StewardError) return { problems: error.problems };
    throw error;
  }
}

/** What is known of a file, and how it is looked at. */
interface Knowledge {
  readonly known: RememberedFile | undefined;
  readonly looks: FileLooks;
}

async function readFingerprint({ name, path }: FoundFile, { known, looks }: Knowledge): Promise<LookedAt> {
  const facts = await lookAt(path, looks);
  const stamp = stampOf(facts);
  const size = Number(facts.size);
  if (known?.stamp === stamp) {
    return { file: { name, path, fingerprint: known.sha256, size }, remembered: known };
  }
  const sha256 = await digest(path, size).catch((error: unknown) => {
    throw new StewardError(describeUnreadable(path, error), { cause: error });
  });
  if (stampOf(await lookAt(path, looks)) !== stamp) throw changedWhileRead(path);
  const file = { name, path, fingerprint: sha256, size };
  const settled = Date.now() - Number(facts.ctimeNs / 1_000_000n) > settling;
  return settled ? { file, remembered: { name, stamp, sha256 } } : { file };
}

/** A small file is read in one piece: many of them are read ten times as fast so. */
async function digest(path: string, size: number): Promise<Digest> {
  return size <= smallFile ? digestBytes(await readFile(path)) : (await digestFile(path)).sha256;
}

async function lookAt(path: string, looks: FileLooks): Promise<BigIntStats> {
  const facts = await looks.look(path).catch((error: unknown) => {
    throw new StewardError(describeUnreadable(path, error), { cause: error });
  });
  if (facts.isFile()) return facts;
  throw new StewardError(describeUnreadable(path, facts.isDirectory() ? "a folder" : "not a file"));
}

/** What tells whether a file is still what it was: where it lies on disk, its size, and when it last changed, in nanoseconds. */
function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
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
