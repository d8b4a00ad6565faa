/**
 * What the score flow gives.
 * @module
 */
import type { ScoreResult } from "../../framework/scoring/scoring.ts";

/** A version of scored rows with its number in its dataset's log. */
export interface LoggedScore extends ScoreResult {
  readonly number: number;
}
