/**
 * Writes the rows of an as-of index, which come sorted, and finds their segments.
 * @module
 */
import { writeSync } from "node:fs";
import type { Segments } from "./as-of-index.ts";

/** Rows that come together: the entity, the time and the features of each. */
export interface RowChunk {
  readonly rows: number;
  readonly codes: Int32Array;
  readonly times: BigInt64Array;
  readonly features: readonly Float64Array[];
}

export interface RowLayout {
  /** How many entities there are: codes are less. */
  readonly entities: number;
  /** How many features a row has. */
  readonly features: number;
  /** The most rows of a segment. */
  readonly segmentRows: number;
}

const bufferRows = 65_536;

/** Of rows with one entity and time it keeps the last. */
export class RowWriter {
  readonly #file: number;
  readonly #segmentRows: number;
  readonly #stride: number;
  readonly #values: Float64Array;
  readonly #times: BigInt64Array;
  readonly #firsts: Float64Array;
  #starts: Float64Array;
  #heads: BigInt64Array;
  #segments = 0;
  /** Rows in the file and the buffer, the last of which may still be replaced. */
  #rows = 0;
  #buffered = 0;
  #code = -1;
  #time = 0n;

  /** @param file the descriptor of an empty file */
  constructor(file: number, { entities, features, segmentRows }: RowLayout) {
    this.#file = file;
    this.#segmentRows = segmentRows;
    this.#stride = 1 + features;
    this.#values = new Float64Array(bufferRows * this.#stride);
    this.#times = new BigInt64Array(this.#values.buffer);
    this.#firsts = new Float64Array(entities + 1);
    this.#starts = new Float64Array(entities + 2);
    this.#heads = new BigInt64Array(entities + 2);
  }

  write({ rows, codes, times, features }: RowChunk): void {
    for (let i = 0; i < rows; i++) {
      const slot = this.#place(codes[i] as number, times[i] as bigint) * this.#stride;
      this.#times[slot] = times[i] as bigint;
      for (let f = 0; f < features.length; f++) this.#values[slot + 1 + f] = (features[f] as Float64Array)[i] as number;
    }
  }

  /** Writes what is left. */
  end(): { readonly segments: Segments; readonly rows: number } {
    this.#flush();
    this.#grow();
    this.#firsts.fill(this.#segments, this.#code + 1);
    this.#starts[this.#segments] = this.#rows;
    const [starts, heads] = [this.#starts.slice(0, this.#segments + 1), this.#heads.slice(0, this.#segments)];
    return { segments: { firsts: this.#firsts, starts, heads }, rows: this.#rows };
  }

  /** The place of a row in the buffer. */
  #place(code: number, time: bigint): number {
    if (code === this.#code && time === this.#time) return this.#buffered - 1;
    if (this.#buffered === bufferRows) this.#flush();
    const start = this.#segments === 0 ? 0 : (this.#starts[this.#segments - 1] as number);
    if (code !== this.#code || this.#rows - start === this.#segmentRows) this.#begin(code, time);
    this.#time = time;
    this.#rows++;
    return this.#buffered++;
  }

  #begin(code: number, time: bigint): void {
    this.#grow();
    if (code !== this.#code) {
      this.#firsts.fill(this.#segments, this.#code + 1, code + 1);
      this.#code = code;
    }
    this.#starts[this.#segments] = this.#rows;
    this.#heads[this.#segments++] = time;
  }

  #grow(): void {
    if (this.#segments < this.#heads.length - 1) return;
    const size = this.#heads.length * 2;
    const [starts, heads] = [new Float64Array(size), new BigInt64Array(size)];
    starts.set(this.#starts);
    heads.set(this.#heads);
    this.#starts = starts;
    this.#heads = heads;
  }

  /** Writes what is buffered: the last row too, since a row of another entity or time has come. */
  #flush(): void {
    const bytes = new Uint8Array(this.#values.buffer, 0, this.#buffered * this.#stride * 8);
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
    this.#buffered = 0;
  }
}
