/**
 * A connection on the fast path: one request after the other for the inference of one model is answered without a general
 * parser of HTTP. With the first request that is anything else the connection is given away, and does not come back.
 * @module
 */
import type { Socket } from "node:net";
import type { Reply } from "../../http/answering-server.ts";
import { endWith } from "../../http/broken-request.ts";
import { refuseLate } from "../deadline.ts";
import type { Origin } from "../trace/origin.ts";
import { requestIdHeader } from "../trace/told-reply.ts";
import { variantHeader } from "../variants/addressed.ts";
import type { LiveVariant } from "../variants/live-variants.ts";
import { HeadReader } from "./request-head.ts";

export interface FastOptions {
  /** The one request line that is answered here. */
  readonly line: string;
  /** The largest body, in bytes: larger ones are for others to refuse. */
  readonly largestBody: number;
  /** Answers a body, now or later. */
  readonly answer: (asked: FastBody, deliver: (reply: FastReply) => void) => void;
  /** Takes the connection, whose next bytes have been put back. */
  readonly giveAway: (socket: Socket) => void;
  /** Whether the server is about to end. */
  readonly isClosing: () => boolean;
  /** How long a caller may take to send a whole request, and how long it may be silent, in milliseconds. */
  readonly requestMilliseconds: number;
  readonly idleMilliseconds: number;
  /** Counts how often `look` has been called. */
  readonly clock: { readonly turn: number };
  /** After so many turns an answer is late. */
  readonly mostTurns: number;
  /** Told of each request whose answer was late. */
  readonly onLate: (asked: FastBody) => void;
}

/** The body of a request, and what its head says that it is to be answered by. */
export interface FastBody {
  readonly body: Buffer;
  /** What assignment to a variant goes by. @default the caller gives none */
  readonly unit: string | undefined;
  /** The request's id, and the trace that it is part of. @default its head says neither */
  readonly origin: Origin | undefined;
  /** What its answer is to be called, where assignment went by it. @default as the body says, else one is made for it */
  id: string | undefined;
  /** Which variant has been asked for it, as whoever answers says: it is to blame where there is no answer. @default none yet */
  asked: LiveVariant | undefined;
  /** Whether its caller has been told that the answer is late: no other one counts. */
  isLate: boolean;
}

/** A reply, or the JSON of one that needs no more to be said, or no more than which variant and request it is of: 200, all of it ASCII. */
export type FastReply = Reply | string | VariantText;

/** The JSON of an answer, and of which variant and request it is. */
export interface VariantText {
  readonly text: string;
  /** @default no other one answers anybody */
  readonly variant: string | undefined;
  /** @default none was sent */
  readonly requestId: string | undefined;
}

/** How many requests of one connection may wait for their answers; then it is not read until there are fewer. */
const mostWaiting = 64;

/** A request that came whole. */
interface Waiting {
  /** @default it is not answered yet */
  text: string | Buffer[] | undefined;
  /** The turn in which it came. */
  readonly turn: number;
  readonly request: FastBody;
}

/** The connections that have answers to send: all of a turn are sent at its end. */
let outbox: FastConnection[] = [];

function sendOutbox(): void {
  const ready = outbox;
  outbox = [];
  for (const connection of ready) connection.send();
}

export class FastConnection {
  readonly #socket: Socket;
  readonly #options: FastOptions;
  readonly #heads: HeadReader;
  /** In the order in which they came, which is that of their answers. */
  readonly #waiting: Waiting[] = [];
  #rest: Buffer = Buffer.alloc(0);
  /** When the request began that is not whole yet. */
  #begun = 0;
  #isLeaving = false;
  #hasEnded = false;
  #isPlanned = false;
  #isDraining = false;
  #isGone = false;

