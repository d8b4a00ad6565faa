/**
 * The values of tensors as bytes: little-endian and row after row, as the binary tensor extension and gRPC have them. Pure.
 * @module
 */

/** A value as bytes say it. Integers of 64 bits come whole. */
export type RawValue = number | bigint | boolean | string;

interface RawType {
  /** Of one value, in bytes. */
  readonly size: number;
  readonly read: (view: DataView, at: number) => RawValue;
}

const types: Readonly<Record<string, RawType | undefined>> = {
  BOOL: { size: 1, read: (view, at) => view.getUint8(at) !== 0 },
  UINT8: { size: 1, read: (view, at) => view.getUint8(at) },
  UINT16: { size: 2, read: (view, at) => view.getUint16(at, true) },
  UINT32: { size: 4, read: (view, at) => view.getUint32(at, true) },
  UINT64: { size: 8, read: (view, at) => view.getBigUint64(at, true) },
  INT8: { size: 1, read: (view, at) => view.getInt8(at) },
  INT16: { size: 2, read: (view, at) => view.getInt16(at, true) },
  INT32: { size: 4, read: (view, at) => view.getInt32(at, true) },
  INT64: { size: 8, read: (view, at) => view.getBigInt64(at, true) },
  FP16: { size: 2, read: (view, at) => readHalf(view.getUint16(at, true)) },
  BF16: { size: 2, read: readBrain },
  FP32: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  FP64: { size: 8, read: (view, at) => view.getFloat64(at, true) },
};

/** Values, or in words why the bytes are none. */
export type RawReading = { readonly values: readonly RawValue[] } | { readonly problem: string };

/**
 * Reads the values of a tensor.
 * @param count how many its shape says there are
 */
export function readRaw(bytes: Uint8Array, datatype: string, count: number): RawReading {
  if (datatype === "BYTES") return readTexts(bytes, count);
  const type = types[datatype];
  if (!type) return { problem: `no datatype "${datatype.slice(0, 20)}" is known` };
  const expected = count * type.size;
  if (bytes.length !== expected) {
    return { problem: `${bytes.length} bytes, and its shape and datatype say ${expected}` };
  }
  if (datatype === "BOOL" && bytes.some((byte) => byte > 1))
    return { problem: "a byte that is neither 0 nor 1, which are false and true" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Array<RawValue>(count);
  for (let i = 0; i < count; i++) values[i] = type.read(view, i * type.size);
  return { values };
}

/** Each text follows its length in bytes, of four bytes. */
function readTexts(bytes: Uint8Array, count: number): RawReading {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return { problem: "a length that breaks off" };
    const end = at + 4 + view.getUint32(at, true);
    if (end > bytes.length) return { problem: `a value ${values.length} that is longer than what there is` };
    if (values.length === count) return { problem: `more than the ${count} values that its shape says` };
    const text = readText(bytes.subarray(at + 4, end));
    if (text === undefined) return { problem: `a value ${values.length} that is not UTF-8` };
    values.push(text);
    at = end;
  }
  if (values.length === count) return { values };
  return { problem: `${values.length} values, and its shape says ${count}` };
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of bytes in UTF-8. @default undefined for other bytes */
export function readText(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** IEEE 754, 16 bits: a sign, five bits of exponent, ten of fraction. */
function readHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));

/** The upper half of a number of 32 bits. */
function readBrain(view: DataView, at: number): number {
  word.setUint32(0, view.getUint16(at, true) << 16);
  return word.getFloat32(0);
}

/** The bytes of the outputs' values. @throws TypeError for a datatype that no output has */
export function writeRaw(values: readonly (number | boolean | string)[], datatype: string): Buffer {
  switch (datatype) {
    case "BOOL":
      return Buffer.from(values.map((value) => (value === true ? 1 : 0)));
    case "BYTES":
      return Buffer.concat(values.flatMap((value) => writeText(String(value))));
    case "FP64": {
      const bytes = Buffer.allocUnsafe(values.length * 8);
      for (const [i, value] of values.entries()) bytes.writeDoubleLE(Number(value), i * 8);
      return bytes;
    }
    case "FP32": {
      const bytes = Buffer.allocUnsafe(values.length * 4);
      for (const [i, value] of values.entries()) bytes.writeFloatLE(Number(value), i * 4);
      return bytes;
    }
    default:
      throw new TypeError(`no output has the datatype ${datatype}`);
  }
}

function writeText(text: string): readonly Buffer[] {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32LE(Buffer.byteLength(text));
  return [length, Buffer.from(text)];
}
