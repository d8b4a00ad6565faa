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
}

/** Called often, from the middle of the work: it should return at once and must not throw. */
export type OnProgress = (progress: Progress) => void;
