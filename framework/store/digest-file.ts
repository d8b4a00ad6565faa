/**
 * The reference that a file would have in the store.
 * @module
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Reference } from "./reference.ts";

/** The digest and size of a file's bytes, read as a stream. */
export async function digestFile(path: string): Promise<Reference> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { sha256: hash.digest("hex"), size };
}
