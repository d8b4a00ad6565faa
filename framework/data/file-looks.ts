/**
 * Looks at many files: at each at once, where the file system answers at once, as to wait for another thread's look takes
 * five times as long; else by other threads, so that nobody waits for a disk on a network.
 * @module
 */
import { type BigIntStats, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { setImmediate as turn } from "node:timers/promises";

/** After so many looks everybody else has a turn. */
const inTurn = 64;
/** Looks that take longer on average are slow, in milliseconds: then all that follow are left to other threads. */
const slow = 0.2;
/** The first look is another thread's: where it takes longer, so are all. */
const slowFirst = 20;

export class FileLooks {
  #looks = 0;
  #isSlow = false;
  #spent = 0;

  /** What the system knows of a file. @throws what `stat` throws */
  async look(path: string): Promise<BigIntStats> {
    const isFirst = this.#looks === 0;
    if (this.#looks++ % inTurn === 0) {
      this.#isSlow ||= this.#spent > slow * inTurn;
      this.#spent = 0;
      await turn();
    }
    if (!isFirst && !this.#isSlow) return this.#lookAtOnce(path);
    const start = performance.now();
    try {
      return await stat(path, { bigint: true });
    } finally {
      this.#isSlow ||= performance.now() - start > slowFirst;
    }
  }

  #lookAtOnce(path: string): BigIntStats {
    const start = performance.now();
    try {
      return statSync(path, { bigint: true });
    } finally {
      this.#spent += performance.now() - start;
    }
  }
}
