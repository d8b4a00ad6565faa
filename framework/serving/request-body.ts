/**
 * The body of an inference request, as bytes: no content type is asked for, since tritonclient sends none.
 * @module
 */
import type { IncomingMessage } from "node:http";
import { Refusal } from "./refusal.ts";

/** The largest body, in bytes. */
const largestBody = 16 * 2 ** 20;

/** Up to this much is read and thrown away, so that a caller who sends before it listens still learns why; then it is cut. */
const largestDiscarded = 4 * largestBody;

/** @throws Refusal 400 for a body that is binary or breaks off, 413 for one that is too large, 415 for a compressed one. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  refuseEncodings(request);
  const tooLarge = new Refusal(413, "the body is larger than 16 MiB; send fewer rows at once", { connection: "close" });
  if (Number(request.headers["content-length"] ?? 0) > largestDiscarded) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += chunk.length;
      if (size > largestDiscarded) break;
      if (size <= largestBody) chunks.push(chunk);
    }
  } catch {
    throw new Refusal(400, "the body broke off");
  }
  if (size > largestBody) throw tooLarge;
  return Buffer.concat(chunks);
}

function refuseEncodings({ headers }: IncomingMessage): void {
  if (headers["inference-header-content-length"] !== undefined) {
    throw new Refusal(
      400,
      'the body is in the binary tensor extension, which this server does not take: send "data" in JSON',
    );
  }
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    throw new Refusal(415, "the body is compressed, which this server does not take: send it as it is");
  }
}
