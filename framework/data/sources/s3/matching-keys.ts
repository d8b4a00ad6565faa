/**
 * Which keys of a bucket a pattern takes, with the meaning that it has for paths. Pure.
 * @module
 */
import { beginWalk, type Place, takeName } from "../../../definitions/pattern-walk.ts";
import { fixedPrefix, parsePattern } from "../../../definitions/source-pattern.ts";

/** A pattern of keys. */
export interface KeyPattern {
  /** What all keys begin with that it takes. */
  readonly prefix: string;
  /** The folder before its first wildcard, empty or with a slash at its end: names begin after it. */
  readonly folder: string;
  readonly places: readonly Place[];
}

/** What a key is to a pattern: a file of it, a key in a folder that it takes as if that were a file, or neither. */
export type KeyMatch = { readonly file: string } | { readonly folder: string } | undefined;

/** Takes a pattern of keys apart. */
export function parseKeyPattern(pattern: string): KeyPattern {
  // A key has no slash before it, a path has.
  const { folder, alternatives } = parsePattern(`/${pattern}`);
  return {
    prefix: fixedPrefix(pattern),
    folder: folder === "/" ? "" : `${folder.slice(1)}/`,
    places: beginWalk(alternatives),
  };
}

/** Holds a key against a pattern. One with a slash at its end stands for a folder, as consoles and gateways write them. */
export function matchKey({ folder, places: first }: KeyPattern, key: string): KeyMatch {
  if (!key.startsWith(folder) || key === folder) return undefined;
  const name = key.slice(folder.length);
  const names = name.split("/");
  let places = first;
  for (const [at, part] of names.entries()) {
    const isFile = at === names.length - 1;
    if (isFile && part === "") return undefined;
    const step = takeName(places, part);
    if (!step) return undefined;
    if (isFile) return step.isTaken ? { file: name } : undefined;
    if (step.onward.length === 0) return { folder: folder + names.slice(0, at + 1).join("/") };
    places = step.onward;
  }
  return undefined;
}
