/**
 * What a server counts of one variant: answers, failures, how long answers took, and how its unseen answers compare.
 * @module
 */
import { Refusal } from "../../http/refusal.ts";
import { NoFiniteAnswer } from "../live-model.ts";
import type { VariantEvidence } from "./evidence.ts";

/** The upper bounds of times, in milliseconds. */
const bounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000];

/** Rows that were answered unseen. */
export interface ComparedRows {
  rows: number;
  disagreed: number;
  failed: number;
  skipped: number;
}

/** Counts from 0 since the variant was loaded; they outlive a change of its weight. */
export class VariantCounts {
  answered = 0;
  failed = 0;
  /** Processes that ended while it was asked, where this one came after them and no group has counted that. */
  ended = 0;
  /** Whether it is asked unseen no more, since processes of the server ended over it. */
  isGivenUp = false;
  readonly compared: ComparedRows = { rows: 0, disagreed: 0, failed: 0, skipped: 0 };
  /** How many came into each bucket and in none before it; the last is beyond all bounds. */
  readonly #times = new Float64Array(bounds.length + 1);

  /** Counts an answer. @param milliseconds from the request's arrival */
  addAnswer(milliseconds: number): void {
    this.answered++;
    let bucket = 0;
    while (bucket < bounds.length && milliseconds > (bounds[bucket] as number)) bucket++;
    this.#times[bucket] = (this.#times[bucket] as number) + 1;
  }

  /**
   * Counts a request that there was no answer for, where the variant is to blame: not for what its caller did wrong, nor for a 503, which
   * says of the server as a whole that it has too much to do, cannot write its log or looks up nothing now.
   * @param isHurried whether its caller gave the answer so little time that a late one is its own doing
   */
  addFailure(error: unknown, isHurried = false): void {
    if (isOwnFault(error, isHurried)) this.failed++;
  }

  /** How many answers took at most as long as each bound, and how many there are. */
  readLatency(): VariantEvidence["latency"] {
    let count = 0;
    return { bounds, counts: Array.from(this.#times, (own) => (count += own)) };
  }
}

function isOwnFault(error: unknown, isHurried: boolean): boolean {
  if (!(error instanceof Refusal) || error instanceof NoFiniteAnswer) return true;
  return error.status === 504 && !isHurried;
}
