/**
 * Segments: append-only files of one JSON record a line, each record with a number one above the last. A segment is named
 * for its first record's number, so that names sort as records do.
 * @module
 */
import { type FileHandle, mkdir, open, readdir, readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const namePattern = /^requests-(\d{16})\.jsonl$/;
const numbered = z.object({ sequence: z.int().min(1) });

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
export async function recoverSegments(folder: string, segmentBytes: number): Promise<SegmentEnd> {
  await mkdir(folder, { recursive: true });
  const latest = (await readdir(folder))
    .filter((name) => namePattern.test(name))
    .sort()
    .at(-1);
  if (latest === undefined) return { next: 1 };
  const path = join(folder, latest);
  const bytes = await readFile(path);
  const { end, sequence } = findLastRecord(bytes);
  if (end < bytes.length) await truncate(path, end);
  const next = sequence === undefined ? Number(namePattern.exec(latest)?.[1]) : sequence + 1;
  return end < segmentBytes ? { next, path } : { next };
}

/** Where the last whole record ends, and its number. */
function findLastRecord(bytes: Buffer): { readonly end: number; readonly sequence?: number } {
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

/** Opens a segment for appending: the given one, or a new one for the records from `next` on. */
export async function openSegment(folder: string, { next, path }: SegmentEnd): Promise<FileHandle> {
  const handle = await open(path ?? join(folder, `requests-${String(next).padStart(16, "0")}.jsonl`), "a", 0o600);
  // A file outlives a crash only if its name in the folder does.
  const parent = await open(folder, "r");
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
  return handle;
}
