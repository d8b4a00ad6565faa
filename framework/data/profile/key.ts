/**
 * Keys: doubles as 64-bit whole numbers in the same order, in two halves. Numbers whose keys agree in their leading bits lie
 * together on the line, so a prefix of a key is an interval; and an interval is halved by one bit more, wherever on the line
 * it lies and however small it is. An interval of `level` L is the 2^L keys from one that is a multiple of 2^L.
 * @module
 */

// Every platform of Node has its words in little-endian order: the high half of a double is the second.
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** The high half of a number's key. */
export function keyHigh(value: number): number {
  double[0] = value;
  const high = words[1] ?? 0;
  return (high & 0x80000000 ? ~high : high | 0x80000000) >>> 0;
}

/** The low half of a number's key. */
export function keyLow(value: number): number {
  double[0] = value;
  const low = words[0] ?? 0;
  return ((words[1] ?? 0) & 0x80000000 ? ~low : low) >>> 0;
}

/** The number of a key; NaN of those that are beyond the infinities. */
export function numberOfKey(high: number, low: number): number {
  const isPositive = (high & 0x80000000) !== 0;
  words[1] = isPositive ? high & 0x7fffffff : ~high;
  words[0] = isPositive ? low : ~low;
  return double[0] ?? Number.NaN;
}

/** The number after the last of an interval: where the next one begins. Infinity where there is none. */
export function endOfInterval(high: number, low: number, level: number): number {
  if (level >= 64) return Infinity;
  const next = level >= 32 ? 0 : low + 2 ** level;
  const carry = level >= 32 ? 2 ** (level - 32) : next >= 2 ** 32 ? 1 : 0;
  const top = high + carry;
  return top >= 2 ** 32 ? Infinity : numberOfKey(top, next >>> 0);
}

/** The key in the middle of an interval, where its upper half begins. */
export function middleOfInterval(high: number, low: number, level: number): readonly [high: number, low: number] {
  return level > 32 ? [(high | (1 << (level - 33))) >>> 0, low] : [high, (low | (1 << (level - 1))) >>> 0];
}

/** How many bits the least interval has that contains both keys. */
export function levelOfBoth(first: readonly [number, number], last: readonly [number, number]): number {
  const high = first[0] ^ last[0];
  return high === 0 ? 32 - Math.clz32(first[1] ^ last[1]) : 64 - Math.clz32(high);
}

/** The first key of the interval of a level that a key lies in. */
export function startOfInterval(high: number, low: number, level: number): readonly [high: number, low: number] {
  if (level >= 64) return [0, 0];
  if (level >= 32) return [((high >>> (level - 32)) << (level - 32)) >>> 0, 0];
  return [high, ((low >>> level) << level) >>> 0];
}
