/**
 * Bringing the files of a source to this machine, each just before it is read: a few at a time, so that the disk holds no
 * more of them.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { OnProgress } from "./progress.ts";
import { smallBytes } from "./reader/channel.ts";
import type { RemoteFile, SourceFile } from "./source-files.ts";

/** A file of a source that is on this machine. */
export interface BroughtFile {
  readonly name: string;
  /** In bytes; 0 where nobody knew before it was brought. */
  readonly size: number;
  /** Absolute. */
  readonly path: string;
  /** Removes what was brought; a file that lay here stays. */
  readonly release: () => Promise<void>;
}

export interface BringOptions {
  /** An existing folder. What is brought lies in folders of its own in it. */
  readonly folder: string;
  /** Ends the work; what is thrown is its reason. @default nothing does */
  readonly signal?: AbortSignal | undefined;
  /** Hears of the phase `fetching`, in bytes of a file. @default nobody does */
  readonly onProgress?: OnProgress | undefined;
}

/** How many files are brought ahead of the one that is asked for; of small ones more, as each takes mostly a wait. */
const ahead = 2;
const smallAhead = 16;

/**
 * Hands out files in their order. What was brought and not handed out is removed in the end; what was handed out is its
 * reader's to release, who may still read the last ones then.
 */
export async function* bringFiles(files: readonly SourceFile[], options: BringOptions): AsyncGenerator<BroughtFile> {
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, ...(options.signal ? [options.signal] : [])]);
  const begun: Promise<BroughtFile>[] = [];
  let next = 0;
  let handedOut = 0;
  try {
    for (let at = 0; at < files.length; at++) {
      for (; next < files.length && next <= at + aheadOf(files[next]); next++) {
        const file = files[next];
        if (!file) break;
        const bringing = bring(file, { ...options, signal });
        // Whoever asks for it is told; until then it is nobody's failure.
        bringing.catch(() => {});
        begun.push(bringing);
      }
      const brought = await begun[at];
      handedOut = at + 1;
      if (brought) yield brought;
    }
  } finally {
    ending.abort(new Error("no more files are wanted"));
    const left = begun.slice(handedOut);
    for (const each of await Promise.allSettled(left)) if (each.status === "fulfilled") await each.value.release();
  }
}

function aheadOf(file: SourceFile | undefined): number {
  return file && file.size > 0 && file.size <= smallBytes ? smallAhead : ahead;
}

async function bring(file: SourceFile, options: BringOptions): Promise<BroughtFile> {
  const { name, size } = file;
  if ("path" in file) return { name, size, path: file.path, release: async () => {} };
  return { name, size, ...(await fetchFile(file, options)) };
}

async function fetchFile(
  { fetch }: RemoteFile,
  { folder, signal, onProgress }: BringOptions,
): Promise<Pick<BroughtFile, "path" | "release">> {
  const own = await mkdtemp(join(folder, "fetched-"));
  const release = () => rm(own, { recursive: true, force: true });
  try {
    signal?.throwIfAborted();
    return { path: await fetch(own, { signal, onProgress }), release };
  } catch (error) {
    await release();
    throw error;
  }
}
