/**
 * Paths of artifacts: how a file is called below the root of all artifacts. They are names in a table and keys of nothing else, so
 * that no path can lead anywhere; what would be misread by whoever downloads it is refused all the same. Pure.
 * @module
 */
import { invalid } from "../tracking-failure.ts";

/** How long a path may be, in bytes: an index holds it. */
const longestPath = 1_000;
/** How long one segment may be, in bytes: as long as the name of a file. */
const longestSegment = 255;
/** What decoding is tried this often on a path that arrived decoded once, to see what somebody less careful would make of it. */
const decodings = 8;
/** Control characters, other separators than a slash, and what begins the query or the fragment of a URL. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const forbidden = /[\u0000-\u001f\u007f\\#?]/;
/** A scheme, or a drive. */
const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/**
 * Reads a path that was percent-decoded once.
 * @returns it without a slash at its end
 * @throws TrackingFailure `INVALID_PARAMETER_VALUE` for one that is empty, absolute, too long, or is another path after one more decoding
 * or to another system
 */
export function readArtifactPath(path: string): string {
  const bare = path.replace(/\/$/, "");
  if (isSafe(bare) && staysSafe(bare)) return bare;
  throw invalid("Invalid path");
}

/** Like `readArtifactPath`, and takes an empty one for the root of all. */
export function readFolderPath(path: string | undefined): string {
  return path === undefined || path === "" ? "" : readArtifactPath(path);
}

/** Puts parts of a path together; empty ones are left out. */
export function joinPath(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("/");
}

/** The folders that a path lies in, the outermost first. */
export function foldersOf(path: string): string[] {
  const segments = path.split("/");
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join("/"));
}

function isSafe(path: string): boolean {
  if (path === "" || Buffer.byteLength(path) > longestPath || !path.isWellFormed()) return false;
  if (forbidden.test(path) || scheme.test(path)) return false;
  return path
    .split("/")
    .every((segment) => !["", ".", ".."].includes(segment) && Buffer.byteLength(segment) <= longestSegment);
}

/** Only what is still encoded can change, and a name that is no encoding may hold a percent sign. */
function staysSafe(path: string): boolean {
  let now = path;
  for (let round = 0; round < decodings; round++) {
    const next = now.replace(/(?:%[0-9A-Fa-f]{2})+/g, decodeLoosely);
    if (next === now) return true;
    if (!isSafe(next) || next.split("/").length !== path.split("/").length) return false;
    now = next;
  }
  return false;
}

function decodeLoosely(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return Buffer.from(encoded.replaceAll("%", ""), "hex").toString("latin1");
  }
}
