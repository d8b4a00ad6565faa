/**
 * Keys: where things lie in a bucket, and which names may be asked for.
 * @module
 */
import { StewardError } from "../definitions/problem.ts";
import { type Digest, digestPattern } from "../plan/digest.ts";

/** Segments of letters, digits and `. _ : @ = + - ~`, none beginning with a dot; so no `..`, no empty one, no control character. */
const namePattern = /^[A-Za-z0-9_@=+~-][A-Za-z0-9._:@=+~-]*(\/[A-Za-z0-9_@=+~-][A-Za-z0-9._:@=+~-]*)*$/;

/** An S3 key has at most 1,024 bytes; this leaves room for the prefix and the folder. */
const longestName = 700;

/** The key of an object: `objects/<first two characters>/<digest>`. */
export function objectKey(prefix: string, digest: Digest): string {
  if (!digestPattern.test(digest)) throw invalidName("digest", digest, "64 lower-case hexadecimal characters");
  return `${prefix}objects/${digest.slice(0, 2)}/${digest}`;
}

/** The key of a write-once name. The ending lets `a` and `a/b` both exist on stores that keep keys as folders. */
export function nameKey(prefix: string, name: string): string {
  return `${prefix}names/${validateName("name", name)}.json`;
}

/** The key of a fenced ref. */
export function refKey(prefix: string, name: string): string {
  return `${prefix}refs/${validateName("ref", name)}.json`;
}

/** The key of an entry. */
export function entryKey(prefix: string, name: string): string {
  return `${prefix}entries/${validateName("entry", name)}`;
}

/** The key of an exported history in the locked bucket. */
export function historyKey(prefix: string, key: string): string {
  return `${prefix}histories/${validateName("history", key)}`;
}

/** A prefix as it is put before keys: empty, or a name with a slash at its end. */
export function normalizePrefix(prefix: string): string {
  const bare = prefix.replace(/\/$/, "");
  return bare === "" ? "" : `${validateName("prefix", bare)}/`;
}

function validateName(kind: string, name: string): string {
  if (name.length <= longestName && namePattern.test(name)) return name;
  throw invalidName(
    kind,
    name,
    `at most ${longestName} letters, digits and "._:@=+~-", in segments parted by "/" that do not begin with a dot`,
  );
}

function invalidName(kind: string, name: string, expected: string): StewardError {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  return new StewardError({
    code: "store-name-invalid",
    at: "",
    what: `The ${kind} of something in the store cannot be used`,
    got: JSON.stringify(shown),
    expected,
  });
}
