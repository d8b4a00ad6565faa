/**
 * The wire format of Protocol Buffers, read field by field over bytes that nobody vouches for: what is malformed, or could be
 * read in two ways by two readers, is refused. Pure.
 * @module
 */

/** Thrown for bytes that are not what they should be, with the reason in words. */
export class MalformedModel extends Error {
  override readonly name = "MalformedModel";
}

/** One field of a message. */
export interface WireField {
  readonly number: number;
  /** The value of a varint, or of four or eight bytes, as an unsigned whole number; 0 of a field with a length. */
  readonly value: bigint;
  /** The content of a field with a length; nothing of another. */
  readonly content: Uint8Array | undefined;
  /** How many bytes a value of fixed size has: 4 or 8. @default it is a varint, or a content */
  readonly fixed?: 4 | 8;
}

/** More bytes no varint of 64 bits has. */
const longestVarint = 10;
const largestTag = 2n ** 32n - 1n;

/** Where a reader of a message is. */
interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/**
 * The fields of a message, in their order.
 *
 * @throws MalformedModel for a field that ends after its message, a number that has no end, and a kind that is not read here.
 */
export function* readFields(bytes: Uint8Array): Generator<WireField, void, undefined> {
  const cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) {
    const tag = takeVarint(cursor);
    if (tag > largestTag) throw new MalformedModel("a field has a number that no message has");
    const number = Number(tag >> 3n);
    if (number === 0) throw new MalformedModel("a field has the number 0");
    switch (Number(tag & 7n)) {
      case 0:
        yield { number, value: takeVarint(cursor), content: undefined };
        break;
      case 1:
        yield { number, value: toUnsigned(take(cursor, 8)), content: undefined, fixed: 8 };
        break;
      case 2:
        yield { number, value: 0n, content: take(cursor, takeVarint(cursor)) };
        break;
      case 5:
        yield { number, value: toUnsigned(take(cursor, 4)), content: undefined, fixed: 4 };
        break;
      default:
        throw new MalformedModel("a field is of a kind that ONNX does not have");
    }
  }
}

/** Numbers of 64 bits, eight bytes for each however many there are: a forest has millions. */
export class SignedList {
  #values = new BigInt64Array(16);
  #length = 0;

  /** Adds a number; of an unsigned one its two's complement. */
  add(value: bigint): void {
    if (this.#length === this.#values.length) {
      const wider = new BigInt64Array(2 * this.#length);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#length++] = value;
  }

  values(): BigInt64Array {
    return this.#values.subarray(0, this.#length);
  }
}

/** Adds the varints of a packed list to another. @throws MalformedModel for one that has no end. */
export function readPackedVarints(content: Uint8Array, list: SignedList): void {
  const cursor = { bytes: content, at: 0 };
  while (cursor.at < content.length) list.add(takeVarint(cursor));
}

/** A varint of two's complement as a signed number of 64 bits. */
export function toSigned(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

function takeVarint(cursor: Cursor): bigint {
  const { bytes } = cursor;
  let low = 0;
  // Nearly all numbers are small: no large ones are made for them.
  for (let i = 0; i < 4; i++) {
    const byte = bytes[cursor.at + i];
    if (byte === undefined) throw new MalformedModel("it ends in the middle of a number");
    low |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      cursor.at += i + 1;
      return BigInt(low);
    }
  }
  let value = BigInt(low);
  for (let i = 4; i < longestVarint; i++) {
    const byte = bytes[cursor.at + i];
    if (byte === undefined) throw new MalformedModel("it ends in the middle of a number");
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) {
      cursor.at += i + 1;
      return BigInt.asUintN(64, value);
    }
  }
  throw new MalformedModel("a number has more than 64 bits");
}

function take(cursor: Cursor, size: number | bigint): Uint8Array {
  if (BigInt(size) > BigInt(cursor.bytes.length - cursor.at)) {
    throw new MalformedModel("a field is said to be longer than what it stands in");
  }
  const content = cursor.bytes.subarray(cursor.at, cursor.at + Number(size));
  cursor.at += Number(size);
  return content;
}

function toUnsigned(content: Uint8Array): bigint {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  return content.length === 8 ? view.getBigUint64(0, true) : BigInt(view.getUint32(0, true));
}
