/**
 * Patterns of paths: `*` any characters of a name, `?` one of them, `**` any folders or none, `{a,b}` either, `\` before a
 * character that means itself. No wildcard takes a name that begins with a dot, unless the pattern writes the dot. Pure.
 * @module
 */

/** A pattern taken apart. */
export interface SourcePattern {
  /** The folder before the first wildcard, without a slash at its end but for the root. */
  readonly folder: string;
  /** What the names of files are below it: each alternative a list of what the names along the way are held against. */
  readonly alternatives: readonly (readonly NamePattern[])[];
}

/** What one name along a path is held against; `**` is any folders or none, as the last one the files in them. */
export type NamePattern = RegExp | "**";

/** Whether a path has a wildcard at all. */
export function isPattern(path: string): boolean {
  const alternatives = expandBraces(path);
  return alternatives.length > 1 || alternatives.some((alternative) => wildcard.test(alternative));
}

/** A path as the pattern that means nothing but it. */
export function escapePattern(path: string): string {
  return path.replace(/[*?{}\\]/g, "\\$&");
}

/** Takes an absolute pattern apart. */
export function parsePattern(pattern: string): SourcePattern {
  const segments = splitOutsideBraces(pattern);
  const first = segments.findIndex((segment) => isPattern(segment));
  const fixed = segments.slice(0, first).map(unescapePattern).join("/");
  const alternatives = expandBraces(segments.slice(first).join("/")).map((alternative) =>
    alternative
      .split("/")
      .filter((segment) => segment !== "")
      .map((segment) => (segment === "**" ? ("**" as const) : compileName(segment))),
  );
  return { folder: fixed || "/", alternatives };
}

/** What every path begins with that a pattern takes: its characters before the first that stands for others. */
export function fixedPrefix(pattern: string): string {
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === "\\") at++;
    else if (character === "*" || character === "?" || (character === "{" && findBraces(pattern, at)))
      return unescapePattern(pattern.slice(0, at));
  }
  return unescapePattern(pattern);
}

/** A `*` or `?` with no backslash that takes its meaning. */
const wildcard = /^(?:[^\\*?]|\\.)*[*?]/su;

function unescapePattern(path: string): string {
  return path.replace(/\\(.)/gsu, "$1");
}

function compileName(segment: string): RegExp {
  const source = segment.replace(/\\.|./gsu, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    return (part.length > 1 && part.startsWith("\\") ? part.slice(1) : part).replace(/[\^$\\.*+?()[\]{}|/]/gu, "\\$&");
  });
  // As in a shell, a wildcard leaves hidden files alone.
  const visible = /^[*?]/.test(segment) ? "(?!\\.)" : "";
  return new RegExp(`^${visible}${source}$`, "su");
}

/** The parts of a pattern between its slashes; a slash in braces is no such slash. */
function splitOutsideBraces(pattern: string): string[] {
  const segments: string[] = [];
  let from = 0;
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === "\\") at++;
    else if (pattern[at] === "{") at = (findBraces(pattern, at)?.end ?? at + 1) - 1;
    else if (pattern[at] === "/") {
      segments.push(pattern.slice(from, at));
      from = at + 1;
    }
  }
  return [...segments, pattern.slice(from)];
}

/** Writes a pattern out as one pattern for each way through its braces, in order. */
function expandBraces(pattern: string): string[] {
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === "\\") at++;
    else if (pattern[at] === "{") {
      const braces = findBraces(pattern, at);
      if (!braces) continue;
      const rests = expandBraces(pattern.slice(braces.end));
      const start = pattern.slice(0, at);
      const heads = braces.options.flatMap((option) => expandBraces(option)).map((option) => start + option);
      return heads.flatMap((head) => rests.map((rest) => head + rest));
    }
  }
  return [pattern];
}

/** The braces that open at a place: what they offer, and where they have ended. Nothing when they offer no choice. */
function findBraces(pattern: string, start: number): { readonly options: string[]; readonly end: number } | undefined {
  const options: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === "\\") at++;
    else if (character === "{") depth++;
    else if (character === "," && depth === 1) {
      options.push(pattern.slice(from, at));
      from = at + 1;
    } else if (character === "}" && --depth === 0) {
      options.push(pattern.slice(from, at));
      return options.length > 1 ? { options, end: at + 1 } : undefined;
    }
  }
  return undefined;
}
