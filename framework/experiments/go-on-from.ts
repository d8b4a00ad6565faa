/**
 * How whoever reads an experiment's log by now goes on from a look that its endpoint kept. Pure.
 * @module
 */
import type { ExperimentLook } from "./experiment-look.ts";
import type { KnownLooks } from "./follow-experiment.ts";
import { findBegin, knowLooks } from "./take-look.ts";

export interface GoingOn {
  /** When the experiment began, in milliseconds since 1970. @default with the first answer that counts */
  readonly begun?: number;
  /** Since when answers count, in milliseconds since 1970. @default all do that come after it began */
  readonly since?: number;
  /** What was decided by then, and stays so. @default nothing */
  readonly known?: KnownLooks;
}

/**
 * Goes on from a look, as of a moment.
 *
 * @param asOf in milliseconds since 1970; before the experiment began all that the log has is read, and nothing was decided
 */
export function goOnFrom(kept: Pick<ExperimentLook, "summary" | "decision" | "at">, asOf: number): GoingOn {
  const begun = findBegin(kept);
  // Arms of the same names may have answered in an experiment before this one: until the look no unit of this one had come.
  if (begun === undefined) return { since: Date.parse(kept.at), known: knowLooks(kept) };
  return begun < asOf ? { begun, known: knowLooks(kept) } : {};
}
