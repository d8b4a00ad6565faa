/**
 * Batches: the rows of all requests that came in one turn of the event loop are answered by one run of the model. Nobody waits
 * for a timer, and what comes while a run is under way is the next one's.
 * @module
 */
import { Refusal } from "../../http/refusal.ts";
import { refuseLate } from "../deadline.ts";
import type { LiveModel } from "../live-model.ts";
import type { TensorValue } from "../tensor.ts";

/** The most rows of one run. */
const mostRows = 64;
/** The most rows that wait: whoever comes then is told to come again. */
const mostWaiting = 20_000;

/** Rows that wait for their answers. */
export interface WaitingRows {
  readonly rows: number;
  /** One row after the other, each in the order of the model's inputs. */
  readonly values: readonly TensorValue[];
  /** By when they are to be begun, as `performance.now()` tells it. @default however late */
  readonly deadline?: number | undefined;
  /** Gets the answers of its rows, and how long the run took that they come from, in milliseconds. It never throws. */
  readonly settle: (answers: readonly number[], compute: number) => void;
  /** Is told why there are none. It never throws. */
  readonly fail: (error: unknown) => void;
}

export class TickBatch {
  readonly #live: LiveModel;
  readonly #width: number;
  #matrix = new Float32Array();
  #queue: WaitingRows[] = [];
  #rows = 0;
  #isPlanned = false;

  constructor(live: LiveModel) {
    this.#live = live;
    this.#width = live.package.inputs.length;
  }

  /**
   * Answers rows of values, one row after the other in the order of the model's inputs.
   * @throws what `add` fails with
   */
  answer(
    values: readonly TensorValue[],
    rows: number,
    deadline?: number,
  ): Promise<{ answers: readonly number[]; compute: number }> {
    return new Promise((resolve, reject) => {
      this.add({ rows, values, deadline, settle: (answers, compute) => resolve({ answers, compute }), fail: reject });
    });
  }

  /** Fails with Refusal 503 while too much waits, 504 for what was not begun in time, and as `LiveModel.encode` and `LiveModel.answerMatrix` do. */
  add(waiting: WaitingRows): void {
    if (this.#rows + waiting.rows > mostWaiting) {
      waiting.fail(new Refusal(503, "the server has more to answer than it can", { "retry-after": "1" }));
      return;
    }
    this.#rows += waiting.rows;
    this.#queue.push(waiting);
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    // Whoever waits is answered by this version, whatever is promoted meanwhile.
    this.#live.keep();
    this.#plan();
  }

  #plan(): void {
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    const batch = this.#take();
    const matrix = this.#findRoom(batch);
    const encoded: WaitingRows[] = [];
    const now = performance.now();
    let row = 0;
    for (const waiting of batch) {
      if (waiting.deadline !== undefined && waiting.deadline < now) {
        waiting.fail(refuseLate());
        continue;
      }
      try {
        this.#live.encode(waiting.values, { matrix, row });
        encoded.push(waiting);
        row += waiting.rows;
      } catch (error) {
        waiting.fail(error);
      }
    }
    if (row > 0) await this.#answer(encoded, matrix.subarray(0, row * this.#width), row);
    if (this.#queue.length > 0) {
      this.#plan();
      return;
    }
    this.#isPlanned = false;
    // A session that does not close is of no more use to anybody.
    await this.#live.release().catch(() => undefined);
  }

  /** As many of those that wait as fit in one run, at least one. */
  #take(): readonly WaitingRows[] {
    let rows = 0;
    let count = 0;
    for (const waiting of this.#queue) {
      if (count > 0 && rows + waiting.rows > mostRows) break;
      rows += waiting.rows;
      count++;
    }
    this.#rows -= rows;
    if (count < this.#queue.length) return this.#queue.splice(0, count);
    const all = this.#queue;
    this.#queue = [];
    return all;
  }

  /** One run is under way at a time, so that all of them have the same matrix. */
  #findRoom(batch: readonly WaitingRows[]): Float32Array {
    const size = batch.reduce((sum, { rows }) => sum + rows, 0) * this.#width;
    if (this.#matrix.length < size) this.#matrix = new Float32Array(Math.max(size, mostRows * this.#width));
    return this.#matrix;
  }

  /** Rows that the model has no answer to fail alone, and not all that came in the same turn. */
  async #answer(batch: readonly WaitingRows[], matrix: Float32Array, rows: number): Promise<void> {
    const begun = performance.now();
    let answers: readonly number[];
    try {
      answers = await this.#live.answerMatrix(matrix, rows, batch.length);
    } catch (error) {
      const [only, ...others] = batch;
      if (others.length === 0) only?.fail(error);
      else await this.#answerEach(batch, matrix);
      return;
    }
    const compute = performance.now() - begun;
    const width = answers.length / rows;
    let at = 0;
    for (const waiting of batch) {
      const end = at + waiting.rows * width;
      waiting.settle(answers.slice(at, end), compute);
      at = end;
    }
  }

  async #answerEach(batch: readonly WaitingRows[], matrix: Float32Array): Promise<void> {
    let row = 0;
    for (const waiting of batch) {
      const end = row + waiting.rows;
      await this.#answer([waiting], matrix.subarray(row * this.#width, end * this.#width), waiting.rows);
      row = end;
    }
  }
}
