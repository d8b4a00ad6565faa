/**
 * The heads of requests on the fast path: a strict subset of HTTP/1.1 (RFC 9112). Whatever else there may be in one is for a
 * whole parser to read. Pure.
 * @module
 */

import { longestId } from "../limits.ts";
import { isOriginHeader, type Origin, type OriginHeader, readOrigin } from "../trace/origin.ts";
import { unitHeader } from "../variants/addressed.ts";

/** What a head says. */
export interface RequestHead {
  /** How many bytes the head has, with the empty line. */
  readonly length: number;
  /** Of the body, in bytes. */
  readonly bodyLength: number;
  /** What assignment to a variant goes by: the header `steward-unit`. @default there is none */
  readonly unit: string | undefined;
  /** The request's id, and the trace that it is part of. @default it says neither */
  readonly origin: Origin | undefined;
}

/** `incomplete`: more bytes will tell. `other`: it is not for the fast path. */
export type HeadReading = RequestHead | "incomplete" | "other";

/** The longest head that is read here. */
const longestHead = 8192;
/** More headers than anybody means are for a whole parser to refuse. */
const mostHeaders = 100;
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
  "steward-caller",
  "steward-timeout",
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
    const read = readHeaders(headers);
    if (read === undefined) return "other";
    const head = { length, ...read };
    this.#last = remember(Buffer.from(bytes.subarray(start, start + length)), {
      headers,
      first: this.#line.length,
      unit: head.unit,
      origin: head.origin,
    });
    return head;
  }
}

/** A head that was read, but for the length that it says. */
interface KnownHead {
  readonly before: Buffer;
  readonly after: Buffer;
  readonly unit: string | undefined;
  readonly origin: Origin | undefined;
}

interface ReadHead extends Pick<RequestHead, "unit" | "origin"> {
  /** All lines but the first. */
  readonly headers: string;
  /** Where in the head they begin. */
  readonly first: number;
}

function remember(head: Buffer, { headers, first, unit, origin }: ReadHead): KnownHead | undefined {
  const found = /^content-length:[ \t]*(\d+)/im.exec(headers);
  if (!found) return undefined;
  const [line, digits = ""] = found;
  const end = first + found.index + line.length;
  return { before: head.subarray(0, end - digits.length), after: head.subarray(end), unit, origin };
}

/** @default undefined for a head that differs in more than its length, or is not there as a whole */
function readKnown({ before, after, unit, origin }: KnownHead, bytes: Buffer, start: number): RequestHead | undefined {
  const first = start + before.length;
  if (first > bytes.length || before.compare(bytes, start, first) !== 0) return undefined;
  let at = first;
  let bodyLength = 0;
  for (let byte = bytes[at] ?? 0; byte >= 0x30 && byte <= 0x39; byte = bytes[++at] ?? 0)
    bodyLength = bodyLength * 10 + byte - 0x30;
  const end = at + after.length;
  if (at === first || at - first > mostDigits || end > bytes.length) return undefined;
  return after.compare(bytes, at, end) === 0 ? { length: end - start, bodyLength, unit, origin } : undefined;
}

/** @param headers the lines of a head but the first. @default undefined where one of them is not for the fast path */
function readHeaders(headers: string): Omit<RequestHead, "length"> | undefined {
  let bodyLength: number | undefined;
  let unit: string | undefined;
  let told: Partial<Record<OriginHeader, string>> | undefined;
  let hosts = 0;
  const lines = headers.split("\r\n");
  if (lines.length > mostHeaders) return undefined;
  for (const line of lines) {
    const [, name, value = ""] = headerLine.exec(line) ?? [];
    if (name === undefined) return undefined;
    const key = name.toLowerCase();
    if (key === "host") hosts++;
    if (key === "content-length") {
      if (bodyLength !== undefined || !/^\d{1,8}$/.test(value)) return undefined;
      bodyLength = Number(value);
    } else if (key === unitHeader) {
      if (unit !== undefined || value.length > longestId) return undefined;
      unit = value;
    } else if (isOriginHeader(key)) {
      told ??= {};
      // What is sent several times is one text, as Node has it.
      told[key] = told[key] === undefined ? value : `${told[key]}, ${value}`;
    } else if (others.has(key) && !harmless[key]?.test(value)) return undefined;
  }
  if (hosts !== 1 || bodyLength === undefined) return undefined;
  // An empty one is none.
  return { bodyLength, unit: unit === "" ? undefined : unit, origin: told && readOrigin(told) };
}
