/**
 * The heads of requests on the fast path: a strict subset of HTTP/1.1 (RFC 9112). Whatever else there may be in one is for a
 * whole parser to read. Pure.
 * @module
 */

/** What a head says. */
export interface RequestHead {
  /** How many bytes the head has, with the empty line. */
  readonly length: number;
  /** Of the body, in bytes. */
  readonly bodyLength: number;
}

/** `incomplete`: more bytes will tell. `other`: it is not for the fast path. */
export type HeadReading = RequestHead | "incomplete" | "other";

/** The longest head that is read here. */
const longestHead = 8192;
const headEnd = Buffer.from("\r\n\r\n");
const headerLine = /^([!#$%&'*+.^_`|~0-9a-z-]+):[ \t]*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?[ \t]*$/i;

/** What changes how a body is framed, sent or answered: a parser of all of HTTP knows how. */
const others = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "expect",
  "inference-header-content-length",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** Values of these that change nothing. */
const harmless: Readonly<Record<string, RegExp | undefined>> = {
  "accept-encoding": /^[\x20-\x7e]*$/,
  connection: /^keep-alive$/i,
  "content-encoding": /^identity$/i,
};

/** Reads the heads of a connection's requests, which mostly are the one before over again. */
export class HeadReader {
  readonly #line: Buffer;
  #last: { readonly bytes: Buffer; readonly head: RequestHead } | undefined;

  /** @param line the one request line that is for the fast path: `POST /v2/models/late/infer HTTP/1.1` */
  constructor(line: string) {
    this.#line = Buffer.from(`${line}\r\n`, "latin1");
  }

  /** Reads the head that begins at a place. */
  read(bytes: Buffer, start: number): HeadReading {
    const last = this.#last;
    if (last && bytes.length - start >= last.bytes.length) {
      const end = start + last.bytes.length;
      if (last.bytes.compare(bytes, start, end) === 0) return last.head;
    }
    const known = Math.min(this.#line.length, bytes.length - start);
    if (this.#line.compare(bytes, start, start + known, 0, known) !== 0) return "other";
    const end = bytes.indexOf(headEnd, start);
    if (end < 0) return bytes.length - start > longestHead ? "other" : "incomplete";
    if (end - start > longestHead) return "other";
    const length = end + headEnd.length - start;
    const bodyLength = readBodyLength(bytes.toString("latin1", start + this.#line.length, end));
    if (bodyLength === undefined) return "other";
    const head = { length, bodyLength };
    this.#last = { bytes: Buffer.from(bytes.subarray(start, start + length)), head };
    return head;
  }
}

/** @param headers the lines of a head but the first. @default undefined where one of them is not for the fast path */
function readBodyLength(headers: string): number | undefined {
  let length: number | undefined;
  let hosts = 0;
  for (const line of headers.split("\r\n")) {
    const [, name, value = ""] = headerLine.exec(line) ?? [];
    if (name === undefined) return undefined;
    const key = name.toLowerCase();
    if (key === "host") hosts++;
    if (key === "content-length") {
      if (length !== undefined || !/^\d{1,8}$/.test(value)) return undefined;
      length = Number(value);
    } else if (others.has(key) && !harmless[key]?.test(value)) return undefined;
  }
  return hosts === 1 ? length : undefined;
}