  constructor(socket: Socket, options: FastOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#heads = new HeadReader(options.line);
    socket.setNoDelay(true);
    socket.setTimeout(options.idleMilliseconds, () => {
      // Whoever waits for an answer is not idle, but one who takes none of those that it has is.
      if (this.#waiting.length === 0 || socket.writableLength > 0) socket.destroy();
    });
    socket.on("data", this.#read);
    socket.on("end", this.#readEnd);
  }

  /** Ends it when what is under way has been answered. */
  finish(): void {
    if (this.#waiting.length === 0 && this.#rest.length === 0) this.#socket.end();
  }

  /** Looks for what is late: a request that does not come to its end, and an answer that nobody gives. */
  look(): void {
    const { clock, mostTurns, onLate } = this.#options;
    for (const waiting of this.#waiting) {
      // They are in the order in which they came.
      if (clock.turn - waiting.turn <= mostTurns) break;
      if (waiting.text !== undefined) continue;
      waiting.request.isLate = true;
      onLate(waiting.request);
      this.#deliver(waiting, late);
    }
    this.#watchSlowness();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The caller sends no more, and may still listen. */
  readonly #readEnd = (): void => {
    this.#hasEnded = true;
    this.#endAfterAll();
  };

  /** Ends it when all has been answered that came whole. */
  #endAfterAll(): void {
    if (this.#waiting.length === 0 && !this.#isLeaving) this.#take();
    if (this.#waiting.length > 0 || this.#isGone) return;
    if (this.#rest.length === 0) this.#socket.end();
    else this.#endWith(cut);
  }

  readonly #read = (chunk: Buffer): void => {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#take();
  };

  #take(): void {
    const bytes = this.#rest;
    let at = 0;
    while (at < bytes.length && this.#waiting.length < mostWaiting) {
      const head = this.#heads.read(bytes, at);
      if (head === "other" || (head !== "incomplete" && head.bodyLength > this.#options.largestBody)) {
        this.#rest = bytes.subarray(at);
        this.#leave();
        return;
      }
      if (head === "incomplete") break;
      const end = at + head.length + head.bodyLength;
      if (end > bytes.length) break;
      const { unit, origin } = head;
      const body = bytes.subarray(at + head.length, end);
      this.#answer({ body, unit, origin, id: undefined, asked: undefined, isLate: false });
      at = end;
      this.#begun = 0;
    }
    this.#rest = bytes.subarray(at);
    if (this.#waiting.length >= mostWaiting) this.#pause();
    else if (this.#rest.length > 0 && this.#begun === 0) this.#begun = performance.now();
  }

  /** While it is not read, the rest of a request is not its caller's to send. */
  #pause(): void {
    this.#begun = 0;
    this.#socket.pause();
  }

  /** A request that comes a byte at a time keeps a connection from being silent, and must come to its end all the same. */
  #watchSlowness(): void {
    if (this.#rest.length === 0 || this.#begun === 0 || this.#waiting.length > 0 || this.#isGone) return;
    if (performance.now() - this.#begun <= this.#options.requestMilliseconds) return;
    this.#endWith(slow);
  }

  #endWith(why: typeof slow): void {
    this.#isGone = true;
    this.#rest = Buffer.alloc(0);
    this.#socket.off("data", this.#read);
    endWith(this.#socket, why);
  }

  #answer(request: FastBody): void {
    const waiting: Waiting = { text: undefined, turn: this.#options.clock.turn, request };
    this.#waiting.push(waiting);
    this.#options.answer(request, (reply) => this.#deliver(waiting, reply));
  }

  #deliver(waiting: Waiting, reply: FastReply): void {
    // It was late, and its caller has been told.
    if (waiting.text !== undefined) return;
    const isClosing = this.#options.isClosing();
    waiting.text = writeWhole(reply, isClosing);
    // Answers of one turn are sent by one write.
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    if (outbox.push(this) === 1) queueMicrotask(sendOutbox);
  }

  /** Sends what may be sent of what has been answered. */
  send(): void {
    this.#isPlanned = false;
    const socket = this.#socket;
    let text = "";
    while (this.#waiting[0]?.text !== undefined) {
      const ready = this.#waiting.shift()?.text;
      if (typeof ready === "string") text += ready;
      else {
        if (text !== "") socket.write(text, "latin1");
        text = "";
        for (const part of ready ?? []) socket.write(part);
      }
    }
    if (text !== "") socket.write(text, "latin1");
    if (this.#isLeaving) this.#leave();
    else if (this.#hasEnded) this.#endAfterAll();
    else if (this.#options.isClosing()) this.finish();
    else if (socket.writableNeedDrain) this.#waitForDrain();
    else this.#goOn();
  }

  #waitForDrain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#pause();
    this.#socket.once("drain", () => {
      this.#isDraining = false;
      this.#goOn();
    });
  }

  #goOn(): void {
    if (this.#isGone || this.#isDraining) return;
    if (this.#socket.isPaused()) this.#socket.resume();
    if (this.#rest.length > 0 && this.#waiting.length < mostWaiting) this.#take();
  }

  /** Gives the connection away, once all that came before has been answered. */
  #leave(): void {
    this.#isLeaving = true;
    const socket = this.#socket;
    socket.pause();
    if (this.#waiting.length > 0 || this.#isGone) return;
    this.#isGone = true;
    if (this.#hasEnded) {
      // Nobody else can be given what has been read to its end.
      socket.end(writeRefusal("a connection that its caller has half closed takes inferences alone"));
      return;
    }
    socket.off("data", this.#read);
    socket.off("end", this.#readEnd);
    socket.setTimeout(0);
    socket.removeAllListeners("timeout");
    if (this.#rest.length > 0) socket.unshift(this.#rest);
    this.#options.giveAway(socket);
  }
}

const late: Reply = { status: 504, body: { error: refuseLate().message } };
const cut = { status: "400 Bad Request", error: "the request broke off" };
const slow = { status: "408 Request Timeout", error: "the request did not come to its end in time" };

const reasons: Readonly<Record<number, string | undefined>> = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  413: "Content Too Large",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** A text of ASCII alone, or bytes. */
function writeWhole(reply: FastReply, isClosing: boolean): string | Buffer[] {
  if (typeof reply === "string") return writeHead(reply.length, isClosing) + reply;
  if (!("text" in reply)) return writeReply(reply, isClosing);
  const { text, variant, requestId } = reply;
  const said = variant === undefined ? "" : `${variantHeader}: ${variant}\r\n`;
  const told = requestId === undefined ? said : `${said}${requestIdHeader}: ${requestId}\r\n`;
  return writeHead(text.length, isClosing, told) + text;
}

function writeReply({ status, body, headers = {} }: Reply, isClosing: boolean): string | Buffer[] {
  const content = body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body);
  const size = typeof content === "string" ? Buffer.byteLength(content) : content.length;
  let head = `HTTP/1.1 ${status} ${reasons[status] ?? ""}\r\ncontent-length: ${size}\r\ndate: ${sayNow()}\r\n`;
  if (!("content-type" in headers)) head += "content-type: application/json\r\n";
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`;
  head += isClosing ? "connection: close\r\n\r\n" : "connection: keep-alive\r\n\r\n";
  if (typeof content === "string" && size === content.length) return head + content;
  return [Buffer.from(head, "latin1"), Buffer.from(content)];
}

/** A whole answer that ends its connection. */
function writeRefusal(error: string): string {
  const body = JSON.stringify({ error });
  return `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
}

/** The head of an answer of JSON. @param beside whole lines of its own */
function writeHead(size: number, isClosing: boolean, beside = ""): string {
  return `HTTP/1.1 200 OK\r\n${beside}content-type: application/json\r\nconnection: ${isClosing ? "close" : "keep-alive"}\r\ndate: ${sayNow()}\r\ncontent-length: ${size}\r\n\r\n`;
}

let said = { until: 0, text: "" };

/** The time as HTTP has it, to the second. */
function sayNow(): string {
  const now = Date.now();
  if (now >= said.until || now < said.until - 1000) {
    const second = Math.floor(now / 1000) * 1000;
    said = { until: second + 1000, text: new Date(second).toUTCString() };
  }
  return said.text;
}
