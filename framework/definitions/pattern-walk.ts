/**
 * Walking along a path beside a pattern: which of its names the pattern takes, one after another. Pure.
 * @module
 */
import type { NamePattern } from "./source-pattern.ts";

/** How far a path has come along an alternative of a pattern. */
export interface Place {
  readonly names: readonly NamePattern[];
  readonly at: number;
}

/** What a name leads to. */
export interface Step {
  /** Where the path may go on, if the name is a folder's. */
  readonly onward: readonly Place[];
  /** Whether the pattern takes the path, if the name is a file's. */
  readonly isTaken: boolean;
}

/** Where a path begins. */
export function beginWalk(alternatives: readonly (readonly NamePattern[])[]): readonly Place[] {
  return alternatives.map((names) => ({ names, at: 0 }));
}

/** Goes on by one name from places that are one folder's. @returns nothing when no alternative takes the name */
export function takeName(places: readonly Place[], name: string): Step | undefined {
  const next = places.flatMap(skipFolders).flatMap((place) => step(place, name));
  if (next.length === 0) return undefined;
  return {
    onward: next.filter(({ names, at }) => at < names.length),
    isTaken: next.some((place) => place.at === place.names.length || isAnyFile(place)),
  };
}

/** A place, and those after the `**` that it stands at, which may be no folder at all. */
function skipFolders(place: Place): Place[] {
  const { names, at } = place;
  return names[at] === "**" && at + 1 < names.length ? [place, ...skipFolders({ names, at: at + 1 })] : [place];
}

/** The places that a name leads to. */
function step({ names, at }: Place, name: string): Place[] {
  const pattern = names[at];
  if (pattern === undefined) return [];
  if (pattern === "**") return name.startsWith(".") ? [] : [{ names, at }];
  return pattern.test(name) ? [{ names, at: at + 1 }] : [];
}

function isAnyFile({ names, at }: Place): boolean {
  return names[at] === "**" && at + 1 === names.length;
}
