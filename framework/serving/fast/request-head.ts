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
/** As many digits as the length of a body may have. */
const mostDigits = 8;
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
  #last: KnownHead | undefined;

  /** @param line the one request line that is for the fast path: `POST /v2/models/late/infer HTTP/1.1` */
  constructor(line: string) {
    this.#line = Buffer.from(`${line}\r\n`, "latin1");
  }

  /** Reads the head that begins at a place. */
  read(bytes: Buffer, start: number): HeadReading {
    const again = this.#last && readKnown(this.#last, bytes, start);
    if (again) return again;
    const known = Math.min(this.#line.length, bytes.length - start);
    if (this.#line.compare(bytes, start, start + known, 0, known) !== 0) return "other";
    const end = bytes.indexOf(headEnd, start);
    if (end < 0) return bytes.length - start > longestHead ? "other" : "incomplete";
    if (end - start > longestHead) return "other";
    const length = end + headEnd.length - start;
    const headers = bytes.toString("latin1", start + this.#line.length, end);
    const bodyLength = readBodyLength(headers);
    if (bodyLength === undefined) return "other";
    this.#last = remember(Buffer.from(bytes.subarray(start, start + length)), headers, this.#line.length);
    return { length, bodyLength };
  }
}

/** A head that was read, but for the length that it says. */
interface KnownHead {
  readonly before: Buffer;
  readonly after: Buffer;
}

/** @param first where in the head its headers begin, one of which is the length */
function remember(head: Buffer, headers: string, first: number): KnownHead | undefined {
  const found = /^content-length:[ \t]*(\d+)/im.exec(headers);
  if (!found) return undefined;
  const [line, digits = ""] = found;
  const end = first + found.index + line.length;
  return { before: head.subarray(0, end - digits.length), after: head.subarray(end) };
}

/** @default undefined for a head that differs in more than its length, or is not there as a whole */
function readKnown({ before, after }: KnownHead, bytes: Buffer, start: number): RequestHead | undefined {
  const first = start + before.length;
  if (first > bytes.length || before.compare(bytes, start, first) !== 0) return undefined;
  let at = first;
  let bodyLength = 0;
  for (let byte = bytes[at] ?? 0; byte >= 0x30 && byte <= 0x39; byte = bytes[++at] ?? 0)
    bodyLength = bodyLength * 10 + byte - 0x30;
  const end = at + after.length;
  if (at === first || at - first > mostDigits || end > bytes.length) return undefined;
  return after.compare(bytes, at, end) === 0 ? { length: end - start, bodyLength } : undefined;
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
