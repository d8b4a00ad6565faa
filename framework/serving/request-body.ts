/**
 * The body of an inference request, as bytes: no content type is asked for, since tritonclient sends none.
 * @module
 */
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { Refusal } from "../http/refusal.ts";
import { readBody, refuseLarge } from "../http/request-body.ts";

/** The largest body, in bytes; of a compressed one, what it unpacks to. */
export const largestBody = 16 * 2 ** 20;

const unpackers = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

/**
 * Reads a body, unpacked.
 * @throws Refusal 400 for one that breaks off or does not unpack, 413 for one that is too large, 415 for another compression
 */
export async function readInferenceBody(request: IncomingMessage): Promise<Buffer> {
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  const isKnown = encoding === "gzip" || encoding === "deflate";
  if (!isKnown && encoding !== "identity") {
    throw new Refusal(415, "the body is compressed in a way that this server does not take: gzip and deflate are");
  }
  const body = await readBody(request, largestBody);
  return isKnown ? unpack(body, unpackers[encoding]) : body;
}

async function unpack(body: Buffer, unpacker: (typeof unpackers)[keyof typeof unpackers]): Promise<Buffer> {
  try {
    return await unpacker(body, { maxOutputLength: largestBody });
  } catch (error) {
    if (error instanceof RangeError) throw refuseLarge(largestBody);
    throw new Refusal(400, "the body is not what its Content-Encoding says");
  }
}
