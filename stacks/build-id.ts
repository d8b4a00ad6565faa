/**
 * What tells one worker's build from another: its code, and what the stack supplies to it. Pure.
 * @module
 */
import { createHmac } from "node:crypto";
import { toCanonicalJson } from "../framework/plan/canonical.ts";

/**
 * A build works its runs off and ends once another is the current one, so a worker that is told other addresses or other secrets is
 * another build: beside one of the same build the older one would go on for ever with what it was told.
 *
 * @param code the digest of the workflows' and activities' code
 * @param supplied what the stack supplies; without anything the digest of the code stands alone
 * @param key a secret of the stack: an id is for all to see, and nobody is to guess a password by it
 */
export function identifyBuild(code: string, supplied: Readonly<Record<string, unknown>>, key: string): string {
  const given = Object.entries(supplied).filter(([, value]) => value !== undefined);
  if (given.length === 0) return code;
  return createHmac("sha256", key)
    .update(toCanonicalJson({ code, ...Object.fromEntries(given) }))
    .digest("hex")
    .slice(0, 16);
}
