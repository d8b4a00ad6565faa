/**
 * Requests in the binary tensor extension whose lengths, sizes or bytes are wrong.
 * @module
 */
import { compose, type RawCase } from "./bad-case.ts";

const header = "inference-header-content-length";

interface RawTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly bytes: Buffer;
  /** @default as long as the bytes are */
  readonly size?: unknown;
  /** What its description says besides. @default nothing */
  readonly more?: object;
}

function doubles(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [i, value] of values.entries()) bytes.writeDoubleLE(value, i * 8);
  return bytes;
}

function text(value: string | Buffer, length = Buffer.byteLength(value)): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(length);
  return Buffer.concat([size, Buffer.from(value)]);
}

const wind: RawTensor = { name: "wind", datatype: "FP64", shape: [1], bytes: doubles(1) };
const rain: RawTensor = { name: "rain", datatype: "BOOL", shape: [1], bytes: Buffer.of(0) };
const region: RawTensor = { name: "region", datatype: "BYTES", shape: [1], bytes: text("south") };

function describeTensors(tensors: readonly RawTensor[]): string {
  const inputs = tensors.map(({ name, datatype, shape, bytes, size = bytes.length, more = {} }) => ({
    name,
    datatype,
    shape,
    parameters: { binary_data_size: size },
    ...more,
  }));
  return JSON.stringify({ inputs });
}

/** A request of tensors in bytes. @param said what the header says of the JSON's length */
function composeRaw(tensors: readonly RawTensor[], said?: string, after: Buffer = Buffer.alloc(0)): Buffer {
  const json = describeTensors(tensors);
  const body = Buffer.concat([Buffer.from(json), ...tensors.map(({ bytes }) => bytes), after]);
  return compose(body, `${header}: ${said ?? json.length}`);
}

/** A sound request, of a score of 2.5. */
export const soundRaw = composeRaw([wind, rain, region]);
/** The same in another order, and flat and nested. */
export const otherRaw = composeRaw([region, { ...rain, shape: [1, 1] }, wind]);

const lengths: readonly RawCase[] = [
  "-1",
  "1.5",
  "abc",
  "",
  "0x10",
  "1e2",
  "99999999",
  "9999999999999999",
  "9".repeat(30),
  "+5",
  "1, 2",
].map((said) => ({
  name: `a JSON of the length ${JSON.stringify(said)}`,
  bytes: composeRaw([wind, rain, region], said),
  status: 400,
  says: "Inference-Header-Content-Length is no length of the body",
}));

const partLengths: readonly RawCase[] = ["0", "1", "10", "100"].map((said) => ({
  name: `a JSON of the length ${said}, which is longer`,
  bytes: composeRaw([wind, rain, region], said),
  status: 400,
  says: "the body is not JSON in UTF-8",
}));

const misfit = '"binary_data_size" that is no part of what follows the JSON';

const sizes: readonly RawCase[] = [
  ...[-1, 1.5, "8", null, true, [8], {}, 1e10, 2 ** 53, 15].map((size) => ({
    name: `a tensor that says its size is ${JSON.stringify(size)}`,
    bytes: composeRaw([{ ...wind, size }, rain, region]),
    status: 400,
    says: "",
  })),
  ...[0, 7, 9, 4].map((size) => ({
    name: `a tensor of one number and ${size} bytes`,
    bytes: composeRaw([{ ...wind, size }, rain, region]),
    status: 400,
    says: `input "wind" has ${size} bytes, and its shape and datatype say 8`,
  })),
  {
    name: "bytes that are nobody's",
    bytes: composeRaw([wind, rain, region], undefined, Buffer.of(1, 2, 3)),
    status: 400,
    says: "3 bytes after the JSON belong to no input",
  },
  { name: "no bytes", bytes: compose(describeTensors([wind, rain, region])), status: 400, says: misfit },
  {
    name: "data beside bytes",
    bytes: composeRaw([{ ...wind, more: { data: [1] } }, rain, region]),
    status: 400,
    says: "8 bytes after the JSON belong to no input",
  },
  {
    name: "bytes of a tensor twice",
    bytes: composeRaw([wind, rain, region, wind]),
    status: 400,
    says: 'input "wind" is given twice',
  },
  {
    name: "bytes of a tensor that nobody knows",
    bytes: composeRaw([wind, rain, region, { ...wind, name: "hail" }]),
    status: 400,
    says: 'there is no input "hail"',
  },
  {
    name: "bytes of two tensors of three",
    bytes: composeRaw([wind, rain]),
    status: 400,
    says: 'missing inputs: "region"',
  },
];

