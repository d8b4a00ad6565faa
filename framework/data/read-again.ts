/**
 * Reading again: what a base is worth to an ingest that is to read a range of events whether it looks changed or not. Pure.
 * @module
 */
import type { BaseVersion } from "./base-version.ts";
import type { VersionFile } from "./dataset-version.ts";
import type { ReadAgain } from "./sources/list-files.ts";

/** A base without its files that have events in a range, or have no events at all. */
export function forgetRange(base: BaseVersion, again: ReadAgain): BaseVersion {
  return {
    ...base,
    findFile: (identity, name) => {
      const file = base.findFile(identity, name);
      return file && hasEventsIn(file, again) ? undefined : file;
    },
  };
}

/** Whether a file may have rows in a range: from its first value on, up to and without its second. */
function hasEventsIn({ from, to }: Pick<VersionFile, "from" | "to">, again: ReadAgain): boolean {
  // All of its rows may have been set apart.
  if (from === "" || to === "") return true;
  return (
    !(again.from !== undefined && isBefore(to, again.from)) && !(again.to !== undefined && !isBefore(from, again.to))
  );
}

/** Whether a time is before another; of what is none, nothing is known, and it is not. */
function isBefore(a: string, b: string): boolean {
  return Date.parse(a) < Date.parse(b);
}
