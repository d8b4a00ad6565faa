/**
 * Writes what runs log, many requests in one commit: what comes while a commit is under way goes into the next one, and each
 * request is answered when what it brought is durable.
 * @module
 */
import { persist, type Sql } from "../database.ts";
import type { TrackingFailure } from "../tracking-failure.ts";
import type { RunEntry } from "./run-entry.ts";
import { writeEntries } from "./write-entries.ts";

interface Waiting {
  readonly entry: RunEntry;
  resolve(): void;
  reject(error: unknown): void;
}

/** How many commits are under way at once: while one waits for the disk, another is made ready. */
export const commitsAtOnce = 2;
/** How many values one commit has at most, unless one request alone has more. */
const mostValues = 10_000;

export interface RunWriterOptions {
  readonly sql: Sql;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** Told when something was written that may be due to be sealed. @default nobody is told */
  readonly onDue?: (() => void) | undefined;
}

/** Writes metrics, parameters and tags of runs. */
export class RunWriter {
  readonly #options: RunWriterOptions;
  #waiting: Waiting[] = [];
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: RunWriterOptions) {
    this.#options = options;
  }

  /**
   * Writes an entry; it is durable when the promise is resolved. Written twice, it is there once.
   * @throws TrackingFailure 404 for a run that is not there, 400 for one that is deleted, and for a parameter that has another value
   */
  log(entry: RunEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      // After what else has come in this turn.
      if (this.#waiting.length === 1) setImmediate(() => this.#begin());
    });
  }

  #begin(): void {
    while (this.#underWay.size < commitsAtOnce && this.#waiting.length > 0) {
      const commit = this.#commit(this.#take()).finally(() => {
        this.#underWay.delete(commit);
        this.#begin();
      });
      this.#underWay.add(commit);
    }
  }

  /** Waits for the commits that are under way now. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #take(): readonly Waiting[] {
    let values = 0;
    let count = 0;
    for (const { entry } of this.#waiting) {
      values += entry.metrics.length + entry.params.length + entry.tags.length;
      if (count > 0 && values > mostValues) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(some: readonly Waiting[]): Promise<void> {
    const { sql, now, onDue } = this.#options;
    try {
      const entries = some.map(({ entry }) => entry);
      const { failures, due } = await persist(() => writeEntries(sql, entries, now()));
      for (const [index, { resolve, reject }] of some.entries()) settle(failures.get(index), { resolve, reject });
      if (due) onDue?.();
    } catch (error) {
      // What one of them brought is no fault of the others.
      if (some.length > 1) for (const one of some) await this.#commit([one]);
      else for (const { reject } of some) reject(error);
    }
  }
}

function settle(failure: TrackingFailure | undefined, { resolve, reject }: Pick<Waiting, "resolve" | "reject">): void {
  if (failure) reject(failure);
  else resolve();
}
