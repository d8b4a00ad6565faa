/**
 * The body of an inference request, as bytes: no content type is asked for, since tritonclient sends none.
 * @module
 */
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate, type ZlibOptions } from "node:zlib";
import { type BodyRoom, refuseFull } from "../http/body-room.ts";
import { Refusal } from "../http/refusal.ts";
import { readBody, refuseLarge } from "../http/request-body.ts";
import { largestBody } from "./limits.ts";

const unpackers = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

/** What bytes may unpack to at most, for each of them. */
const mostUnpacked = 1032;

/**
 * Reads a body, unpacked.
 * @param room where it takes its bytes from. Whoever answers the request releases them
 * @throws Refusal 400 for one that breaks off or does not unpack, 413 for one that is too large, 415 for another compression, 503
 *   where there is no room for it
 */
export async function readInferenceBody(request: IncomingMessage, room: BodyRoom): Promise<Buffer> {
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  const isKnown = encoding === "gzip" || encoding === "deflate";
  if (!isKnown && encoding !== "identity") {
    throw new Refusal(415, "the body is compressed in a way that this server does not take: gzip and deflate are");
  }
  const body = await readBody(request, largestBody, room);
  if (!isKnown) return body;
  const needed = Math.min(body.length * mostUnpacked, largestBody);
  if (!room.hold(request, needed)) throw refuseFull();
  const unpacked = await unpack(body, unpackers[encoding]);
  // From here on it holds what it unpacked to, and nothing else: that is less.
  room.release(request);
  room.hold(request, unpacked.length);
  return unpacked;
}

async function unpack(body: Buffer, unpacker: (typeof unpackers)[keyof typeof unpackers]): Promise<Buffer> {
  try {
    return await unpacker(body, { maxOutputLength: largestBody, rejectGarbageAfterEnd: true } as ZlibOptions);
  } catch (error) {
    if (error instanceof RangeError) throw refuseLarge(largestBody);
    throw new Refusal(400, "the body is not what its Content-Encoding says");
  }
}
