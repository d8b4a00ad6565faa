/**
 * Digests: the names of immutable things.
 * @module
 */
import { hash } from "node:crypto";
import { toCanonicalJson } from "./canonical.ts";

/** A SHA-256 in lower-case hexadecimal, 64 characters. */
export type Digest = string;

export const digestPattern = /^[0-9a-f]{64}$/;

/** The digest of bytes or of a text in UTF-8. */
export function digestBytes(bytes: Uint8Array | string): Digest {
  return hash("sha256", bytes, "hex");
}

/** The digest of a JSON value: of its canonical bytes. */
export function digestOf(value: unknown): Digest {
  return digestBytes(toCanonicalJson(value));
}

/** The first 12 characters, enough for people to tell two things of one kind apart. */
export function shortDigest(digest: Digest): string {
  return digest.slice(0, 12);
}
