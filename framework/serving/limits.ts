/**
 * The limits of a model server: how large, how many and how long. Each has a reason, and a test that reaches it. What a request may
 * hold, as JSON, is in `json-extent.ts`; as a message of gRPC, in `grpc/message-extent.ts`.
 * @module
 */

/** The largest body, in bytes; of a compressed one, what it unpacks to. Ten thousand rows of a hundred numbers are half of it. */
export const largestBody = 16 * 2 ** 20;
/**
 * The largest body on the fast path, in bytes. There a body is kept in one piece as it comes, which for a large one that comes
 * in small pieces is a copy of all of it for each of them; and it is no faster for the time that large ones take.
 */
export const largestFastBody = 64 * 2 ** 10;
/** The most rows one request may have: those of others wait for the run that answers them. */
export const mostRows = 10_000;
/** How long an id may be, in characters: it is in the answer and in the log. */
export const longestId = 256;

/** Those that hold for a server as a whole, and for connections. */
export interface ServerLimits {
  /** How many connections there may be at once, of all protocols: each holds a file open, and up to 72 KiB of an unfinished request. */
  readonly connections: number;
  /** The bytes of all bodies that are held at once: sixteen of the largest, and far more of the usual ones. */
  readonly heldBytes: number;
  /** How long the head of a request may be, in bytes; a browser's cookies fit in. */
  readonly headBytes: number;
  /** How many headers a request may have: proxies add some, and nobody means hundreds. */
  readonly headers: number;
  /** How long a caller may take to send a head, in milliseconds: it is one packet, mostly. */
  readonly headMilliseconds: number;
  /** How long a caller may take to send a whole request, in milliseconds: the largest body at 280 kB a second. */
  readonly requestMilliseconds: number;
  /** How long a connection may be idle, or its caller take none of its answer, in milliseconds: longer than load balancers keep one. */
  readonly idleMilliseconds: number;
  /** How long an answer may take once its request is there, in milliseconds: by then whoever asked has given up. A request may say less. */
  readonly answerMilliseconds: number;
  /** How many calls of gRPC one connection may have under way; those beyond wait with their caller. */
  readonly callsOfConnection: number;
  /** How often those that are late are looked for, in milliseconds. */
  readonly lookMilliseconds: number;
}

/** What holds where nobody says otherwise. */
export const usualLimits: ServerLimits = {
  connections: 4096,
  heldBytes: 256 * 2 ** 20,
  headBytes: 16 * 2 ** 10,
  headers: 200,
  headMilliseconds: 10_000,
  requestMilliseconds: 60_000,
  idleMilliseconds: 75_000,
  answerMilliseconds: 10_000,
  callsOfConnection: 100,
  lookMilliseconds: 1000,
};
