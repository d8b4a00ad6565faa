/**
 * Progress: how far a long piece of work has come, for whoever watches it.
 * @module
 */

/** One report; the last one of a phase has `done` equal to `total` where a total is known. */
export interface Progress {
  /** What is being done, as a participle: `checking`, `storing`. */
  readonly phase: string;
  /** In `unit`. */
  readonly done: number;
  /** In `unit`. @default not known beforehand */
  readonly total?: number;
  readonly unit: "rows" | "bytes" | "percent";
  /** The files that the work is done with, of all it is about. @default it is not counted in files */
  readonly files?: Share;
  /** The bytes that the work has gone through, of all it is about. @default they are not counted, or `unit` says them */
  readonly bytes?: Share;
}

interface Share {
  readonly done: number;
  readonly total: number;
}

/** Called often, from the middle of the work: it should return at once and must not throw. */
export type OnProgress = (progress: Progress) => void;
