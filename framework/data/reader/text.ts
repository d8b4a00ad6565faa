/**
 * Text, looked through once before it is read: whether a line is longer than DuckDB reads, which it does not always say; and,
 * where it is compressed, whether it is whole, which its checksum alone tells, and whether it is so much more unpacked than
 * packed that it can only be meant to do harm.
 * @module
 */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { OnProgress } from "../progress.ts";
import { lookedAt } from "./content.ts";

/** The longest line of CSV, in bytes. */
const longestLine = 2_000_000;
/** Data rarely shrink to a hundredth; what gzip can do at most is a thousandth. */
const largestRatio = 250;
/** So much may be unpacked of any file, in bytes. */
const alwaysUnpacked = 100_000_000;
const chunkBytes = 2 ** 20;
const lineEnd = 10;

export interface TextFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly isGzip: boolean;
  /** Whether a row is a line. */
  readonly hasLines: boolean;
  /** Hears of the phase `unpacking`, in bytes of the file. */
  readonly onProgress: OnProgress;
}

export interface TextLook {
  /** The first bytes of the text. */
  readonly start: Uint8Array;
  /** What the text has unpacked, as far as it was looked through, in bytes. */
  readonly unpacked: number;
  /** Why it is not read, to be read after "The source is not csv". @default it may be */
  readonly refusal?: string;
}

class Refusal extends Error {}

/** Goes through a text to its end, keeping nothing of it. */
export async function lookThroughText(file: TextFile): Promise<TextLook> {
  const source = createReadStream(file.path, { highWaterMark: chunkBytes });
  let start: Uint8Array = Buffer.alloc(0);
  let unpacked = 0;
  let line = 0;
  const look = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) {
      if (start.length < lookedAt) start = Buffer.concat([start, chunk.subarray(0, lookedAt)]).subarray(0, lookedAt);
      unpacked += chunk.length;
      if (file.isGzip) checkRatio(unpacked, file, source.bytesRead);
      if (file.hasLines) line = measureLine(chunk, line);
    }
  };
  try {
    await (file.isGzip ? pipeline(source, createGunzip({ chunkSize: chunkBytes }), look) : pipeline(source, look));
    return { start, unpacked };
  } catch (error) {
    if (error instanceof Refusal) return { start, unpacked, refusal: error.message };
    if (!isOfZlib(error)) throw error;
    return { start, unpacked, refusal: `its compressed content is damaged: ${error.message}` };
  }
}

function checkRatio(unpacked: number, { size, onProgress }: TextFile, done: number): void {
  onProgress({ phase: "unpacking", done, total: size, unit: "bytes" });
  if (unpacked <= Math.max(alwaysUnpacked, size * largestRatio)) return;
  throw new Refusal(`its ${size.toLocaleString("en-US")} bytes unpack to more than ${largestRatio} times as many`);
}

/** How long the line is that goes on after a chunk, given how long it was before. */
function measureLine(chunk: Buffer, before: number): number {
  const first = chunk.indexOf(lineEnd);
  const longest = before + (first < 0 ? chunk.length : first);
  if (longest > longestLine)
    throw new Refusal(`it has a line of more than ${longestLine.toLocaleString("en-US")} bytes`);
  return first < 0 ? longest : chunk.length - 1 - chunk.lastIndexOf(lineEnd);
}

function isOfZlib(error: unknown): error is Error {
  return error instanceof Error && "code" in error && /^Z_/.test(String(error.code));
}
