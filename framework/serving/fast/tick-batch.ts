/**
 * Batches: the rows of all requests that came in one turn of the event loop are answered by one run of the model. Nobody waits
 * for a timer, and what comes while a run is under way is the next one's.
 * @module
 */
import { Refusal } from "../../http/refusal.ts";
import type { LiveModel } from "../live-model.ts";
import type { TensorValue } from "../tensor.ts";

/** The most rows of one run. */
const mostRows = 64;
/** The most rows that wait: whoever comes then is told to come again. */
const mostWaiting = 20_000;

/** Rows that wait for their answers. */
interface Waiting {
  readonly rows: number;
  readonly values: readonly TensorValue[];
  readonly resolve: (answers: readonly number[]) => void;
  readonly reject: (error: unknown) => void;
}

export class TickBatch {
  readonly #live: LiveModel;
  readonly #width: number;
  #queue: Waiting[] = [];
  #rows = 0;
  #isPlanned = false;

  constructor(live: LiveModel) {
    this.#live = live;
    this.#width = live.package.inputs.length;
  }

  /**
   * Answers rows of values, one row after the other in the order of the model's inputs.
   * @throws Refusal 503 while too much waits, 422 as `LiveModel.encode` does; RangeError as `LiveModel.answerMatrix` does
   */
  answer(values: readonly TensorValue[], rows: number): Promise<readonly number[]> {
    if (this.#rows + rows > mostWaiting) {
      return Promise.reject(new Refusal(503, "the server has more to answer than it can", { "retry-after": "1" }));
    }
    this.#rows += rows;
    return new Promise((resolve, reject) => {
      this.#queue.push({ rows, values, resolve, reject });
      if (this.#isPlanned) return;
      this.#isPlanned = true;
      // Whoever waits is answered by this version, whatever is promoted meanwhile.
      this.#live.keep();
      this.#plan();
    });
  }

  #plan(): void {
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    const batch = this.#take();
    const matrix = new Float32Array(batch.reduce((sum, { rows }) => sum + rows, 0) * this.#width);
    const encoded: Waiting[] = [];
    let row = 0;
    for (const waiting of batch) {
      try {
        this.#live.encode(waiting.values, { matrix, row });
        encoded.push(waiting);
        row += waiting.rows;
      } catch (error) {
        waiting.reject(error);
      }
    }
    try {
      if (row > 0) this.#deal(encoded, await this.#live.answerMatrix(matrix.subarray(0, row * this.#width), row), row);
    } catch (error) {
      for (const { reject } of encoded) reject(error);
    }
    if (this.#queue.length > 0) {
      this.#plan();
      return;
    }
    this.#isPlanned = false;
    await this.#live.release();
  }

  /** As many of those that wait as fit in one run, at least one. */
  #take(): readonly Waiting[] {
    let rows = 0;
    let count = 0;
    for (const waiting of this.#queue) {
      if (count > 0 && rows + waiting.rows > mostRows) break;
      rows += waiting.rows;
      count++;
    }
    this.#rows -= rows;
    return this.#queue.splice(0, count);
  }

  #deal(batch: readonly Waiting[], answers: readonly number[], rows: number): void {
    const width = answers.length / rows;
    let at = 0;
    for (const waiting of batch) {
      const end = at + waiting.rows * width;
      waiting.resolve(answers.slice(at, end));
      at = end;
    }
  }
}
