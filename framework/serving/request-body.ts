/**
 * The body of an inference request, as bytes: no content type is asked for, since tritonclient sends none.
 * @module
 */
import type { IncomingMessage } from "node:http";
import { Refusal } from "../http/refusal.ts";
import { readBody } from "../http/request-body.ts";

/** The largest body, in bytes. */
const largestBody = 16 * 2 ** 20;

/** @throws Refusal 400 for a body that is binary or breaks off, 413 for one that is too large, 415 for a compressed one. */
export async function readInferenceBody(request: IncomingMessage): Promise<Buffer> {
  refuseEncodings(request);
  return readBody(request, largestBody);
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
