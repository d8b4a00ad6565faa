/**
 * The bytes of a batch's buffers: read from the file as they are asked for, or, where they are compressed, unpacked as a whole.
 * @module
 */
import type { FileHandle } from "node:fs/promises";
import { zstdDecompressSync } from "node:zlib";
import type { Batch, Region } from "./arrow-message.ts";
import { ArrowFault } from "./fault.ts";
import { unpackLz4Frame } from "./lz4-frame.ts";

/** Some bytes, wherever they are. */
export interface ArrowBytes {
  readonly length: number;
  /** Those from one place to before another, which are there. */
  read(from: number, to: number): Promise<Buffer>;
}

/** What is read at once of a file, in bytes. */
const blockBytes = 256 * 1024;
/** What a batch may need in memory, in bytes: its compressed buffers unpacked, and the dictionaries that it stands on. */
const mostBytes = 400_000_000;

/** What of memory is given away. */
export class MemoryBudget {
  #left = mostBytes;

  /** @throws ArrowFault when there is not so much */
  take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    throw new ArrowFault(
      `a batch of it takes more than ${mostBytes / 1e6} MB of memory; write it in batches of fewer rows, or uncompressed`,
    );
  }
}

/** A part of a file. A place is read with what follows it, which is mostly asked for next. */
class FileBytes implements ArrowBytes {
  readonly length: number;
  readonly #file: FileHandle;
  readonly #start: number;
  #block: Buffer = Buffer.alloc(0);
  #blockStart = 0;

  constructor(file: FileHandle, { offset, length }: Region) {
    this.#file = file;
    this.#start = offset;
    this.length = length;
  }

  async read(from: number, to: number): Promise<Buffer> {
    if (from < this.#blockStart || to > this.#blockStart + this.#block.length) {
      const length = Math.min(this.length - from, Math.max(to - from, blockBytes));
      this.#block = await readExactly(this.#file, { offset: this.#start + from, length });
      this.#blockStart = from;
    }
    return this.#block.subarray(from - this.#blockStart, to - this.#blockStart);
  }
}

class MemoryBytes implements ArrowBytes {
  readonly length: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.length = bytes.length;
  }

  async read(from: number, to: number): Promise<Buffer> {
    return this.#bytes.subarray(from, to);
  }
}

/** Reads a part of a file. @throws ArrowFault when the file ends before it */
export async function readExactly(file: FileHandle, { offset, length }: Region): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) throw new ArrowFault("it ends in the middle");
    done += bytesRead;
  }
  return bytes;
}

/** A message's body in its file. */
export interface Body extends Region {
  readonly file: FileHandle;
}

/** Opens a buffer of a batch. @throws ArrowFault when it is not in the body, or does not unpack */
export async function openBuffer(
  body: Body,
  region: Region,
  { codec, budget }: Pick<Batch, "codec"> & { readonly budget: MemoryBudget },
): Promise<ArrowBytes> {
  const { offset, length } = region;
  if (offset < 0 || length < 0 || offset + length > body.length)
    throw new ArrowFault("what it says of its data is damaged: a column lies outside its batch");
  const place = { offset: body.offset + offset, length };
  if (codec === undefined || length === 0) return new FileBytes(body.file, place);
  if (length < 8) throw new ArrowFault("its compressed content is damaged: it ends in the middle");
  const size = (await readExactly(body.file, { ...place, length: 8 })).readBigInt64LE(0);
  const rest = { offset: place.offset + 8, length: length - 8 };
  if (size === -1n) return new FileBytes(body.file, rest);
  if (size < 0n) throw new ArrowFault(`it says a length of ${size}`);
  // What unpacks to more than memory has is refused before anything is unpacked.
  budget.take(size > BigInt(mostBytes) ? mostBytes + 1 : Number(size));
  budget.take(rest.length);
  const packed = await readExactly(body.file, rest);
  return new MemoryBytes(codec === "lz4" ? unpackLz4Frame(packed, Number(size)) : unpackZstd(packed, Number(size)));
}

function unpackZstd(packed: Buffer, size: number): Buffer {
  try {
    const bytes = zstdDecompressSync(packed, { maxOutputLength: Math.max(size, 1) });
    if (bytes.length === size) return bytes;
  } catch {
    // What the library says of it is not for people.
  }
  throw new ArrowFault("its compressed content is damaged: it does not unpack to as much as it says");
}
