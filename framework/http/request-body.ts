/**
 * The body of a request, as bytes, up to a limit.
 * @module
 */
import type { IncomingMessage } from "node:http";
import { Refusal } from "./refusal.ts";

/** Up to this much is read and thrown away, so that a caller who sends before it listens still learns why; in largest bodies. */
const discarded = 4;

/**
 * Reads a body to its end.
 * @param most how large it may be, in bytes
 * @throws Refusal 400 for a body that breaks off, 413 for one that is too large
 */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  const tooLarge = refuseLarge(most);
  if (Number(request.headers["content-length"] ?? 0) > most * discarded) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += chunk.length;
      if (size > most * discarded) break;
      if (size <= most) chunks.push(chunk);
    }
  } catch {
    throw new Refusal(400, "the body broke off");
  }
  if (size > most) throw tooLarge;
  return Buffer.concat(chunks);
}

/** What is said of a body that is larger than it may be. */
export function refuseLarge(most: number): Refusal {
  const size = most % 2 ** 20 === 0 ? `${most / 2 ** 20} MiB` : `${most} bytes`;
  return new Refusal(413, `the body is larger than ${size}; send less at once`, { connection: "close" });
}
