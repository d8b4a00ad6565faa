/**
 * What a constant of an ONNX file must be: all of its bytes are in the file, and are as many as its shape says. Pure.
 * @module
 */
import type { OnnxTensor } from "./onnx-graph.ts";

type List = keyof OnnxTensor["listed"];

/** How elements of a type are kept: their size in bits, the list for them, and how many values of it one has. */
interface Kept {
  readonly bits: bigint;
  readonly list: List;
  /** @default 1n */
  readonly perElement?: bigint;
}

const small = (bits: bigint): Kept => ({ bits, list: "int32" });

/** By the number that ONNX has for the type. */
const types: Readonly<Record<string, Kept>> = {
  1: { bits: 32n, list: "float" },
  2: small(8n),
  3: small(8n),
  4: small(16n),
  5: small(16n),
  6: small(32n),
  7: { bits: 64n, list: "int64" },
  8: { bits: 0n, list: "string" },
  9: small(8n),
  10: small(16n),
  11: { bits: 64n, list: "double" },
  12: { bits: 32n, list: "uint64" },
  13: { bits: 64n, list: "uint64" },
  14: { bits: 64n, list: "float", perElement: 2n },
  15: { bits: 128n, list: "double", perElement: 2n },
  16: small(16n),
  17: small(8n),
  18: small(8n),
  19: small(8n),
  20: small(8n),
  21: small(4n),
  22: small(4n),
  23: small(4n),
  24: small(8n),
};

/** More dimensions no operator takes. */
const mostDimensions = 16;

/** Why a constant is refused, or nothing. Sizes are whole numbers without end, so that none wraps around. */
export function judgeTensor(tensor: OnnxTensor): string | undefined {
  const called = `constant "${shorten(tensor.name)}"`;
  if (tensor.isElsewhere) return `the data of ${called} are said to be outside the file`;
  const kept = types[String(tensor.type)];
  if (!kept) return `${called} is of type ${tensor.type}, which ONNX does not have`;
  if (tensor.dims.length > mostDimensions) return `${called} has ${tensor.dims.length} dimensions`;
  const shape = `[${tensor.dims.join(", ")}]`;
  if (tensor.dims.some((size) => size < 0n)) return `${called} has the shape ${shape}`;
  const elements = tensor.dims.reduce((product, size) => product * size, 1n);

  const lists = Object.entries(tensor.listed).filter(([, count]) => count > 0);
  if (tensor.raw !== undefined && lists.length > 0) return `${called} has its data twice`;
  if (tensor.raw !== undefined) {
    if (kept.list === "string") return `${called} has texts as bare bytes`;
    const expected = (elements * kept.bits + 7n) / 8n;
    return BigInt(tensor.raw.length) === expected
      ? undefined
      : `${called} has ${tensor.raw.length} bytes, and its shape ${shape} takes ${expected}`;
  }
  const other = lists.find(([list]) => list !== kept.list);
  if (other) return `${called} has its data among those of another type`;
  const perElement = kept.perElement ?? 1n;
  const expected = kept.bits === 4n ? (elements + 1n) / 2n : elements * perElement;
  const count = BigInt(tensor.listed[kept.list]);
  return count === expected ? undefined : `${called} has ${count} values, and its shape ${shape} takes ${expected}`;
}

/** The elements of a small constant of 64-bit whole numbers; nothing of another. */
export function readIntegers(tensor: OnnxTensor): readonly bigint[] | undefined {
  if (tensor.type !== 7n) return undefined;
  if (tensor.raw === undefined) return [...tensor.int64];
  const { raw } = tensor;
  if (raw.length % 8 !== 0) return undefined;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  return Array.from({ length: raw.length / 8 }, (_, at) => view.getBigInt64(at * 8, true));
}

/** A name as a reason quotes it: it was written by whoever made the file. */
export function shorten(name: string): string {
  const printable = name.replace(/[^\x20-\x7e]/g, "?").replaceAll('"', "'");
  return printable.length > 60 ? `${printable.slice(0, 57)}...` : printable;
}
