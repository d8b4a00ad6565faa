/**
 * The logs of supervised programs: appended to by the programs themselves, kept small and read by the supervisor.
 *
 * A program writes to a file descriptor of its own, not to a pipe of the supervisor: it must be able to go on printing
 * when the supervisor is killed. The descriptor cannot be exchanged in a running program, so a full log is copied away
 * and then emptied, instead of renamed. The descriptor is opened to append: the next line goes to the new end of the
 * file, not behind a hole. What is printed between the copy and the emptying, some milliseconds in 10 MiB, is lost.
 * @module
 */
import {
  closeSync,
  constants,
  copyFileSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";

/** When a log is full, in bytes. */
const fullBytes = 10 * 2 ** 20;
/** How many full logs are kept beside the current one: `.1` is the newest. */
const keptLogs = 3;
/** How far back the tail of a log is looked for, in bytes. */
const tailBytes = 256 * 1024;

/** Opens a log for a program to write to; the caller closes it. */
export function openLog(path: string): number {
  return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600);
}

/** The size of a log in bytes, 0 when there is none. */
export function measureLog(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Copies a full log away and empties it. */
export function rotateLog(path: string, full = fullBytes): void {
  if (measureLog(path) < full) return;
  for (let age = keptLogs - 1; age >= 1; age--) moveIfThere(`${path}.${age}`, `${path}.${age + 1}`);
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}

/** Gives a log with its older parts another name. A program that writes to it goes on writing to it. */
export function renameLog(path: string, next: string): void {
  for (const suffix of suffixes()) moveIfThere(path + suffix, next + suffix);
}

/** Removes a log with its older parts. */
export function removeLog(path: string): void {
  for (const suffix of suffixes()) rmSync(path + suffix, { force: true });
}

/**
 * The last whole lines of a log.
 *
 * @param from where in the log to begin, in bytes; ignored when the log has been rotated since. @default 0
 */
export function readLastLines(path: string, lines: number, from = 0): string[] {
  const size = measureLog(path);
  const first = from > size ? 0 : from;
  const start = Math.max(first, size - tailBytes);
  const bytes = Buffer.alloc(Math.max(0, size - start));
  if (bytes.length === 0) return [];
  const file = openSync(path, "r");
  try {
    readSync(file, bytes, 0, bytes.length, start);
  } finally {
    closeSync(file);
  }
  const all = bytes.toString("utf8").trimEnd().split("\n");
  // Half a line could hold half a secret, which nothing would recognise.
  return (start > first ? all.slice(1) : all).slice(-lines);
}

function suffixes(): string[] {
  return ["", ...Array.from({ length: keptLogs }, (_, age) => `.${age + 1}`)];
}

function moveIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false })) renameSync(from, to);
}
