/**
 * Opening a file that a server gives: redirects are followed, what is not the file is explained.
 * @module
 */
import type { IncomingMessage } from "node:http";
import { type Problem, StewardError } from "../../../definitions/problem.ts";
import type { Digest } from "../../../plan/digest.ts";
import { PassingFailure } from "../retry.ts";
import { failureCode, isPassingCode, isUnreachable } from "../unreachable-server.ts";
import { ask, type Patience } from "./ask.ts";
import { judgeRedirect } from "./redirect.ts";
import {
  describeEncoding,
  describeHeader,
  describeRedirect,
  describeSilence,
  explainStatus,
  isPassingStatus,
  type SourcePlace,
} from "./server-problem.ts";
import { identifyAddress, readRetryAfter } from "./validators.ts";

export interface OpenOptions {
  readonly place: SourcePlace;
  /** What the source says is sent: to the server of its address alone. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the file must not be any more, said to one address alone. @default it may be anything */
  readonly unless?: { readonly address: Digest; readonly headers: Readonly<Record<string, string>> } | undefined;
  readonly patience: Patience;
  /** Ends the request and its answer. @default nothing does */
  readonly signal?: AbortSignal | undefined;
}

/** An answer, and the address that gave it in the end. */
export interface OpenedAnswer {
  readonly answer: IncomingMessage;
  readonly address: Digest;
}

const mostRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);
/** A server that asks to wait for longer is not waited for, in milliseconds. */
const longestWait = 30_000;

/**
 * The answer with the file, status 200, or 304 where it is what it must not be. One that is compressed with gzip although nobody asked
 * is a file that is stored so. Whoever gets it reads or destroys it.
 * @throws PassingFailure when the same may work a moment later
 * @throws StewardError when the server does not give it
 */
export async function openAnswer(address: string, options: OpenOptions): Promise<OpenedAnswer> {
  const { place, headers, unless, patience, signal } = options;
  let url = new URL(address);
  let sent = headers;
  for (let followed = 0; ; followed++) {
    const address = identifyAddress(url);
    const condition = unless?.address === address ? unless.headers : {};
    const answer = await ask(url, { headers: { ...sent, ...condition }, patience, signal }).catch((error: unknown) => {
      throw explainFailure(error, place);
    });
    const { statusCode: status = 0 } = answer;
    const { location } = answer.headers;
    const encoding = answer.headers["content-encoding"] ?? "identity";
    const isPlain = /^(identity|gzip|x-gzip)$/i.test(encoding);
    const isUnchanged = status === 304 && Object.keys(condition).length > 0;
    if ((status === 200 && isPlain) || isUnchanged) return { answer, address };
    answer.destroy();
    if (status === 200) throw refuse(describeEncoding(encoding, place));
    if (!redirects.has(status) || location === undefined) throw explainAnswer(answer, options);
    if (followed === mostRedirects) throw refuse(describeRedirect(`more than ${mostRedirects} redirects`, place));
    const next = judgeRedirect(url, location);
    if ("why" in next) throw refuse(describeRedirect(next.why, place));
    // Whoever has been elsewhere once is told nothing any more, even on the way back.
    if (next.url.origin !== url.origin) sent = {};
    ({ url } = next);
  }
}

/** What a request's own failure means; an error of something else as it is. */
export function explainFailure(error: unknown, place: SourcePlace): unknown {
  const code = failureCode(error);
  if (code === "ERR_INVALID_CHAR") return refuse(describeHeader(place));
  if (isPassingCode(code)) return new PassingFailure(describeSilence(code, place));
  return isUnreachable(code) ? refuse(describeSilence(code, place)) : error;
}

function explainAnswer({ statusCode: status = 0, headers }: IncomingMessage, options: OpenOptions): Error {
  const { place } = options;
  const problem = explainStatus(status, place, Object.keys(options.headers).length > 0);
  if (!isPassingStatus(status)) return refuse(problem);
  const wait = readRetryAfter(headers["retry-after"], Date.now());
  if (wait === undefined || wait <= longestWait) return new PassingFailure(problem, wait);
  return refuse({ ...problem, got: `${problem.got}; it asks to wait for ${Math.ceil(wait / 1_000)} s` });
}

function refuse(problem: Problem): StewardError {
  return new StewardError(problem);
}
