/**
 * An Arrow file: the IPC file format, which says at its end where its batches are, or the IPC stream, which is read from its
 * begin to its end.
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";
import { type Body, readExactly } from "./arrow-bytes.ts";
import { type ArrowSchema, readSchema } from "./arrow-field.ts";
import { type Message, readMessage, requireTable, requireVersion } from "./arrow-message.ts";
import { ArrowFault } from "./fault.ts";
import { FlatBytes } from "./flat-table.ts";

/** A message of rows or of a dictionary, with its body. */
export type Content = Extract<Message, { readonly kind: "batch" | "dictionary" }> & { readonly body: Body };

const magic = "ARROW1";
/** The magic, and at the end the length of the footer before it. */
const [headBytes, tailBytes] = [8, 10];
/** Before a message: that one follows, and its length. */
const prefixBytes = 8;
const continuation = 0xffffffff;
/** What is said of a schema, a batch, or all batches together has at most so many bytes. */
const mostMetadata = 64_000_000;

/** A message in a file. */
interface Block {
  readonly offset: number;
  /** In bytes, its prefix and padding included. */
  readonly metadata: number;
  readonly body: number;
}

export interface ArrowFile {
  readonly schema: ArrowSchema;
  /** Its batches, and each dictionary before what stands on it. */
  readonly contents: () => AsyncGenerator<Content>;
}

/** Opens a file for some work. @throws ArrowFault when it is no Arrow file, or a damaged one */
export async function withArrowFile<T>(path: string, work: (file: ArrowFile) => Promise<T>): Promise<T> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const start = await readExactly(handle, { offset: 0, length: Math.min(size, headBytes) });
    const isFile = start.toString("latin1", 0, magic.length) === magic;
    return await work(isFile ? await openFile(handle, size) : await openStream(handle, size));
  } finally {
    await handle.close();
  }
}

async function openFile(file: FileHandle, size: number): Promise<ArrowFile> {
  const tail = await readPart(file, size, { offset: size - tailBytes, length: tailBytes });
  if (tail.toString("latin1", 4) !== magic)
    throw new ArrowFault("it ends in the middle: what an Arrow file ends with is not there");
  const length = tail.readInt32LE(0);
  const offset = size - tailBytes - length;
  if (length <= 0 || length > mostMetadata || offset < headBytes)
    throw new ArrowFault(`it says that its last ${length.toLocaleString("en-US")} bytes tell where its rows are`);
  const footer = new FlatBytes(await readPart(file, size, { offset, length })).root();
  const version = footer.int16(0, 0);
  requireVersion(version);
  const schema = readSchema(requireTable(footer.table(1)), version);
  const listBlocks = (field: number) =>
    footer.structs(field, 24, (bytes, at): Block => {
      return { offset: bytes.long(at), metadata: bytes.int32(at + 8), body: bytes.long(at + 16) };
    });
  const [dictionaries, batches] = [listBlocks(2), listBlocks(3)];
  // One batch told of many times is a small file of any number of rows.
  for (const blocks of [dictionaries, batches]) requireApart(blocks, offset);
  return {
    schema,
    async *contents() {
      for (const block of [...dictionaries, ...batches]) {
        const { message } = await readBlock(file, size, block);
        if (message) yield message;
      }
    },
  };
}

function requireApart(blocks: readonly Block[], limit: number): void {
  let end = headBytes;
  for (const { offset, metadata, body } of [...blocks].sort((a, b) => a.offset - b.offset)) {
    if (offset < end || metadata < prefixBytes || body < 0 || offset + metadata + body > limit)
      throw new ArrowFault("what it says of its data is damaged: a batch lies outside of it, or in another");
    end = offset + metadata + body;
  }
}

async function openStream(file: FileHandle, size: number): Promise<ArrowFile> {
  const first = await readNext(file, size, 0);
  if (first?.message.kind !== "schema")
    throw new ArrowFault("it does not begin with a schema, as an Arrow stream does");
  const schema = readSchema(first.message.schema, first.message.version);
  return {
    schema,
    async *contents() {
      let next = first.end;
      while (next < size) {
        const found = await readNext(file, size, next);
        if (!found) return;
        const { message, body, end } = found;
        if (message.kind === "schema") throw new ArrowFault("it has a second schema");
        if (message.kind !== "other") yield { ...message, body };
        next = end;
      }
    },
  };
}

interface Found {
  readonly message: Message;
  readonly body: Body;
  /** Where the next message begins. */
  readonly end: number;
}

/** Reads the message at a place of a stream. @returns nothing at its end */
async function readNext(file: FileHandle, size: number, offset: number): Promise<Found | undefined> {
  const prefix = await readPart(file, size, { offset, length: prefixBytes });
  if (prefix.readUInt32LE(0) !== continuation)
    throw new ArrowFault("it is no Arrow file, or one of before Arrow 0.15, or damaged");
  const length = prefix.readInt32LE(4);
  if (length === 0) return undefined;
  if (length < 0 || length > mostMetadata) throw new ArrowFault(`it says a length of ${length}`);
  const message = readMessage(await readPart(file, size, { offset: offset + prefixBytes, length }));
  const bodyLength = message.kind === "batch" || message.kind === "dictionary" ? message.bodyLength : 0;
  const body = { file, offset: offset + prefixBytes + length, length: bodyLength };
  if (body.offset + bodyLength > size) throw new ArrowFault("it ends in the middle");
  return { message, body, end: body.offset + bodyLength };
}

/** Reads the message of a block of a file; nothing where it is none of rows. */
async function readBlock(
  file: FileHandle,
  size: number,
  { offset, metadata, body }: Block,
): Promise<{ readonly message?: Content }> {
  if (metadata > mostMetadata) throw new ArrowFault(`it says a length of ${metadata}`);
  const bytes = await readPart(file, size, { offset, length: metadata });
  // Before Arrow 0.15 there was the length alone.
  const skipped = bytes.readUInt32LE(0) === continuation ? prefixBytes : prefixBytes / 2;
  const message = readMessage(bytes.subarray(skipped));
  if (message.kind !== "batch" && message.kind !== "dictionary") return {};
  if (message.bodyLength > body)
    throw new ArrowFault("what it says of its data is damaged: a batch is longer than its place");
  return { message: { ...message, body: { file, offset: offset + metadata, length: message.bodyLength } } };
}

async function readPart(
  file: FileHandle,
  size: number,
  part: { readonly offset: number; readonly length: number },
): Promise<Buffer> {
  if (part.offset < 0 || part.offset + part.length > size) throw new ArrowFault("it ends in the middle");
  return readExactly(file, part);
}
