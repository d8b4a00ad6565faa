/**
 * Tables of FlatBuffers, in which Arrow writes what it says of its data: a table knows where its fields are, and a field that
 * is not there has its default. Every offset may lie; one that leads out of the bytes is a fault.
 * @module
 */
import { ArrowFault } from "./fault.ts";

/** The name of a column, and whatever else is a text, has at most so many bytes. */
const longestText = 65_536;

/** Integers wider than this are no lengths and no places in a file. */
const largest = BigInt(Number.MAX_SAFE_INTEGER);

/** Bytes in which tables lie. */
export class FlatBytes {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The table that the bytes begin with an offset to. */
  root(): FlatTable {
    return new FlatTable(this, this.uint32(0));
  }

  int8(at: number): number {
    return this.#bytes.readInt8(this.#within(at, 1));
  }

  int16(at: number): number {
    return this.#bytes.readInt16LE(this.#within(at, 2));
  }

  uint16(at: number): number {
    return this.#bytes.readUInt16LE(this.#within(at, 2));
  }

  int32(at: number): number {
    return this.#bytes.readInt32LE(this.#within(at, 4));
  }

  uint32(at: number): number {
    return this.#bytes.readUInt32LE(this.#within(at, 4));
  }

  /** A 64-bit integer that is a length, a count or a place. */
  long(at: number): number {
    const value = this.#bytes.readBigInt64LE(this.#within(at, 8));
    if (value > largest || value < -largest) throw new ArrowFault(`it says a length of ${value}`);
    return Number(value);
  }

  text(at: number): string {
    const length = this.uint32(at);
    if (length > longestText) throw new ArrowFault(`it has a name of ${length} bytes`);
    return this.#bytes.toString("utf8", this.#within(at + 4, length), at + 4 + length);
  }

  /** How many there are in a vector whose elements have this many bytes each. */
  count(at: number, bytes: number): number {
    const length = this.uint32(at);
    this.#within(at + 4, length * bytes);
    return length;
  }

  #within(at: number, bytes: number): number {
    if (at >= 0 && at + bytes <= this.#bytes.length) return at;
    throw new ArrowFault("what it says of its data is damaged: it points to where nothing is");
  }
}

/** A table; its fields go by their numbers. */
export class FlatTable {
  readonly #bytes: FlatBytes;
  readonly #at: number;
  readonly #fields: number;
  readonly #size: number;

  constructor(bytes: FlatBytes, at: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#fields = at - bytes.int32(at);
    this.#size = bytes.uint16(this.#fields);
  }

  int8(field: number, otherwise: number): number {
    const at = this.#find(field);
    return at === undefined ? otherwise : this.#bytes.int8(at);
  }

  int16(field: number, otherwise: number): number {
    const at = this.#find(field);
    return at === undefined ? otherwise : this.#bytes.int16(at);
  }

  int32(field: number, otherwise: number): number {
    const at = this.#find(field);
    return at === undefined ? otherwise : this.#bytes.int32(at);
  }

  long(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : this.#bytes.long(at);
  }

  text(field: number): string | undefined {
    const at = this.#follow(field);
    return at === undefined ? undefined : this.#bytes.text(at);
  }

  table(field: number): FlatTable | undefined {
    const at = this.#follow(field);
    return at === undefined ? undefined : new FlatTable(this.#bytes, at);
  }

  /** The tables of a vector. */
  tables(field: number): FlatTable[] {
    return this.#list(field, 4, (at) => new FlatTable(this.#bytes, at + this.#bytes.uint32(at)));
  }

  /** The 64-bit integers of a vector. */
  longs(field: number): number[] {
    return this.#list(field, 8, (at) => this.#bytes.long(at));
  }

  /** The structs of a vector, each read from where it begins. */
  structs<T>(field: number, bytes: number, read: (bytes: FlatBytes, at: number) => T): T[] {
    return this.#list(field, bytes, (at) => read(this.#bytes, at));
  }

  #list<T>(field: number, bytes: number, read: (at: number) => T): T[] {
    const at = this.#follow(field);
    if (at === undefined) return [];
    return Array.from({ length: this.#bytes.count(at, bytes) }, (_, index) => read(at + 4 + index * bytes));
  }

  /** Where the value of a field is. @returns nothing when it has its default */
  #find(field: number): number | undefined {
    const slot = 4 + 2 * field;
    if (slot + 2 > this.#size) return undefined;
    const offset = this.#bytes.uint16(this.#fields + slot);
    return offset === 0 ? undefined : this.#at + offset;
  }

  #follow(field: number): number | undefined {
    const at = this.#find(field);
    return at === undefined ? undefined : at + this.#bytes.uint32(at);
  }
}
