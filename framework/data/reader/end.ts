/**
 * Why a reader ended before it had read its file, as a problem of the file. Pure.
 * @module
 */
import type { Problem } from "../../definitions/problem.ts";
import { formatBytes } from "../../toolchain/system-failure.ts";

export interface ReaderEnd {
  /** `stalled`: no progress for too long. `written`: too much on disk. `garbled`: it said what no reader says. */
  readonly reason: "memory" | "stalled" | "written" | "garbled" | "crash";
  /** For people: `exit code 1`, `signal SIGSEGV`. */
  readonly how: string;
  /** What it printed last; a sound reader prints nothing. */
  readonly printed: string;
  readonly memoryBytes: number;
  readonly stallSeconds: number;
  readonly diskBytes: number;
}

/** What a library says when it gets no more memory, before its process ends. */
const memoryInWords = /JavaScript heap out of memory|bad_alloc|cannot allocate memory/i;

export function explainReaderEnd(end: ReaderEnd, place: { readonly at: string; readonly file: string }): Problem {
  const problem = { code: "source-unreadable", ...place } as const;
  const reason = end.reason === "crash" && memoryInWords.test(end.printed) ? "memory" : end.reason;
  switch (reason) {
    case "memory":
      return {
        ...problem,
        what: `Reading the source takes more than the ${formatBytes(end.memoryBytes)} of memory that a reader may have`,
        fix: "split the file, or write it with smaller rows or row groups",
      };
    case "stalled":
      return {
        ...problem,
        what: `Reading the source made no progress for ${end.stallSeconds} s`,
        fix: "write the file anew; where its disk is on a network, see that it answers",
      };
    case "written":
      return {
        ...problem,
        what: `Reading the source writes more than the ${formatBytes(end.diskBytes)} to disk that a reader may write`,
        fix: "split the file, or free some room; a small file that becomes that much may be meant to do harm",
      };
    case "garbled":
    case "crash":
      return {
        ...problem,
        what: "Reading the source ended the reader's process, as a damaged file can",
        got: [end.how, end.printed.trim().slice(-300)].filter(Boolean).join(": "),
        fix: "write the file anew",
      };
  }
}
