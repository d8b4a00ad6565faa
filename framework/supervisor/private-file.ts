/**
 * Small files that are either old or new, never half written, and that only their owner reads.
 * @module
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { StewardError } from "../definitions/problem.ts";

/** Writes a JSON file, mode 0600, durably and atomically. One writer at a time: the stack's lock sees to that. */
export function writePrivateJson(path: string, value: unknown): void {
  writeWhole(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

/** Writes a text durably and atomically; a disk that fills up leaves the old one. @param mode of a new file @default 0600 */
export function writeWhole(path: string, text: string, mode = 0o600): void {
  const draft = draftOf(path);
  const file = openSync(draft, "w", mode);
  try {
    // Unlike one write, which a disk that fills up may cut short, this writes all or throws.
    writeFileSync(file, text);
    fsyncSync(file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

/**
 * Reads a JSON file; nothing when there is none.
 *
 * @param fix of a damaged file
 * @throws StewardError `file-damaged` when it holds something else
 */
export function readJson(path: string, fix = "remove it, then run npx pulumi up, which makes it anew"): unknown {
  let text = "";
  try {
    text = readFileSync(path, "utf8");
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    // Without the parser's message, which quotes the text: it may be a secret.
    throw new StewardError({
      code: "file-damaged",
      at: "",
      file: path,
      what: "A file of the stack is damaged",
      got: `${Buffer.byteLength(text)} bytes that are no JSON`,
      fix,
    });
  }
}

/** Reads a JSON file that is made anew where it is missing: one that is damaged counts as missing. */
export function findJson(path: string): unknown {
  try {
    return readJson(path);
  } catch (error) {
    if (error instanceof StewardError) return undefined;
    throw error;
  }
}

/** Where the file is while it is being written; a killed writer leaves it there. */
export function draftOf(path: string): string {
  return `${path}.new`;
}
