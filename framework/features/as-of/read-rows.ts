/**
 * Joins moments with the rows of an as-of index, reading of it only what has moments.
 * @module
 */
import { closeSync, openSync, readSync } from "node:fs";
import { type AsOfIndex, defaultSegmentRows, indexFiles } from "./as-of-index.ts";
import { type Block, type Found, groupMoments, lookUp, type Moments, type SegmentRange } from "./match.ts";

/** The most rows that are read at once: two segments, so that small ones fill a block well. */
const blockRows = 2 * defaultSegmentRows;
/** So many rows without moments are cheaper to read than to begin another read behind them. */
const gapRows = 1024;

/** Writes the features of each moment's latest row to its place in `found`; what is not found stays as it is. */
export function joinMoments(index: AsOfIndex, moments: Moments, found: Found): void {
  const { features } = index;
  const join = { segments: index, features, moments, grouped: groupMoments(index, moments) };
  const stride = 1 + features;
  const buffer = new ArrayBuffer(Math.min(blockRows, index.rows) * stride * 8);
  const [times, values] = [new BigInt64Array(buffer), new Float64Array(buffer)];
  const file = openSync(indexFiles.rows(index.folder), "r");
  try {
    for (const range of planReads(index.starts, join.grouped.starts)) {
      const [from, to] = [index.starts[range.from] as number, index.starts[range.to] as number];
      readWhole(file, new Uint8Array(buffer, 0, (to - from) * stride * 8), from * stride * 8);
      const block: Block = { from, times, values };
      lookUp(join, range, { block, found });
    }
  } finally {
    closeSync(file);
  }
}

/**
 * The ranges of segments to read, in their order: all that have moments, and between them what is not worth skipping.
 *
 * @param rows the first row of each segment, and the end of the last
 * @param moments the first moment of each segment, and the end of the last
 */
export function* planReads(rows: Float64Array, moments: Uint32Array): Generator<SegmentRange> {
  let from = -1;
  let to = -1;
  for (let segment = 0; segment + 1 < moments.length; segment++) {
    if (moments[segment] === moments[segment + 1]) continue;
    const begin = rows[segment] as number;
    const end = rows[segment + 1] as number;
    if (from >= 0 && (begin - (rows[to] as number) > gapRows || end - (rows[from] as number) > blockRows)) {
      yield { from, to };
      from = -1;
    }
    if (from < 0) from = segment;
    to = segment + 1;
  }
  if (from >= 0) yield { from, to };
}

function readWhole(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, bytes.length - done, position + done);
    if (read === 0) throw new TypeError("an as-of index ended before its last row");
    done += read;
  }
}
