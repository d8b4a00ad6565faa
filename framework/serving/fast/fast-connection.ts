/**
 * A connection on the fast path: one request after the other for the inference of one model is answered without a general
 * parser of HTTP. With the first request that is anything else the connection is given away, and does not come back.
 * @module
 */
import type { Socket } from "node:net";
import type { Reply } from "../../http/answering-server.ts";
import { HeadReader } from "./request-head.ts";

export interface FastOptions {
  /** The one request line that is answered here. */
  readonly line: string;
  /** The largest body, in bytes: larger ones are for others to refuse. */
  readonly largestBody: number;
  /** Answers a body, now or later. */
  readonly answer: (body: Buffer, deliver: (reply: FastReply) => void) => void;
  /** Takes the connection, whose next bytes have been put back. */
  readonly giveAway: (socket: Socket) => void;
  /** Whether the server is about to end. */
  readonly isClosing: () => boolean;
  /** How long a caller may take to send a whole request, and may be silent, in milliseconds. */
  readonly requestMilliseconds: number;
}

/** A reply, or the JSON of one that needs no more to be said: 200, all of it ASCII. */
export type FastReply = Reply | string;

/** How many requests of one connection may wait for their answers; then it is not read until there are fewer. */
const mostWaiting = 64;

/** A request that came whole. */
interface Waiting {
  /** @default it is not answered yet */
  text: string | Buffer[] | undefined;
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
    socket.setTimeout(options.requestMilliseconds, () => socket.destroy());
    socket.on("data", this.#read);
    socket.on("end", this.#readEnd);
  }

  /** Ends it when what is under way has been answered. */
  finish(): void {
    if (this.#waiting.length === 0 && this.#rest.length === 0) this.#socket.end();
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
    if (this.#waiting.length === 0 && !this.#isGone) this.#socket.end();
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
      this.#answer(bytes.subarray(at + head.length, end));
      at = end;
      this.#begun = 0;
    }
    this.#rest = bytes.subarray(at);
    if (this.#waiting.length >= mostWaiting) this.#socket.pause();
    if (this.#rest.length > 0) this.#watchSlowness();
  }

  /** A request that comes a byte at a time keeps a connection from being silent, and must come to its end all the same. */
  #watchSlowness(): void {
    const now = performance.now();
    if (this.#begun === 0) this.#begun = now;
    else if (now - this.#begun > this.#options.requestMilliseconds) this.#socket.destroy();
  }

  #answer(body: Buffer): void {
    const waiting: Waiting = { text: undefined };
    this.#waiting.push(waiting);
    this.#options.answer(body, (reply) => {
      const isClosing = this.#options.isClosing();
      waiting.text =
        typeof reply === "string" ? writeHead(reply.length, isClosing) + reply : writeReply(reply, isClosing);
      // Answers of one turn are sent by one write.
      if (this.#isPlanned) return;
      this.#isPlanned = true;
      if (outbox.push(this) === 1) queueMicrotask(sendOutbox);
    });
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
    this.#socket.pause();
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

const reasons: Readonly<Record<number, string | undefined>> = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  413: "Content Too Large",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** A text of ASCII alone, or bytes. */
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

/** The head of an answer of JSON. */
function writeHead(size: number, isClosing: boolean): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: ${isClosing ? "close" : "keep-alive"}\r\ndate: ${sayNow()}\r\ncontent-length: ${size}\r\n\r\n`;
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