const shapes: readonly RawCase[] = [
  ...[[], [1, 2], [1, 1, 1], [1, 0]].map((shape) => ({
    name: `bytes of the shape ${JSON.stringify(shape)}`,
    bytes: composeRaw([{ ...wind, shape }, rain, region]),
    status: 400,
    says: "expected [n] or [n, 1]",
  })),
  ...[[0], [2], [4294967296], [Number.MAX_SAFE_INTEGER]].map((shape) => ({
    name: `8 bytes of the shape ${JSON.stringify(shape)}`,
    bytes: composeRaw([{ ...wind, shape }, rain, region]),
    status: 400,
    says: `has 8 bytes, and its shape and datatype say ${Number(shape[0]) * 8}`,
  })),
  ...[[-1], [1.5], [null], ["1"]].map((shape) => ({
    name: `bytes of the shape ${JSON.stringify(shape)}`,
    bytes: composeRaw([{ ...wind, shape: shape as number[] }, rain, region]),
    status: 400,
    says: "",
  })),
];

function inBytes(datatype: string, bytes: Buffer, says: string): RawCase {
  return {
    name: `${bytes.toString("hex").slice(0, 20)} for a number of ${datatype}`,
    bytes: composeRaw([{ ...wind, datatype, bytes }, rain, region]),
    status: 400,
    says: `input "wind" ${says}`,
  };
}

function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
}

const float = (value: number): Buffer => Buffer.from(Float32Array.of(value).buffer);

const values: readonly RawCase[] = [
  inBytes("INT64", long(2n ** 53n), "has an integer beyond 2^53 - 1 at 0"),
  inBytes("INT64", long(2n ** 53n + 1n), "has an integer beyond 2^53 - 1 at 0"),
  inBytes("INT64", long(-(2n ** 53n) - 1n), "has an integer beyond 2^53 - 1 at 0"),
  inBytes("INT64", long(2n ** 63n), "has an integer beyond 2^53 - 1 at 0"),
  inBytes("UINT64", long(2n ** 64n - 1n), "has an integer beyond 2^53 - 1 at 0"),
  inBytes("FP64", doubles(Number.POSITIVE_INFINITY), "has a number outside the range of FP32 at 0"),
  inBytes("FP64", doubles(Number.NEGATIVE_INFINITY), "has a number outside the range of FP32 at 0"),
  inBytes("FP64", doubles(1e39), "has a number outside the range of FP32 at 0"),
  inBytes("FP32", float(Number.POSITIVE_INFINITY), "has a number outside the range of FP32 at 0"),
  inBytes("FP16", Buffer.of(0, 0x7c), "has a number outside the range of FP32 at 0"),
  inBytes("BF16", Buffer.of(0x80, 0x7f), "has a number outside the range of FP32 at 0"),
  ...["INT8", "INT16", "INT32", "FP16", "FP32"].map((datatype) =>
    inBytes(datatype, doubles(1), "has 8 bytes, and its shape and datatype say"),
  ),
  ...["FP8", "fp64", "STRING", "BYTES", "BOOL", "constructor"].map((datatype) =>
    inBytes(datatype, doubles(1), `has datatype "${datatype}", expected FP32`),
  ),
];

const truths: readonly RawCase[] = [2, 0x7f, 0xff].map((byte) => ({
  name: `the byte ${byte} for a truth`,
  bytes: composeRaw([wind, { ...rain, bytes: Buffer.of(byte) }, region]),
  status: 400,
  says: 'input "rain" has a byte that is neither 0 nor 1',
}));

const texts: readonly RawCase[] = [
  { bytes: text("south", 6), says: "has a value 0 that is longer than what there is" },
  { bytes: text("south", 2 ** 32 - 1), says: "has a value 0 that is longer than what there is" },
  { bytes: text("south", 4), says: "has a length that breaks off" },
  { bytes: text("south", 1), says: "has a value 1 that is longer than what there is" },
  { bytes: Buffer.of(1, 0), says: "has a length that breaks off" },
  { bytes: Buffer.alloc(0), says: "has 0 values, and its shape says 1" },
  { bytes: Buffer.concat([text("south"), text("north")]), says: "has more than the 1 values that its shape says" },
  { bytes: text(Buffer.of(0xff)), says: "has a value 0 that is not UTF-8" },
  { bytes: text(Buffer.of(0xed, 0xa0, 0x80)), says: "has a value 0 that is not UTF-8" },
  { bytes: text(Buffer.of(0xc0, 0x80)), says: "has a value 0 that is not UTF-8" },
].map(({ bytes, says }) => ({
  name: `the bytes ${bytes.toString("hex")} for a text`,
  bytes: composeRaw([wind, rain, { ...region, bytes }]),
  status: 400,
  says: `input "region" ${says}`,
}));

/** Each is refused with what does not fit together. */
export const binaryCases: readonly RawCase[] = [
  ...lengths,
  ...partLengths,
  ...sizes,
  ...shapes,
  ...values,
  ...truths,
  ...texts,
];
