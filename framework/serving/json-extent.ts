/**
 * How much a JSON document holds, told from its bytes before anything is made of them: lists in lists without end, and objects of a
 * million keys, take many times the time and memory that their bytes do. Pure.
 * @module
 */

/** How many lists and objects may stand in one another: those of the protocol are five. */
export const deepest = 32;
/** How many keys one object may have: more than any table has columns. */
export const mostKeys = 10_000;

/** What bytes say, if they are JSON. */
export interface JsonExtent {
  /** How many keys all objects have together, each as often as it is written. */
  readonly keys: number;
  /** Whether a number is written with more digits than a double holds, and with a fraction or exponent: what is read may be a whole one. */
  readonly hasLongNumbers: boolean;
}

const [quote, backslash, colon, point, minus] = [0x22, 0x5c, 0x3a, 0x2e, 0x2d];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
const [zero, nine, smallE, largeE] = [0x30, 0x39, 0x65, 0x45];
/** So many digits of a decimal number are told from those of any other by a double. */
const exactDigits = 15;

/** Measures a document. @returns in words why it is not to be read, where it is not */
export function measureJson(bytes: Uint8Array): JsonExtent | string {
  const { length } = bytes;
  const keysAt = new Uint32Array(deepest + 1);
  let depth = 0;
  let keys = 0;
  let hasLongNumbers = false;
  for (let at = 0; at < length; at++) {
    const byte = bytes[at] as number;
    if (byte === quote) at = skipText(bytes, at);
    else if (byte === colon) {
      keys++;
      const own = (keysAt[depth] ?? 0) + 1;
      keysAt[depth] = own;
      if (own > mostKeys) return `an object has more than ${mostKeys} keys`;
    } else if (byte === openList || byte === openObject) {
      if (++depth > deepest) return `lists and objects stand in one another more than ${deepest} deep`;
      keysAt[depth] = 0;
    } else if (byte === closeList || byte === closeObject) depth = Math.max(depth - 1, 0);
    else if (byte === minus || (byte >= zero && byte <= nine)) {
      const end = skipNumber(bytes, at);
      if (end - at >= exactDigits || hasExponent(bytes, at, end)) hasLongNumbers ||= isBroken(bytes, at, end);
      at = end - 1;
    }
  }
  return { keys, hasLongNumbers };
}

/** @returns where its closing quote stands, or the end of the bytes */
function skipText(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

/** @returns behind its last byte */
function skipNumber(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  for (let byte = bytes[at]; byte !== undefined; byte = bytes[++at]) {
    const isPart = (byte >= zero && byte <= nine) || byte === point || byte === smallE || byte === largeE;
    if (!isPart && byte !== minus && byte !== 0x2b) break;
  }
  return at;
}

function hasExponent(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === smallE || bytes[at] === largeE) return true;
  return false;
}

/** Whether a number has a fraction or an exponent. */
function isBroken(bytes: Uint8Array, start: number, end: number): boolean {
  return hasExponent(bytes, start, end) || bytes.subarray(start, end).includes(point);
}
