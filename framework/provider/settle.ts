/**
 * Waiting for an entity: it has accepted a generation, and its status is asked until that generation came to an end. The
 * work itself is durable and does not notice who waits.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { EntityStatus } from "../engine/entity-status.ts";
import type { Reporter } from "./progress.ts";

export interface SettleOptions {
  /** Asks for the status. */
  status(): Promise<EntityStatus | undefined>;
  /** Asks how far the step at work is. @returns nothing where it does not say */
  progress(status: EntityStatus): Promise<string | undefined>;
  /** Whether a status is what is waited for. */
  isSettled(status: EntityStatus): boolean;
  readonly reporter: Reporter;
  readonly cancelled: AbortSignal;
  /** Time between two questions in milliseconds. @default 500 */
  readonly every?: number;
}

/**
 * Waits until an entity has settled, showing each new line of progress.
 *
 * @returns the settled status, or the last one seen when the wait was cancelled
 */
export async function settle({
  status,
  progress,
  isSettled,
  reporter,
  cancelled,
  every = 500,
}: SettleOptions): Promise<EntityStatus | undefined> {
  for (;;) {
    const now = await status();
    if (now) reporter.progress(describeWork(now.summary, await progress(now)));
    if (cancelled.aborted || (now && isSettled(now))) return now;
    // An abort ends the pause early; the next round sees it.
    await sleep(every, undefined, { signal: cancelled }).catch(() => undefined);
  }
}

/** `"training: step 120 of 200, auc 0.712"`. */
function describeWork(summary: string, line: string | undefined): string {
  return line === undefined ? summary : `${summary}: ${line}`;
}
