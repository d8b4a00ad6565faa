/**
 * Small files that only their owner reads and that are either old or new, never half written.
 * @module
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/** Writes a JSON file, mode 0600, durably and atomically. One writer at a time: the stack's lock sees to that. */
export function writePrivateJson(path: string, value: unknown): void {
  const draft = draftOf(path);
  const file = openSync(draft, "w", 0o600);
  try {
    // Unlike one write, which a disk that fills up may cut short, this writes all or throws.
    writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

/** Reads a JSON file; nothing when there is none. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Where the file is while it is being written; a killed writer leaves it there. */
export function draftOf(path: string): string {
  return `${path}.new`;
}
