/**
 * The kills of a campaign: which process is ended, and when; drawn before anything runs.
 * @module
 */
import type { Draw } from "../promise/draw.ts";

/** `sampler`: the process with Optuna. `engine`: the Temporal server. */
export type Victim = "worker" | "sampler" | "engine";

export interface Kill {
  readonly victim: Victim;
  /** It comes once so many trials are recorded. */
  readonly after: number;
  /** Whether it then waits for the next program of a trainer to begin. */
  readonly running: boolean;
  /** And so many milliseconds later. */
  readonly delay: number;
  /** Whether all is up again before the next one. */
  readonly patient: boolean;
}

/** How long a trial of these campaigns takes at least, and a program of its trainer, in milliseconds: a kill may come at any moment. */
const trialMilliseconds = 1_000;
const programMilliseconds = 700;

/**
 * Draws a kill for each victim, in the order in which they come, spread over the study.
 *
 * @param trials how many a study has; the last three are left to end it
 */
export function drawKills(draw: Draw, victims: readonly Victim[], trials: number): readonly Kill[] {
  const left = [...victims];
  const shuffled = victims.map(() => left.splice(draw.below(left.length), 1)[0] ?? "worker");
  return shuffled
    .map((victim, place) => {
      // What a trainer has begun and not ended is what a worker may lose.
      const running = victim === "worker" && draw.below(4) > 0;
      return {
        victim,
        after: Math.min(trials - 3, Math.floor((place * (trials - 3)) / victims.length) + draw.below(2)),
        running,
        delay: draw.below(running ? programMilliseconds : trialMilliseconds),
        patient: draw.below(3) > 0,
      };
    })
    .toSorted((a, b) => a.after - b.after);
}
