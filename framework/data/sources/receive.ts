/**
 * Receiving: what a server sends, written to a file that is whole or not there.
 * @module
 */
import { createWriteStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { SourceFormat } from "../../definitions/source-format.ts";

export interface ReceiveOptions {
  /** Sees the bytes of each chunk before they are written, and how many have come with it; what it throws ends the work. */
  readonly onBytes: (chunk: Uint8Array, done: number) => void;
  /** Judges how many came in all: what it throws takes the file back. */
  readonly onEnd: (done: number) => void;
  /** Ends the work. @default nothing does */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes what comes to a file that is not there yet, which is removed when something ends this early.
 * @returns how many bytes came
 */
export async function receive(
  body: Readable,
  path: string,
  { onBytes, onEnd, signal }: ReceiveOptions,
): Promise<number> {
  let done = 0;
  const file = createWriteStream(path, { flags: "wx", mode: 0o600 });
  const closed = new Promise<void>((resolve) => file.once("close", resolve));
  try {
    await pipeline(
      body,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          done += chunk.length;
          onBytes(chunk, done);
          yield chunk;
        }
      },
      file,
      signal ? { signal } : {},
    );
    onEnd(done);
    return done;
  } catch (error) {
    // It is opened beside all this, and may be about to appear.
    file.destroy();
    await closed;
    await rm(path, { force: true });
    throw error;
  }
}

const gzip = Buffer.from("1f8b", "hex");

/**
 * Gives a file that was received the name by which its reader knows what it is. One that is compressed is known by its first bytes
 * too: an address need not end as its file does, and a server may say of a file how it is compressed.
 *
 * @param file.name what the source calls it: a key, or the path of an address
 * @returns its path
 */
export async function nameReceived(
  path: string,
  { folder, name, format }: { readonly folder: string; readonly name: string; readonly format: SourceFormat },
): Promise<string> {
  const isText = format === "csv" || format === "json";
  const isCompressed = isText && (name.endsWith(".gz") || (await begins(path, gzip)));
  const named = join(folder, `source.${format}${isCompressed ? ".gz" : ""}`);
  await rename(path, named);
  return named;
}

async function begins(path: string, start: Buffer): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(start.length), 0, start.length, 0);
    return bytesRead === start.length && buffer.equals(start);
  } finally {
    await file.close();
  }
}
