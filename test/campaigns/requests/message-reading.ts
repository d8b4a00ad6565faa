/**
 * Messages of gRPC as the wire has them (https://protobuf.dev/programming-guides/encoding/): the oracle's own reading of `ModelInferRequest`.
 * @module
 */
import { decodeText, judgeTensors, type ReadTensor, readBytes, type Verdict } from "./oracle.ts";

/** A field: a number of any length or of fixed bytes, or bytes. */
type Field = { readonly id: number; readonly wire: number; readonly number: bigint; readonly bytes: Uint8Array };

class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/** A field of another kind than it is declared: readers of the wire leave it out or refuse it. */
class Mistyped extends Error {
  override readonly name = "Mistyped";
}

function readFields(bytes: Uint8Array): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Unreadable();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new Unreadable();
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const [id, wire] = [Math.floor(tag / 8), tag % 8];
    if (id === 0 || tag > 0xffffffff) throw new Unreadable();
    if (wire === 0) fields.push({ id, wire, number: varint(), bytes: new Uint8Array() });
    else if (wire === 1 || wire === 5 || wire === 2) {
      const size = wire === 2 ? Number(varint()) : wire === 1 ? 8 : 4;
      if (at + size > bytes.length) throw new Unreadable();
      fields.push({ id, wire, number: 0n, bytes: bytes.subarray(at, at + size) });
      at += size;
    } else throw new Unreadable();
  }
  return fields;
}

/** The values of a repeated number, packed or one by one. */
function readList(fields: readonly Field[], id: number, fixed?: 4 | 8): readonly (bigint | Uint8Array)[] {
  const own = fields.filter((field) => field.id === id);
  return own.flatMap(({ wire, number, bytes }): (bigint | Uint8Array)[] => {
    if (fixed && wire === 2) {
      if (bytes.length % fixed > 0) throw new Unreadable();
      return Array.from({ length: bytes.length / fixed }, (_, i) => bytes.subarray(i * fixed, (i + 1) * fixed));
    }
    if (fixed) return wire === (fixed === 8 ? 1 : 5) ? [bytes] : mistype();
    if (wire === 0) return [number];
    return wire === 2 ? readPacked(bytes) : mistype();
  });
}

function fail(): never {
  throw new Unreadable();
}

function mistype(): never {
  throw new Mistyped();
}

/** The bytes of a field that has a length. */
function bytesOf({ wire, bytes }: Field): Uint8Array {
  return wire === 2 ? bytes : mistype();
}

function readPacked(bytes: Uint8Array): bigint[] {
  const values: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80 && shift < 70n) continue;
    if (byte >= 0x80) throw new Unreadable();
    values.push(BigInt.asUintN(64, value));
    [value, shift] = [0n, 0n];
  }
  if (shift > 0n) throw new Unreadable();
  return values;
}

function readTextField(fields: readonly Field[], id: number): string {
  const last = fields.findLast((field) => field.id === id);
  if (!last) return "";
  return decodeText(bytesOf(last)) ?? fail();
}

/** How each list of a tensor's values is on the wire where it is not packed. */
const wires: Readonly<Record<number, number>> = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 5, 7: 1, 8: 2 };

const lists: Readonly<Record<string, number | undefined>> = {
  BOOL: 1,
  INT8: 2,
  INT16: 2,
  INT32: 2,
  INT64: 3,
  UINT8: 4,
  UINT16: 4,
  UINT32: 4,
  UINT64: 5,
  FP32: 6,
  FP64: 7,
  BYTES: 8,
};

function readContents(bytes: Uint8Array, datatype: string): ReadTensor["values"] {
  const fields = readFields(bytes);
  if (fields.some(({ id, wire }) => id <= 8 && wire !== 2 && wire !== wires[id])) mistype();
  const own = lists[datatype];
  const isElsewhere = fields.some(
    ({ id, wire, bytes: part }) => id <= 8 && id !== own && !(wire === 2 && part.length === 0),
  );
  if (isElsewhere || own === undefined) return undefined;
  if (own === 8) return fields.filter(({ id }) => id === 8).map((one) => decodeText(bytesOf(one)) ?? fail());
  const values = readList(fields, own, own === 6 ? 4 : own === 7 ? 8 : undefined);
  return values.map((value) => {
    if (typeof value !== "bigint") {
      const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
      return value.length === 8 ? view.getFloat64(0, true) : view.getFloat32(0, true);
    }
    if (own === 1) return value !== 0n;
    if (own === 2) return BigInt.asIntN(32, value);
    if (own === 4) return BigInt.asUintN(32, value);
    return own === 3 ? BigInt.asIntN(64, value) : value;
  });
}

/** What a message is to be answered; `unknown` where readers of the wire differ: a message within it that is there twice, a field of another kind. */
export function judgeMessage(message: Uint8Array): Verdict | "unknown" {
  try {
    const fields = readFields(message);
    const isNamed = readTextField(fields, 1) === "storm" && ["", "1"].includes(readTextField(fields, 2));
    const id = readTextField(fields, 3);
    const raw = fields.filter((field) => field.id === 7).map(bytesOf);
    const inputs = fields.filter((field) => field.id === 5).map(bytesOf);
    const outputs = fields.filter((field) => field.id === 6).map((field) => readFields(bytesOf(field)));
    const names = outputs.map((output) => readTextField(output, 1));
    // Parameters are maps, whose entries the campaign does not make; what a flipped byte makes of one is not judged.
    if (
      [...outputs.flat(), ...fields].some((field) => field.id === 4) ||
      outputs.flat().some((field) => field.id === 2)
    )
      return "unknown";
    const read = inputs.map((input, i) => readTensor(input, raw[i]));
    if (read.includes("unknown")) return "unknown";
    const isWhole = raw.length === 0 || raw.length === inputs.length;
    if (!isNamed || id.length > 256 || !isWhole || read.includes(undefined)) return undefined;
    if (names.length > 1 || names.some((name) => name !== "value")) return undefined;
    return judgeTensors(read as ReadTensor[]);
  } catch (error) {
    if (error instanceof Mistyped) return "unknown";
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

function readTensor(bytes: Uint8Array, raw: Uint8Array | undefined): ReadTensor | "unknown" | undefined {
  const fields = readFields(bytes);
  const [name, datatype] = [readTextField(fields, 1), readTextField(fields, 2)];
  const shape = readList(fields, 3).map((size) => Number(BigInt.asIntN(64, size as bigint)));
  const contents = fields.filter((field) => field.id === 5);
  if (contents.length > 1 || fields.some((field) => field.id === 4)) return "unknown";
  if (contents[0] && raw) return undefined;
  const [rows = 0] = shape;
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return undefined;
  if (raw) return { name, datatype, shape, values: rows > 1e6 ? undefined : readBytes(raw, datatype, rows) };
  return { name, datatype, shape, values: contents[0] ? readContents(bytesOf(contents[0]), datatype) : [] };
}
