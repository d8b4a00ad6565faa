/**
 * What is said to a caller whose bytes are no request, or none that is read: JSON with a reason, as to all others. Node's own answers
 * to them have no body.
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { Refusal } from "./refusal.ts";

/** How long a connection is read on after its last answer, in milliseconds: one that is cut at once may lose the answer with it. */
const lingerMilliseconds = 500;

/** By what Node's parser says of them. */
const known: Readonly<Record<string, readonly [status: string, error: string] | undefined>> = {
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "the head of the request is longer than is read"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [
    "413 Content Too Large",
    "the chunks of the body have longer extensions than are read",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "the request did not come to its end in time"],
};

const broken = ["400 Bad Request", "the bytes are no request of HTTP/1.1"] as const;

/** Those that have been told already: what they still send is broken as well. */
const told = new WeakSet<object>();

/** Answers a connection whose bytes Node's parser could not read, and ends it. */
export function refuseBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (told.has(socket)) return;
  told.add(socket);
  const [status, why] = known[error.code ?? ""] ?? broken;
  if (socket.writable && error.code !== "ECONNRESET") endWith(socket, { status, error: why });
  else socket.destroy();
}

/** Sends a connection its last answer, and ends it. */
export function endWith(
  socket: Socket,
  { status, error, headers = "" }: { readonly status: string; readonly error: string; readonly headers?: string },
): void {
  const body = JSON.stringify({ error });
  socket.end(
    `HTTP/1.1 ${status}\r\n${headers}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), lingerMilliseconds);
  socket.once("close", () => clearTimeout(cut));
}

/**
 * What is wrong with the head of a request that was read.
 * @param most how many headers there may be
 * @returns nothing where it is sound
 */
export function findHeadProblem({ rawHeaders, httpVersion }: IncomingMessage, most: number): Refusal | undefined {
  if (rawHeaders.length > 2 * most)
    return new Refusal(431, `the request has more than ${most} headers`, { connection: "close" });
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === "host") hosts++;
    // RFC 9112, 6.1: what is coded twice is decoded by nobody here.
    else if (
      name.length === 17 &&
      name.toLowerCase() === "transfer-encoding" &&
      !/^chunked$/i.test(rawHeaders[i + 1] ?? "")
    )
      return new Refusal(400, 'the only Transfer-Encoding that is read is "chunked"', { connection: "close" });
  }
  if (httpVersion !== "1.1" && httpVersion !== "1.0")
    return new Refusal(400, "the request is none of HTTP/1.1 or HTTP/1.0", { connection: "close" });
  // RFC 9112, 3.2.
  const isRight = hosts === 1 || (hosts === 0 && httpVersion === "1.0");
  return isRight ? undefined : new Refusal(400, "the request has no Host, or more than one", { connection: "close" });
}
