/**
 * A histogram as text: the tree of its intervals in bits, as base64. A node is `0` and its count where it has none inside it,
 * else `1`, whether it has values of its own (and how many), and either `0` and its two halves, or `1`, by how many bits the
 * next interval that has any is narrower (six bits, one less), these bits (`0` where all are zero, as those of whole numbers
 * mostly are, else `1` and each), and that interval.
 * @module
 */
import { BitReader, BitWriter } from "./bits.ts";
import { encloseIntervals, findInterval, type Histogram, HistogramBuilder, sumUp } from "./histogram.ts";
import { middleOfInterval } from "./key.ts";

interface Interval {
  readonly high: number;
  readonly low: number;
  readonly level: number;
}

const whole: Interval = { high: 0, low: 0, level: 64 };

export function encodeHistogram(histogram: Histogram): string {
  const writer = new BitWriter();
  const { length } = histogram.count;
  const mean = (sumUp(histogram).at(-1) ?? 0) / Math.max(1, length);
  const order = Math.min(31, Math.max(0, Math.floor(Math.log2(Math.max(1, mean)))));
  writer.write(order, 5);
  writer.write(length > 0 ? 1 : 0, 1);
  if (length > 0) writeNode(writer, { histogram, order }, [0, length, whole]);
  return writer.toBase64();
}

function writeNode(
  writer: BitWriter,
  code: { readonly histogram: Histogram; readonly order: number },
  [from, to, interval]: readonly [number, number, Interval],
): void {
  const { histogram, order } = code;
  const { high, low, level } = interval;
  // Between two that were enclosed, the first is the interval itself or lies inside it.
  const isOwn = histogram.level[from] === level;
  const inner = isOwn ? from + 1 : from;
  writer.write(inner < to ? 1 : 0, 1);
  if (inner < to) writer.write(isOwn ? 1 : 0, 1);
  if (isOwn) writer.writeCount(histogram.count[from] ?? 0, order);
  if (inner === to) return;
  const next = encloseIntervals(histogram, inner, to);
  writer.write(next.level < level ? 1 : 0, 1);
  if (next.level < level) {
    writer.write(level - next.level - 1, 6);
    const path = Array.from({ length: level - next.level }, (_, index) => bitOf(next, level - 1 - index));
    writer.write(path.includes(1) ? 1 : 0, 1);
    if (path.includes(1)) for (const bit of path) writer.write(bit, 1);
    writeNode(writer, code, [inner, to, next]);
    return;
  }
  const [middleHigh, middleLow] = middleOfInterval(high, low, level);
  const middle = findInterval(histogram, [inner, to], [middleHigh, middleLow]);
  writeNode(writer, code, [inner, middle, { high, low, level: level - 1 }]);
  writeNode(writer, code, [middle, to, { high: middleHigh, low: middleLow, level: level - 1 }]);
}

function bitOf({ high, low }: Interval, bit: number): number {
  return (bit >= 32 ? high >>> (bit - 32) : low >>> bit) & 1;
}

export function decodeHistogram(text: string): Histogram {
  const reader = new BitReader(text);
  const built = new HistogramBuilder();
  const order = reader.read(5);
  const read = (interval: Interval): void => {
    const { high, low, level } = interval;
    const hasInner = reader.read(1) === 1;
    if (!hasInner || reader.read(1) === 1) built.add(high, low, { level, count: reader.readCount(order) });
    if (!hasInner) return;
    if (reader.read(1) === 1) {
      let next = interval;
      const bits = reader.read(6) + 1;
      const isZero = reader.read(1) === 0;
      for (let left = bits; left > 0; left--) next = halve(next, isZero ? 0 : reader.read(1));
      read(next);
      return;
    }
    read(halve(interval, 0));
    read(halve(interval, 1));
  };
  if (reader.read(1) === 1) read(whole);
  return built.build();
}

function halve({ high, low, level }: Interval, side: number): Interval {
  if (level === 0) throw new RangeError("a histogram's interval is halved too often");
  const [top, bottom] = side === 0 ? [high, low] : middleOfInterval(high, low, level);
  return { high: top, low: bottom, level: level - 1 };
}
