/**
 * Bits in a row, written and read: what the sketches are stored as.
 * @module
 */

/** Writes numbers of few bits one after the other. */
export class BitWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  /** Writes the low bits of a number, the highest first. @param bits at most 32 */
  write(value: number, bits: number): void {
    for (let bit = bits - 1; bit >= 0; bit--) this.#push((value >>> bit) & 1);
  }

  /** Writes a number as so many ones and a zero. */
  writeUnary(value: number): void {
    for (let left = value; left > 0; left--) this.#push(1);
    this.#push(0);
  }

  /** Writes a whole number of any size, in few bits when it is about 2^order (an exponential Golomb code). */
  writeCount(value: number, order: number): void {
    const step = 2 ** order;
    const above = Math.floor(value / step) + 1;
    const digits = above.toString(2);
    this.writeUnary(digits.length - 1);
    for (const digit of digits.slice(1)) this.#push(digit === "1" ? 1 : 0);
    this.write(value % step, order);
  }

  /** All that was written, padded with zeros, as base64. */
  toBase64(): string {
    return Buffer.from(this.#bytes.buffer, 0, Math.ceil(this.#length / 8)).toString("base64");
  }

  #push(bit: number): void {
    const at = this.#length >>> 3;
    if (at >= this.#bytes.length) {
      const bytes = new Uint8Array(this.#bytes.length * 2);
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    if (bit === 1) this.#bytes[at] = (this.#bytes[at] ?? 0) | (0x80 >>> (this.#length & 7));
    this.#length++;
  }
}

/** Reads what a writer wrote, in the same order. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(base64: string) {
    this.#bytes = Buffer.from(base64, "base64");
  }

  read(bits: number): number {
    let value = 0;
    for (let left = bits; left > 0; left--) value = (value << 1) | this.#next();
    return value >>> 0;
  }

  readUnary(): number {
    let value = 0;
    while (this.#next() === 1) value++;
    return value;
  }

  readCount(order: number): number {
    let above = 1;
    for (let left = this.readUnary(); left > 0; left--) above = above * 2 + this.#next();
    return (above - 1) * 2 ** order + this.read(order);
  }

  #next(): number {
    const byte = this.#bytes[this.#position >>> 3];
    // Zeros beyond the end would be read as values that nobody wrote.
    if (byte === undefined) throw new RangeError("a sketch ends before its time");
    const bit = (byte >>> (7 - (this.#position & 7))) & 1;
    this.#position++;
    return bit;
  }
}
