/**
 * A server that answers each request with a reply, and when it closes finishes what is under way.
 * @module
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { findHeadProblem, refuseBroken } from "./broken-request.ts";
import { type ConnectionTaker, divideConnections } from "./connection-taker.ts";

export interface Reply {
  readonly status: number;
  /** What is sent as JSON; a text whose type a header says, bytes, and a stream are sent as they are. */
  readonly body: unknown;
  /** @default {} */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface AnsweringOptions {
  /** 0 takes any free one. */
  readonly port: number;
  /** The address to listen on. @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** Whether other processes listen on the same port, each taking some of its connections. @default false */
  readonly sharesPort?: boolean | undefined;
  /** The reply to a request, whatever goes wrong on the way to it: it never rejects. @param closing whether the server is about to end */
  readonly answer: (request: IncomingMessage, closing: boolean) => Promise<Reply>;
  /** Take connections of other protocols on the same port. @default all are of HTTP/1 */
  readonly takers?: readonly ConnectionTaker[];
  /** How long a caller may take to send the headers, in milliseconds. @default 60000 */
  readonly headersMilliseconds?: number;
  /** How long a caller may take to send a whole request, in milliseconds; 0 waits for any. @default 60000 */
  readonly requestMilliseconds?: number;
  /** How long a connection may be idle between two requests, in milliseconds. @default 5000 */
  readonly idleMilliseconds?: number;
  /** How long a caller may take none of the bytes of its reply, in milliseconds; 0 waits for any. @default 0 */
  readonly stuckMilliseconds?: number;
  /** How often those that are late are looked for, in milliseconds. @default 5000 */
  readonly lookMilliseconds?: number;
  /** How long the head of a request may be, in bytes. @default 16384 */
  readonly headBytes?: number;
  /** How many headers a request may have. @default 200 */
  readonly mostHeaders?: number;
  /** How many connections there may be at once, where there are `takers`; those beyond are told to come again. @default any number */
  readonly mostConnections?: number;
  /** How long replies under way may take when the server closes, in milliseconds. @default 8000 */
  readonly drainMilliseconds?: number | undefined;
}

export interface AnsweringServer {
  /** The port it listens on. */
  readonly port: number;
  /** Accepts nothing new, and finishes what is under way. */
  close(): Promise<void>;
}

/** Starts a server. It listens when the promise is resolved. */
export async function startAnswering(options: AnsweringOptions): Promise<AnsweringServer> {
  let closing = false;
  const { mostHeaders = 200, idleMilliseconds = 5000, stuckMilliseconds = 0 } = options;
  const limits = {
    maxHeaderSize: options.headBytes ?? 16_384,
    connectionsCheckingInterval: options.lookMilliseconds ?? 5000,
    keepAliveTimeout: idleMilliseconds,
    // What Node would refuse without a reason is refused with one.
    requireHostHeader: false,
  };
  const server = createServer(limits, (request, response) => {
    response.on("finish", () => {
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
    const problem = findHeadProblem(request, mostHeaders);
    if (problem) {
      send(response, { status: problem.status, body: { error: problem.message }, headers: problem.headers }, closing);
      return;
    }
    void options
      .answer(request, closing)
      .then((reply) => send(response, reply, closing))
      .catch(() => {
        // A reply that cannot be written, such as one too large for a text, ends its own connection and no other.
        response.destroy();
      });
  });
  // Node would leave out the headers beyond, one of which may say how the body is to be read.
  server.maxHeadersCount = 0;
  server.timeout = stuckMilliseconds;
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => refuseBroken(error, socket as Socket));
  server.on("checkExpectation", (_request, response: ServerResponse) => {
    const error = "the only expectation that is met is 100-continue";
    send(response, { status: 417, body: { error }, headers: { connection: "close" } }, closing);
  });
  // Enough for the largest body on a slow line, and not for a caller that holds connections open.
  server.requestTimeout = options.requestMilliseconds ?? 60_000;
  server.headersTimeout = options.headersMilliseconds ?? 60_000;
  const drainMilliseconds = options.drainMilliseconds ?? 8000;
  const { takers, mostConnections } = options;
  const beginMilliseconds = server.headersTimeout;
  const divided = takers && divideConnections(server, { takers, beginMilliseconds, most: mostConnections });
  server.listen({ port: options.port, host: options.host ?? "127.0.0.1", reusePort: options.sharesPort ?? false });
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    async close() {
      closing = true;
      const closed = once(server, "close");
      server.close();
      const cut = setTimeout(() => server.closeAllConnections(), drainMilliseconds);
      await divided?.close(drainMilliseconds);
      await closed;
      clearTimeout(cut);
    },
  };
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply, closing: boolean): void {
  if (body instanceof Readable) {
    sendStream(response, { status, body, headers }, closing);
    return;
  }
  const isReady = body instanceof Uint8Array || (typeof body === "string" && "content-type" in headers);
  const text = isReady ? body : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers,
    ...(closing && { connection: "close" }),
  });
  response.end(text);
}

/** A stream that breaks off closes the connection: whoever asked must not take a part for the whole. */
function sendStream(
  response: ServerResponse,
  {
    status,
    body,
    headers,
  }: { readonly status: number; readonly body: Readable; readonly headers: Record<string, string> },
  closing: boolean,
): void {
  response.writeHead(status, { ...headers, ...(closing && { connection: "close" }) });
  pipeline(body, response).catch(() => response.destroy());
}
