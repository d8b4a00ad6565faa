/**
 * Finding the rows of an as-of index that were the latest at given moments. Rows are looked for within one segment, and
 * moments are grouped by it, so that the index is read once from its start to its end. Pure.
 * @module
 */
import type { Segments } from "./as-of-index.ts";

/** Where a join looks: for each moment an entity, and the times between which its latest row may lie. */
export interface Moments {
  readonly count: number;
  /** The entity's code; −1 for none. */
  readonly codes: Int32Array;
  /** The row is not after this, in microseconds. */
  readonly notAfter: BigInt64Array;
  /** The row is not before this, in microseconds. @default however old it is */
  readonly notBefore?: BigInt64Array;
}

/** Moments, grouped by the segment in which the latest row of their entity lies. */
export interface GroupedMoments {
  /** The moments, those of a segment together. Those without a row are not among them. */
  readonly order: Uint32Array;
  /** Where the moments of each segment begin in `order`, and behind the last where they end. */
  readonly starts: Uint32Array;
}

/** Groups moments by segments: a counting sort. */
export function groupMoments(segments: Segments, moments: Moments): GroupedMoments {
  const { count, codes, notAfter } = moments;
  const found = new Int32Array(count);
  const starts = new Uint32Array(segments.heads.length + 1);
  for (let i = 0; i < count; i++) {
    const segment = findSegment(segments, codes[i] as number, notAfter[i] as bigint);
    found[i] = segment;
    if (segment >= 0) (starts[segment + 1] as number)++;
  }
  for (let segment = 1; segment < starts.length; segment++)
    (starts[segment] as number) += starts[segment - 1] as number;
  const next = starts.slice();
  const order = new Uint32Array(starts[starts.length - 1] as number);
  for (let i = 0; i < count; i++) {
    const segment = found[i] as number;
    if (segment >= 0) order[(next[segment] as number)++] = i;
  }
  return { order, starts };
}

/** The last segment of an entity that does not begin after a time; −1 when there is none. */
function findSegment({ firsts, heads }: Segments, code: number, notAfter: bigint): number {
  if (code < 0) return -1;
  const first = firsts[code] as number;
  let low = first;
  let high = firsts[code + 1] as number;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((heads[middle] as bigint) <= notAfter) low = middle + 1;
    else high = middle;
  }
  return low === first ? -1 : low - 1;
}

/** Rows of an index that are in memory. */
export interface Block {
  /** The first row of the block. */
  readonly from: number;
  /** A row's time, and its features, at the same place. */
  readonly times: BigInt64Array;
  readonly values: Float64Array;
}

/** Where the features of a moment's row go: `values[moment * width + offset]` and on. */
export interface Found {
  readonly values: Float64Array;
  readonly width: number;
  readonly offset: number;
}

export interface SegmentRange {
  readonly from: number;
  readonly to: number;
}

/** Looks up the moments of consecutive segments in a block that holds them; what is not found stays as it is. */
export function lookUp(
  { segments, features, grouped, moments }: Join,
  { from: fromSegment, to: toSegment }: SegmentRange,
  { block, found }: { readonly block: Block; readonly found: Found },
): void {
  const { order, starts } = grouped;
  const { notAfter, notBefore } = moments;
  const { times, values, from } = block;
  const stride = 1 + features;
  for (let segment = fromSegment; segment < toSegment; segment++) {
    const first = (segments.starts[segment] as number) - from;
    const end = (segments.starts[segment + 1] as number) - from;
    const last = starts[segment + 1] as number;
    for (let place = starts[segment] as number; place < last; place++) {
      const moment = order[place] as number;
      const time = notAfter[moment] as bigint;
      let low = first;
      let high = end;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((times[middle * stride] as bigint) <= time) low = middle + 1;
        else high = middle;
      }
      // A segment's first row is not after the time, else the moment would not be among the segment's.
      const row = (low - 1) * stride;
      if (notBefore !== undefined && (times[row] as bigint) < (notBefore[moment] as bigint)) continue;
      const target = moment * found.width + found.offset;
      for (let feature = 0; feature < features; feature++)
        found.values[target + feature] = values[row + 1 + feature] as number;
    }
  }
}

/** An index, and the moments that are looked for in it. */
export interface Join {
  readonly segments: Segments;
  readonly features: number;
  readonly moments: Moments;
  readonly grouped: GroupedMoments;
}
