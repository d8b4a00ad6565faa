/**
 * What is said of a server that does not give the file of a source: why, and what to do. Of its answer only the status is shown: it may
 * repeat what it was sent. Pure.
 * @module
 */
import { STATUS_CODES } from "node:http";
import type { Problem } from "../../../definitions/problem.ts";

/** The source, for problems. */
export interface SourcePlace {
  readonly at: string;
  /** What people are told of the source. */
  readonly file: string;
}

/** Statuses after which the same request may be answered. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether a server that answers so may give the file a moment later. */
export function isPassingStatus(status: number): boolean {
  return passing.has(status);
}

/** Explains an answer that is not the file. @param hasHeaders whether the source says what is sent with requests */
export function explainStatus(status: number, place: SourcePlace, hasHeaders: boolean): Problem {
  const got = [status, STATUS_CODES[status]].filter(Boolean).join(" ");
  if (status === 404 || status === 410) {
    return {
      code: "source-missing",
      ...place,
      what: "The server has no such file",
      got,
      fix: "correct the address of the source",
    };
  }
  if (status === 401 || status === 403 || status === 407) {
    const fix = hasHeaders
      ? 'check the inputs that "headers" name, and what they may read'
      : 'say with "headers" who asks: authorization: input("…")';
    return { code: "source-refused", ...place, what: "The server does not give the file to who asks", got, fix };
  }
  if (status >= 500 || passing.has(status)) {
    return {
      code: "source-unreachable",
      ...place,
      what: "The server of the source fails again and again",
      got,
      fix: "try again later, and see how the server does",
    };
  }
  return {
    code: "source-refused",
    ...place,
    what: "The server answers with something that is not the file",
    got,
    fix: "check the address of the source: it is one that a GET gives the file of",
  };
}

/** What is said of a server that was not reached, or broke off. @param code the operating system's */
export function describeSilence(code: string, place: SourcePlace): Problem {
  return {
    code: "source-unreachable",
    ...place,
    what: "The server of the source does not answer, or breaks off its answer",
    got: code,
    fix: "check the address of the source, and that the worker reaches its server",
  };
}

/** What is said of an answer that leads to where it is not followed. */
export function describeRedirect(why: string, place: SourcePlace): Problem {
  return {
    code: "source-refused",
    ...place,
    what: "The server leads elsewhere, where it is not followed",
    got: why,
    fix: "write the address to which it leads in the end",
  };
}

/** What a server may say without repeating what it was sent. */
const encodings = new Set(["br", "compress", "deflate", "zstd"]);

/** What is said of an answer in a form that nobody asked for. */
export function describeEncoding(encoding: string, place: SourcePlace): Problem {
  return {
    code: "source-unreadable",
    ...place,
    what: "The server compresses the file, though it was asked not to",
    got: encodings.has(encoding.toLowerCase()) ? encoding : "something else",
    expected: "no content-encoding, or gzip",
    fix: "let it give the file as it is stored",
  };
}

/** A header that cannot be sent; its value is not shown. */
export function describeHeader(place: SourcePlace): Problem {
  return {
    code: "source-refused",
    ...place,
    what: 'A value of "headers" has characters that no header can have, such as the end of a line',
    fix: "set the inputs that the headers name anew, without them",
  };
}

/** What is said of bytes that are not those that were declared, or listed. */
export function describeOtherBytes(
  { got, expected, isDeclared }: { readonly got: string; readonly expected: string; readonly isDeclared: boolean },
  place: SourcePlace,
): Problem {
  return {
    code: "source-changed",
    ...place,
    what: isDeclared
      ? 'The server gives other bytes than "sha256" of the source says'
      : "The server gives other bytes than when it was looked at",
    got,
    expected,
    fix: isDeclared
      ? 'find out why; if they are right, correct "sha256"'
      : "ingest again: what is there then becomes the version",
  };
}

/** What is said of an answer that does not end. @param most bytes, in words */
export function describeEndless(most: string, place: SourcePlace): Problem {
  return {
    code: "source-unreadable",
    ...place,
    what: `The server sends more than the ${most} that may be written to disk for a file whose size it does not say`,
    fix: "let it say the size of the file, split the file, or free some room",
  };
}
