/**
 * FlatBuffers, written: tables of fields by their numbers, in which every number may be a lie.
 * @module
 */

/** The value of a field: bytes in the table, or what the table points to. */
export type Flat =
  | { readonly bytes: Buffer }
  | { readonly table: FlatFields }
  | { readonly text: string | Buffer }
  /** Tables; the same one may stand there many times, and is written once. */
  | { readonly tables: readonly FlatFields[] }
  | { readonly structs: readonly Buffer[] };

export type FlatFields = { readonly [field: number]: Flat };

export const int8 = (value: number): Flat => ({ bytes: Buffer.from([value & 255]) });
export const int16 = (value: number): Flat => ({ bytes: int16Bytes(value) });
export const int32 = (value: number): Flat => ({ bytes: int32Bytes(value) });
export const long = (value: number | bigint): Flat => ({ bytes: int64Bytes(value) });

function int16Bytes(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16LE(value);
  return bytes;
}

export function int32Bytes(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeInt32LE(value, 4 * index);
  return bytes;
}

export function int64Bytes(...values: readonly (number | bigint)[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [index, value] of values.entries()) bytes.writeBigInt64LE(BigInt(value), 8 * index);
  return bytes;
}

/** Writes a table, and before it where it is. */
export function writeFlat(root: FlatFields): Buffer {
  const out = new FlatWriter();
  const place = out.add(Buffer.alloc(4));
  out.point(place, out.writeTable(root));
  return out.end();
}

class FlatWriter {
  readonly #parts: Buffer[] = [];
  #length = 0;
  readonly #patches: { readonly at: number; readonly value: number }[] = [];

  add(bytes: Buffer): number {
    const at = this.#length;
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return at;
  }

  /** Says at a place how far behind it something is. */
  point(at: number, to: number): void {
    this.#patches.push({ at, value: to - at });
  }

  writeTable(fields: FlatFields): number {
    const numbers = Object.keys(fields).map(Number);
    const slots = Math.max(-1, ...numbers) + 1;
    const vtable = Buffer.alloc(4 + 2 * slots);
    let size = 4;
    for (const number of numbers) {
      vtable.writeUInt16LE(size, 4 + 2 * number);
      const field = fields[number];
      size += field && "bytes" in field ? field.bytes.length : 4;
    }
    vtable.writeUInt16LE(vtable.length, 0);
    vtable.writeUInt16LE(size, 2);
    const table = Buffer.alloc(size);
    table.writeInt32LE(vtable.length);
    this.add(vtable);
    const at = this.add(table);
    for (const number of numbers) {
      const field = fields[number] as Flat;
      const place = vtable.readUInt16LE(4 + 2 * number);
      if ("bytes" in field) field.bytes.copy(table, place);
      else this.point(at + place, this.#write(field));
    }
    return at;
  }

  #write(field: Exclude<Flat, { readonly bytes: Buffer }>): number {
    if ("table" in field) return this.writeTable(field.table);
    if ("text" in field) {
      const bytes = Buffer.from(field.text);
      return this.add(Buffer.concat([int32Bytes(bytes.length), bytes, Buffer.alloc(1)]));
    }
    if ("structs" in field) return this.add(Buffer.concat([int32Bytes(field.structs.length), ...field.structs]));
    const { tables } = field;
    const at = this.add(Buffer.concat([int32Bytes(tables.length), Buffer.alloc(4 * tables.length)]));
    const written = new Map<FlatFields, number>();
    for (const [index, table] of tables.entries()) {
      const place = written.get(table) ?? this.writeTable(table);
      written.set(table, place);
      this.point(at + 4 + 4 * index, place);
    }
    return at;
  }

  end(): Buffer {
    const bytes = Buffer.concat(this.#parts);
    for (const { at, value } of this.#patches) bytes.writeUInt32LE(value, at);
    return bytes;
  }
}
