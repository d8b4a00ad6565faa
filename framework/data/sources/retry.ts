/**
 * Trying again what may succeed a moment later.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Problem, StewardError } from "../../definitions/problem.ts";

/** A failure that may pass: what is said of it when it does not. */
export class PassingFailure extends Error {
  readonly problem: Problem;
  /** How long the server asks to wait, in milliseconds. @default it does not */
  readonly wait: number | undefined;

  constructor(problem: Problem, wait?: number) {
    super(problem.what);
    this.problem = problem;
    this.wait = wait;
  }
}

export interface RetryOptions {
  /** Waits before the next tries, in milliseconds, each drawn from half to whole: so many tries there are, and one. */
  readonly pauses: readonly number[];
  /** Ends the waiting; what is thrown is its reason. @default nothing does */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does a piece of work anew while it fails passingly.
 * @param work is given a signal of its own: on one, not everything may listen that goes on at once
 * @throws StewardError what the last failure says
 */
export async function retry<T>(
  work: (signal: AbortSignal | undefined) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { pauses } = options;
  const signal = options.signal && AbortSignal.any([options.signal]);
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work(signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof PassingFailure)) throw error;
      const pause = pauses[attempt];
      if (pause === undefined) throw new StewardError(error.problem);
      await wait(Math.max(pause * (0.5 + Math.random() / 2), error.wait ?? 0), signal);
    }
  }
}

async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, signal ? { signal } : {}).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}
