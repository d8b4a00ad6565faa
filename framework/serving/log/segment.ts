/**
 * Segments: append-only files of one JSON record a line, each record with a number one above the last. A segment is named
 * for its first record's number, so that names sort as records do.
 * @module
 */
import { constants, type FileHandle, mkdir, open, readdir, readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const namePattern = /^([a-z]+)-(\d{16})\.jsonl$/;
const numbered = z.object({ sequence: z.int().min(1) });

/** The number of the first record of a segment of a stream, by its name; nothing for what is none. */
export function parseSegmentName(stream: string, name: string): number | undefined {
  const [, named, first] = namePattern.exec(name) ?? [];
  return named === stream ? Number(first) : undefined;
}

/** Where the next record goes. */
export interface SegmentEnd {
  /** The number of the next record. */
  readonly next: number;
  /** The segment that it goes to. @default a new one is due */
  readonly path?: string;
}

/**
 * Finds the end of what an earlier process wrote, and cuts off a last line that it did not finish: nobody was told that
 * such a record is kept. A segment of `segmentBytes` or more is full.
 */
export async function recoverSegments(folder: string, stream: string, segmentBytes: number): Promise<SegmentEnd> {
  await mkdir(folder, { recursive: true });
  const latest = (await readdir(folder))
    .filter((name) => parseSegmentName(stream, name) !== undefined)
    .sort()
    .at(-1);
  if (latest === undefined) return { next: 1 };
  const path = join(folder, latest);
  const bytes = await readFile(path);
  const { end, sequence } = findLastRecord(bytes);
  if (end < bytes.length) await truncate(path, end);
  const next = sequence === undefined ? (parseSegmentName(stream, latest) ?? 1) : sequence + 1;
  return end < segmentBytes ? { next, path } : { next };
}

/**
 * Where the last whole record ends, and its number. No record has a zero in it: behind the first one are room and what a disk may have
 * kept of records whose flush never ended, and not all before them.
 */
function findLastRecord(whole: Buffer): { readonly end: number; readonly sequence?: number } {
  const zero = whole.indexOf(0);
  const bytes = zero < 0 ? whole : whole.subarray(0, zero);
  for (let end = bytes.lastIndexOf("\n") + 1; end > 0; ) {
    const start = end < 2 ? 0 : bytes.lastIndexOf("\n", end - 2) + 1;
    const record = readRecord(bytes.subarray(start, end - 1));
    if (record) return { end, sequence: record.sequence };
    end = start;
  }
  return { end: 0 };
}

function readRecord(line: Buffer) {
  try {
    return numbered.parse(JSON.parse(line.toString("utf8")));
  } catch {
    return undefined;
  }
}

/** So much room is made at once, in bytes. */
const roomBytes = 2 ** 20;

/**
 * A write that is a flush as well is one task for another thread instead of two, which on one core saves a tenth of its cost or more.
 * It is on Linux alone that such a write is as safe as a flush: elsewhere the disk may keep it in a cache of its own.
 */
const writesThrough = process.platform === "linux";

/**
 * A segment that is open for appending. Where records are to be flushed, zeros are written ahead of them: a flush that changes neither
 * the size of a file nor where it lies costs a disk a tenth of one that does. What is left of them is cut off at the end, or by
 * `recoverSegments`: a line of zeros is none.
 */
export class OpenSegment {
  readonly #handle: FileHandle;
  readonly #isFlushed: boolean;
  #size: number;
  #room: number;

  /** @param size where the next record goes, in bytes */
  constructor(handle: FileHandle, { size, isFlushed }: { readonly size: number; readonly isFlushed: boolean }) {
    this.#handle = handle;
    this.#isFlushed = isFlushed;
    this.#size = size;
    this.#room = size;
  }

  /** How long the records are, in bytes. */
  get size(): number {
    return this.#size;
  }

  /** Appends bytes. They count once they are there as a whole, and flushed where they are to be. */
  async append(bytes: Buffer): Promise<void> {
    if (this.#isFlushed && this.#size + bytes.length > this.#room) await this.#makeRoom(bytes.length);
    await this.#write(bytes, this.#size);
    if (this.#isFlushed && !writesThrough) await this.#handle.datasync();
    this.#size += bytes.length;
  }

  flush(): Promise<void> {
    return this.#handle.datasync();
  }

  /** Cuts off what does not count. */
  async cut(): Promise<void> {
    await this.#handle.truncate(this.#size);
    this.#room = this.#size;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** Without it a record is as safe, only slower: a disk that is nearly full may still have room for records. */
  async #makeRoom(needed: number): Promise<void> {
    const zeros = Buffer.alloc(Math.max(roomBytes, needed));
    const made = await this.#write(zeros, this.#size).then(
      () => true,
      () => false,
    );
    if (made) this.#room = this.#size + zeros.length;
  }

  async #write(bytes: Buffer, position: number): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      const rest = bytes.length - written;
      written += (await this.#handle.write(bytes, written, rest, position + written)).bytesWritten;
    }
  }
}

export interface OpeningSegment {
  readonly folder: string;
  readonly stream: string;
  /** Whether what is appended counts once it is flushed to the disk. */
  readonly isFlushed: boolean;
}

/** Opens a segment for appending: the given one, or a new one for the records from `next` on. */
export async function openSegment(
  { folder, stream, isFlushed }: OpeningSegment,
  { next, path }: SegmentEnd,
): Promise<OpenSegment> {
  const file = path ?? join(folder, `${stream}-${String(next).padStart(16, "0")}.jsonl`);
  const through = isFlushed && writesThrough ? constants.O_DSYNC : 0;
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | through, 0o600);
  // A file outlives a crash only if its name in the folder does.
  const parent = await open(folder, "r");
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
  // What an earlier process left need not be on the disk, and a hole there would hide all that is written behind it.
  if (isFlushed && path !== undefined) await handle.datasync();
  return new OpenSegment(handle, { size: (await handle.stat()).size, isFlushed });
}
