/**
 * A lane: the rows that wait for one variant that is asked unseen, one request after the other.
 *
 * Its work is done on the event loop that answers callers. So it is done in small pieces, each in a turn of its own: between two of them
 * whoever has come is answered first. What comes faster than that is skipped, and counted as skipped.
 * @module
 */
import { setImmediate as turn } from "node:timers/promises";
import { keepRecord } from "../log/keep-record.ts";
import { createOutputs } from "../protocol.ts";
import type { TensorValue } from "../tensor.ts";
import type { LiveVariant } from "./live-variants.ts";
import type { AnsweredRows, MirrorTools } from "./mirror.ts";
import { countDisagreements, deriveUnseenId } from "./unseen-answer.ts";

/** The features of rows, by column. */
export type UnseenColumns = Readonly<Record<string, readonly TensorValue[]>>;

/** The most rows that wait for a variant. */
const mostWaiting = 2000;
/** The most rows of one turn of the event loop. */
const mostRows = 16;
/** How long a model may take before it is said to hang, in milliseconds. */
const usualPatience = 5000;

export interface LaneTools extends MirrorTools {
  /** Told when nothing waits any more. */
  readonly idle: () => void;
}

export class UnseenLane {
  readonly #variant: LiveVariant;
  readonly #tools: LaneTools;
  #queue: AnsweredRows[] = [];
  /** Rows that wait, are under way, or whose record is. */
  #rows = 0;
  #isRunning = false;
  #isClosed = false;
  /** What is under way, since when, and whether it was given up. @default nothing is */
  #asked: { readonly rows: number; readonly since: number; isGivenUp: boolean } | undefined;

  constructor(variant: LiveVariant, tools: LaneTools) {
    this.#variant = variant;
    this.#tools = tools;
  }

  /** Takes rows, whose model has been kept for them. It never throws. */
  add(answered: AnsweredRows): void {
    this.check();
    // One request of more rows than may wait is taken where nothing waits: it is asked in pieces.
    const isBehind = this.#rows > 0 && this.#rows + answered.rows > mostWaiting;
    if (this.#asked?.isGivenUp) this.#drop(answered, "failed");
    else if (this.#isClosed || isBehind) this.#drop(answered, "skipped");
    else {
      this.#rows += answered.rows;
      this.#queue.push(answered);
      if (!this.#isRunning) void this.#run();
    }
  }

  /** Gives up on a model that hangs: what it is asked for and what waits has failed, and it is asked nothing before it answers. */
  check(): void {
    const asked = this.#asked;
    const { patienceMilliseconds = usualPatience } = this.#tools;
    if (!asked || asked.isGivenUp || performance.now() - asked.since < patienceMilliseconds) return;
    asked.isGivenUp = true;
    this.#variant.counts.compared.failed += asked.rows;
    this.#tools.report(`variant "${this.#variant.name}", which is asked unseen, does not answer`);
    for (const waiting of this.#queue.splice(0)) {
      this.#rows -= waiting.rows;
      this.#drop(waiting, "failed");
    }
  }

  /** Forgets what waits. */
  close(): void {
    this.#isClosed = true;
    for (const waiting of this.#queue.splice(0)) {
      this.#rows -= waiting.rows;
      this.#drop(waiting, "skipped");
    }
    this.#end();
  }

  #drop({ rows }: AnsweredRows, as: "failed" | "skipped"): void {
    this.#variant.counts.compared[as] += rows;
    this.#release();
  }

  #release(): void {
    void this.#variant.live.release().catch(() => undefined);
  }

  #end(): void {
    if (!this.#isRunning && this.#rows === 0) this.#tools.idle();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    let done = 0;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      done += next.rows;
      await this.#ask(next);
      if (done < mostRows) continue;
      done = 0;
      await turn();
    }
    this.#isRunning = false;
    this.#end();
  }

  /** Asks for rows and keeps the record of it. It never rejects. */
  async #ask(answered: AnsweredRows): Promise<void> {
    const { counts } = this.#variant;
    const asked = { rows: answered.rows, since: performance.now(), isGivenUp: false };
    this.#asked = asked;
    try {
      const found = await this.#answer(answered);
      if (asked.isGivenUp) this.#settle(answered);
      else if (found) void this.#keep(answered, { ...found, since: asked.since });
      else {
        counts.compared.skipped += answered.rows;
        this.#settle(answered);
      }
    } catch (error) {
      if (!asked.isGivenUp) this.#fail(answered, error);
      else this.#settle(answered);
    } finally {
      this.#asked = undefined;
    }
  }

  async #answer({ bring, rows }: AnsweredRows) {
    const columns = await bring(this.#variant);
    if (!columns) return undefined;
    const { live } = this.#variant;
    const answers: number[] = [];
    for (let start = 0; start < rows; start += mostRows) {
      if (start > 0) await turn();
      const end = Math.min(start + mostRows, rows);
      answers.push(...(await live.answer(slice(columns, start, end), end - start, true)));
    }
    return { columns, answers };
  }

  /** Keeps the record, and counts the rows once it is kept. Whoever is asked next does not wait for it. */
  async #keep(
    answered: AnsweredRows,
    { columns, answers, since }: { columns: UnseenColumns; answers: readonly number[]; since: number },
  ): Promise<void> {
    const { live, name, note, counts } = this.#variant;
    const outputs = createOutputs(live.package, answers);
    try {
      await keepRecord(this.#tools, () => ({
        id: deriveUnseenId(answered.id, name),
        time: new Date().toISOString(),
        shadow: true,
        of: answered.id,
        endpoint: this.#tools.endpoint,
        model: live.package.model,
        version: live.version,
        package: live.digest,
        ...note,
        ...(answered.request && { request: answered.request }),
        inputs: columns,
        outputs: Object.fromEntries(outputs.map((output) => [output.name, output.data])),
        latencyMicroseconds: Math.round((performance.now() - since) * 1000),
      }));
      counts.compared.rows += answered.rows;
      counts.compared.disagreed += countDisagreements(live.package, [answers, answered.answers]);
      this.#settle(answered);
    } catch (error) {
      this.#fail(answered, error);
    }
  }

  #fail(answered: AnsweredRows, error: unknown): void {
    const { name, counts } = this.#variant;
    counts.compared.failed += answered.rows;
    // Once for each variant: a model that fails mostly fails always.
    if (counts.compared.failed === answered.rows)
      this.#tools.report(
        `variant "${name}", which is asked unseen, failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    this.#settle(answered);
  }

  #settle({ rows }: AnsweredRows): void {
    this.#rows -= rows;
    this.#release();
    this.#end();
  }
}

function slice(columns: UnseenColumns, start: number, end: number): UnseenColumns {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.slice(start, end)]));
}
