/**
 * Validators: what a server says of a file by which it can be asked later whether it is still the same. Pure.
 * @module
 */
import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import { type Digest, digestBytes, digestPattern } from "../../../plan/digest.ts";

const validatorsSchema = z.strictObject({
  /** The digest of the address that gave the file, where others lead to it: an etag tells apart only what one address gives. */
  address: z.string().regex(digestPattern),
  /** A strong one, with its quotes. @default the server said none */
  etag: z.string().optional(),
  /** As the server wrote it. @default the server said none that tells */
  modified: z.string().optional(),
  /** Of the file, in bytes. */
  size: z.int(),
});

export type Validators = z.output<typeof validatorsSchema>;

/** A file that changed less than this before it was sent may change again in the same second; in milliseconds. */
const settling = 60_000;

/**
 * What of an answer tells bytes apart: an etag unless it is weak, which says only that the meaning is the same; and the time of the last
 * change once that is over. Where a request says who asks, the time alone tells nothing: another who asks may be given something else.
 * @returns nothing when the file must be read each time
 */
export function readValidators(
  headers: IncomingHttpHeaders,
  { address, size, hasHeaders }: Pick<Validators, "address" | "size"> & { readonly hasHeaders: boolean },
): Validators | undefined {
  const etag = /^"[^"]*"$/.test(headers.etag ?? "") ? headers.etag : undefined;
  const { "last-modified": modified = "", date = "" } = headers;
  const isOver = Date.parse(date) - Date.parse(modified) >= settling;
  if (etag !== undefined) return { address, etag, size };
  return isOver && !hasHeaders ? { address, modified, size } : undefined;
}

/** What stands for an address, which may hold a credential for a while. */
export function identifyAddress({ href }: URL): Digest {
  return digestBytes(href);
}

/**
 * The headers that ask for a file unless it is still the same. Not by the time of its last change: a server then leaves out all
 * that is not newer, and a file that was put back to an older one would never be seen.
 */
export function askUnless({ etag }: Pick<Validators, "etag">): Record<string, string> {
  return etag === undefined ? {} : { "if-none-match": etag };
}

/** Whether an answer with the file says that it is the one that is remembered. Some servers give it again under the same etag. */
export function isRemembered(
  { address, etag, modified, size }: Validators,
  given: { readonly address: Digest; readonly headers: IncomingHttpHeaders },
): boolean {
  if (given.address !== address) return false;
  if (etag !== undefined) return given.headers.etag === etag;
  const { "last-modified": time, "content-length": length = String(size) } = given.headers;
  return time === modified && Number(length) === size;
}

/** As a line of text, for the memory of fingerprints. */
export function writeStamp(validators: Validators): string {
  return JSON.stringify(validators);
}

/** The validators of such a line; nothing when it is another's. */
export function readStamp(stamp: string): Validators | undefined {
  try {
    return validatorsSchema.parse(JSON.parse(stamp));
  } catch {
    return undefined;
  }
}

/** How long a server asks to wait, in milliseconds: `Retry-After` in seconds or as a time. @returns nothing when it does not */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const until = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(until) ? undefined : Math.max(0, until);
}
