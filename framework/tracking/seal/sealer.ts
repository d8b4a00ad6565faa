/**
 * Seals runs that are due: those that ended, and those that were changed after that, unless they go on; and the records that are no run's own. What is due stands in the database, so that
 * a server that ends loses nothing of it.
 * @module
 */
import type { Sql } from "../database.ts";
import { keepPrint } from "../runs/read-runs.ts";
import type { RunWriter } from "../runs/run-writer.ts";
import type { TrackingStore } from "../tracking-tools.ts";
import type { IsLost } from "./lost-database.ts";
import { sealRecords } from "./seal-records.ts";
import { readForSeal, sealName } from "./sealed-run.ts";

export interface SealerOptions {
  readonly sql: Sql;
  readonly store: TrackingStore;
  readonly writer: () => RunWriter;
  readonly now: () => number;
  readonly report: (line: string) => void;
  /** Whether nothing may be sealed yet. */
  readonly isLost: IsLost;
}

/** How many runs are looked up at once. */
const someRuns = 100;
/** How soon what could not be sealed is tried again, in milliseconds. */
const again = 5_000;
/** For how long changes are gathered into one seal, in milliseconds. */
const gathering = 100;

/** Seals runs, one after the other, whenever it is told that some are due. */
export class Sealer {
  readonly #options: SealerOptions;
  #working: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #due = 0;
  #closed = false;

  constructor(options: SealerOptions) {
    this.#options = options;
  }

  /** Some runs or records may be due. */
  notify(milliseconds = gathering): void {
    const due = performance.now() + milliseconds;
    if (this.#closed || (this.#timer !== undefined && this.#due <= due)) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.settle();
    }, milliseconds);
    this.#timer.unref();
  }

  /** Seals what is due now; what cannot be sealed is reported, and tried again later. */
  async settle(): Promise<void> {
    // What became due while it worked may have been overlooked.
    while (this.#working) await this.#working;
    this.#working = this.#work().finally(() => {
      this.#working = undefined;
    });
    await this.#working;
  }

  /** Ends: what is under way is finished. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#working;
  }

  async #work(): Promise<void> {
    const { sql, report, isLost } = this.#options;
    let last = "";
    let failed = false;
    try {
      if (await isLost()) return this.notify(again);
      while (!this.#closed) {
        const due = await sql<{ run_id: string }[]>`
          SELECT run_id FROM runs
          WHERE seal_due AND status IN ('FINISHED', 'FAILED', 'KILLED') AND run_id > ${last}
          ORDER BY run_id LIMIT ${someRuns}`;
        // One that cannot be sealed must not keep the others from it.
        for (const { run_id } of due) {
          await this.#seal(run_id).catch((error: unknown) => {
            failed = true;
            report(`run ${run_id} was not sealed: ${error instanceof Error ? error.message : String(error)}`);
          });
        }
        if (due.length < someRuns) break;
        last = due.at(-1)?.run_id ?? last;
      }
      if (!this.#closed && !(await sealRecords(this.#options))) failed = true;
    } catch (error) {
      failed = true;
      report(`runs were not sealed: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (failed) this.notify(again);
  }

  async #seal(run: string): Promise<void> {
    const { sql, store, writer, now } = this.#options;
    // From here on whatever is logged to it is an amendment as well. One that goes on since it was found to be due is due when it ends.
    const [marked] = await sql<{ seals: number }[]>`
      UPDATE runs SET seals = (SELECT count(*) + 1 FROM seals s WHERE s.run_id = runs.run_id)
      WHERE run_id = ${run} AND seal_due AND status IN ('FINISHED', 'FAILED', 'KILLED') RETURNING seals`;
    if (!marked) return;
    // What was being written while it was none yet is in the run before it is read.
    await writer().settled();
    const { document, lastAmendment, print } = await readForSeal(sql, run, marked.seals);
    const made = await store.putJson(document);
    // After an end that came between this and the next statement, the name has its first value, which is as true.
    const { value } = await store.writeOnce(sealName(run, marked.seals), { sha256: made.sha256, size: made.size });
    const { sha256, size } = value as { readonly sha256: string; readonly size: number };
    const isWhole = sha256 === made.sha256;
    await sql.begin(async (transaction) => {
      // A statement that waits for a change which is under way does not see what else that change wrote: the next one does.
      await transaction`SELECT 1 FROM runs WHERE run_id = ${run} FOR NO KEY UPDATE`;
      await transaction`
        INSERT INTO seals ${transaction({ run_id: run, number: marked.seals, sha256, size, at: now() })} ON CONFLICT DO NOTHING`;
      await keepPrint(transaction, { run, seals: marked.seals, print });
      await transaction`
        UPDATE runs SET seal_due = ${!isWhole} OR EXISTS (
          SELECT 1 FROM amendments a WHERE a.run_id = ${run} AND a.number > ${lastAmendment})
        WHERE run_id = ${run}`;
    });
    if (!isWhole) this.notify();
  }
}
