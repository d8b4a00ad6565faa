/**
 * Reads single values of JSON out of bytes, as `JSON.parse` would, and nothing that it would not take. Pure.
 * @module
 */

const [quote, backslash, minus, plus, point, zero, nine] = [0x22, 0x5c, 0x2d, 0x2b, 0x2e, 0x30, 0x39];
const [smallE, largeE] = [0x65, 0x45];

/** Powers of ten that a double holds exactly. */
const powers = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);
/** Whole numbers of so many digits are exact in a double. */
const exactDigits = 15;
/** The longest text and number that are read here, in bytes. */
const longest = 512;

/** Reads one value after the other; `at` is where the next one begins. */
export class ValueScan {
  at = 0;
  /** What was read last. */
  value: number | boolean | string | null = null;
  /** Whether the number that was read last is written with a fraction or exponent that a double may not hold. */
  isInexact = false;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Reads a number, or null. @returns whether there was one */
  number(): boolean {
    const bytes = this.#bytes;
    const start = this.at;
    let at = start;
    const isNegative = bytes[at] === minus;
    if (isNegative) at++;
    let mantissa = 0;
    const whole = at;
    for (let byte = bytes[at]; isDigit(byte); byte = bytes[++at]) mantissa = mantissa * 10 + byte - zero;
    if (at === whole) return this.#null();
    if (bytes[whole] === zero && at - whole > 1) return false;
    let digits = at - whole;
    let decimals = 0;
    if (bytes[at] === point) {
      const begin = ++at;
      for (let byte = bytes[at]; isDigit(byte); byte = bytes[++at]) mantissa = mantissa * 10 + byte - zero;
      decimals = at - begin;
      if (decimals === 0) return false;
      digits += decimals;
    }
    const hasExponent = bytes[at] === smallE || bytes[at] === largeE;
    if (hasExponent) {
      at++;
      if (bytes[at] === minus || bytes[at] === plus) at++;
      const begin = at;
      while (isDigit(bytes[at])) at++;
      if (at === begin) return false;
    }
    if (at - start > longest) return false;
    this.at = at;
    const power = powers[decimals];
    // Both are exact, and a division of exact numbers is rounded as the decimal number itself would be (Clinger, 1990).
    if (!hasExponent && digits <= exactDigits && power !== undefined) {
      const size = decimals === 0 ? mantissa : mantissa / power;
      this.value = isNegative ? -size : size;
      this.isInexact = false;
    } else {
      this.value = Number(bytes.toString("latin1", start, at));
      this.isInexact = hasExponent || decimals > 0;
    }
    return true;
  }

  /** Reads a truth, or null. @returns whether there was one */
  boolean(): boolean {
    if (this.#word("true")) this.value = true;
    else if (this.#word("false")) this.value = false;
    else return this.#null();
    return true;
  }

  /** Reads a text of printable ASCII without escapes, or null. @returns whether there was one */
  text(): boolean {
    const bytes = this.#bytes;
    if (bytes[this.at] !== quote) return this.#null();
    const start = this.at + 1;
    let at = start;
    for (let byte = bytes[at]; byte !== quote; byte = bytes[++at]) {
      if (byte === undefined || byte < 0x20 || byte > 0x7e || byte === backslash || at - start > longest) return false;
    }
    this.value = bytes.toString("latin1", start, at);
    this.at = at + 1;
    return true;
  }

  #null(): boolean {
    if (!this.#word("null")) return false;
    this.value = null;
    return true;
  }

  #word(word: string): boolean {
    for (let i = 0; i < word.length; i++) if (this.#bytes[this.at + i] !== word.charCodeAt(i)) return false;
    this.at += word.length;
    return true;
  }
}

function isDigit(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= zero && byte <= nine;
}
