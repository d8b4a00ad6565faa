/**
 * Messages of gRPC whose fields, lists or bytes are wrong.
 * @module
 */
import { inferenceService } from "../../../framework/serving/grpc/messages.ts";
import { model } from "../storm-model.ts";

export interface GrpcCase {
  readonly name: string;
  readonly bytes: Buffer;
  readonly code: string;
  readonly says: string;
}

const wind = { name: "wind", datatype: "FP64", shape: [1], contents: { fp64_contents: [1] } };
const rain = { name: "rain", datatype: "BOOL", shape: [1], contents: { bool_contents: [false] } };
const region = { name: "region", datatype: "BYTES", shape: [1], contents: { bytes_contents: [Buffer.from("south")] } };

function write(request: object): Buffer {
  return inferenceService.ModelInfer.requestSerialize(request);
}

/** A sound request, of a score of 2.5. */
export const soundMessage = write({ model_name: model, inputs: [wind, rain, region] });

function refused(name: string, request: object, says: string, code = "INVALID_ARGUMENT"): GrpcCase {
  return { name, bytes: write({ model_name: model, inputs: [wind, rain, region], ...request }), code, says };
}

function withWind(name: string, change: object, says: string): GrpcCase {
  return refused(name, { inputs: [{ ...wind, ...change }, rain, region] }, says);
}

const named: readonly GrpcCase[] = [
  ...["", "Storm", "other", "../storm", "storm\0", "__proto__"].map((name) =>
    refused(`for the model ${JSON.stringify(name)}`, { model_name: name }, "there is no such model", "NOT_FOUND"),
  ),
  ...["0", "2", "latest", "1 "].map((version) =>
    refused(
      `for the version ${JSON.stringify(version)}`,
      { model_version: version },
      "there is no such version",
      "NOT_FOUND",
    ),
  ),
  refused("with an id of 257 characters", { id: "a".repeat(257) }, "id: it has more than 256"),
];

const values: readonly GrpcCase[] = [
  withWind(
    "with infinity",
    { contents: { fp64_contents: [Number.POSITIVE_INFINITY] } },
    "outside the range of FP32 at 0",
  ),
  withWind(
    "with a number beyond single precision",
    { contents: { fp64_contents: [-1e39] } },
    "outside the range of FP32 at 0",
  ),
  withWind(
    "with infinity in single precision",
    { datatype: "FP32", contents: { fp32_contents: [-Infinity] } },
    "outside the range of FP32",
  ),
  withWind(
    "with 128 in INT8",
    { datatype: "INT8", contents: { int_contents: [128] } },
    "has 128, which is outside INT8",
  ),
  withWind("with -32769 in INT16", { datatype: "INT16", contents: { int_contents: [-32769] } }, "outside INT16"),
  withWind(
    "with 256 in UINT8",
    { datatype: "UINT8", contents: { uint_contents: [256] } },
    "has 256, which is outside UINT8",
  ),
  withWind("with 65536 in UINT16", { datatype: "UINT16", contents: { uint_contents: [65536] } }, "outside UINT16"),
  ...["9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807"].map((value) =>
    withWind(
      `with ${value} in INT64`,
      { datatype: "INT64", contents: { int64_contents: [value] } },
      "an integer beyond 2^53 - 1 at 0",
    ),
  ),
  withWind(
    "with 2^64 - 1 in UINT64",
    { datatype: "UINT64", contents: { uint64_contents: ["18446744073709551615"] } },
    "beyond 2^53 - 1",
  ),
  withWind("with too few values", { shape: [2] }, "has 1 values, its shape says 2"),
  withWind("with too many values", { contents: { fp64_contents: [1, 2] } }, "has 2 values, its shape says 1"),
  withWind("with no contents", { contents: undefined }, "has 0 values, its shape says 1"),
  refused(
    "with bytes that are no text",
    { inputs: [wind, rain, { ...region, contents: { bytes_contents: [Buffer.of(0xff)] } }] },
    "has bytes that are not UTF-8",
  ),
];

/** In each list but its own, the values of a datatype are nobody's. */
const lists: readonly GrpcCase[] = [
  ...Object.entries({
    fp32_contents: [1],
    int_contents: [1],
    int64_contents: ["1"],
    uint_contents: [1],
    uint64_contents: ["1"],
    bool_contents: [true],
    bytes_contents: [Buffer.from("1")],
  }).flatMap(([list, own]) => [
    withWind(
      `with values in ${list} alone`,
      { contents: { [list]: own } },
      `has values in ${list}, and FP64 has them in fp64_contents`,
    ),
    withWind(
      `with values in ${list} beside its own`,
      { contents: { fp64_contents: [1], [list]: own } },
      `has values in ${list}, and FP64 has them in fp64_contents`,
    ),
  ]),
  withWind(
    "with FP16 in a list",
    { datatype: "FP16", contents: { fp32_contents: [1] } },
    "FP16, which comes as bytes alone",
  ),
];

const tensors: readonly GrpcCase[] = [
  ...[[], [1, 2], [-1], [1, 1, 1], ["9223372036854775807"], ["-9223372036854775808"]].map((shape) =>
    withWind(`of the shape ${JSON.stringify(shape)}`, { shape }, ""),
  ),
  ...["fp64", "DOUBLE", "", "BYTES", "BOOL"].map((datatype) =>
    withWind(`of the datatype ${JSON.stringify(datatype)}`, { datatype }, "expected FP32, FP64"),
  ),
  ...["Wind", "", "__proto__", "constructor"].map((name) =>
    withWind(`with the tensor ${JSON.stringify(name)}`, { name }, `there is no input "${name}"`),
  ),
  withWind(
    "with a tensor whose name ends in half a character once it is cut",
    { name: `${"a".repeat(199)}🌊` },
    "there is no input",
  ),
  withWind("with a tensor of a name that is longer than a header", { name: "🌊".repeat(50_000) }, "there is no input"),
  refused("with no tensors", { inputs: [] }, "missing inputs"),
  refused("with a tensor twice", { inputs: [wind, wind, rain, region] }, 'input "wind" is given twice'),
  refused(
    "with a tensor too many",
    { inputs: [wind, rain, region, { ...wind, name: "hail" }] },
    'there is no input "hail"',
  ),
  refused("with 1,500 tensors", { inputs: new Array(1500).fill(wind) }, "the request has 1500 inputs"),
  refused(
    "with 30 tensors whose names are all to be told",
    { inputs: Array.from({ length: 30 }, (_, i) => ({ ...wind, name: `${i}${"ü".repeat(300)}` })) },
    "there is no input",
  ),
  refused(
    "with 20,000 tensors",
    { inputs: new Array(20_000).fill(wind) },
    "it has more than 10000 tensors, parameters and parts",
  ),
  refused("with an output that there is not", { outputs: [{ name: "score" }] }, 'there is no output "score"'),
  refused(
    "with an output twice",
    { outputs: [{ name: "label" }, { name: "label" }] },
    'output "label" is asked for twice',
  ),
];

const bytesOf = (value: number): Buffer => Buffer.from(Float64Array.of(value).buffer);
const bare = [wind, rain, region].map(({ contents: _contents, ...tensor }) => tensor);
const southBytes = Buffer.concat([Buffer.of(5, 0, 0, 0), Buffer.from("south")]);

function raw(name: string, parts: readonly Buffer[], says: string, inputs: readonly object[] = bare): GrpcCase {
  return refused(name, { inputs, raw_input_contents: parts }, says);
}

const rawParts: readonly GrpcCase[] = [
  raw("with bytes of one tensor of three", [bytesOf(1)], "there are 1 raw_input_contents for 3 inputs"),
  raw(
    "with bytes of four tensors of three",
    [bytesOf(1), Buffer.of(0), southBytes, southBytes],
    "there are 4 raw_input_contents for 3 inputs",
  ),
  raw("with contents beside bytes", [bytesOf(1), Buffer.of(0), southBytes], "contents beside raw_input_contents", [
    wind,
    rain,
    region,
  ]),
  raw(
    "with 7 bytes for a number",
    [Buffer.alloc(7), Buffer.of(0), southBytes],
    "has 7 bytes, and its shape and datatype say 8",
  ),
  raw(
    "with 9 bytes for a number",
    [Buffer.alloc(9), Buffer.of(0), southBytes],
    "has 9 bytes, and its shape and datatype say 8",
  ),
  raw(
    "with infinity in bytes",
    [bytesOf(Number.POSITIVE_INFINITY), Buffer.of(0), southBytes],
    "outside the range of FP32",
  ),
  raw("with the byte 2 for a truth", [bytesOf(1), Buffer.of(2), southBytes], "a byte that is neither 0 nor 1"),
  raw(
    "with a text that is longer than it",
    [bytesOf(1), Buffer.of(0), Buffer.of(9, 0, 0, 0, 65)],
    "a value 0 that is longer than what there is",
  ),
  raw(
    "with a text that is not UTF-8",
    [bytesOf(1), Buffer.of(0), Buffer.of(1, 0, 0, 0, 0xff)],
    "a value 0 that is not UTF-8",
  ),
  raw(
    "with bytes in another order",
    [southBytes, Buffer.of(0), bytesOf(1)],
    "has 9 bytes, and its shape and datatype say 8",
  ),
];

/** A field of bytes by its number. */
function part(field: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of((field << 3) | 2, content.length), content]);
}

const noMessage = "the message is not one of this method";

const bytes: readonly GrpcCase[] = [
  {
    name: "of random bytes",
    bytes: Buffer.from(Array.from({ length: 40 }, (_, i) => (i * 197 + 13) % 256)),
    code: "INVALID_ARGUMENT",
    says: noMessage,
  },
  { name: "that breaks off", bytes: soundMessage.subarray(0, -3), code: "INVALID_ARGUMENT", says: noMessage },
  {
    name: "with a length beyond its end",
    bytes: Buffer.of(0x0a, 0x7f, 0x61),
    code: "INVALID_ARGUMENT",
    says: noMessage,
  },
  { name: "with a number that has no end", bytes: Buffer.alloc(20, 0xff), code: "INVALID_ARGUMENT", says: noMessage },
  { name: "with a group", bytes: Buffer.of(0x0b, 0x0c), code: "INVALID_ARGUMENT", says: noMessage },
  { name: "with a field of the number 0", bytes: Buffer.of(0x02, 0x00), code: "INVALID_ARGUMENT", says: "" },
  { name: "with a wire type that there is not", bytes: Buffer.of(0x0f), code: "INVALID_ARGUMENT", says: noMessage },
  { name: "of JSON", bytes: Buffer.from('{"model_name":"storm"}'), code: "INVALID_ARGUMENT", says: noMessage },
  { name: "of nothing", bytes: Buffer.alloc(0), code: "NOT_FOUND", says: "there is no such model" },
  {
    name: "with a number for the model's name",
    bytes: Buffer.of(0x08, 0x01),
    code: "NOT_FOUND",
    says: "there is no such model",
  },
  {
    name: "with an id that is not UTF-8",
    bytes: Buffer.concat([soundMessage, part(3, Buffer.of(0xff, 0xfe))]),
    code: "INVALID_ARGUMENT",
    says: 'its "id" is not UTF-8',
  },
  {
    name: "with half a character for an id",
    bytes: Buffer.concat([soundMessage, part(3, Buffer.of(0xed, 0xa0, 0x80))]),
    code: "INVALID_ARGUMENT",
    says: 'its "id" is not UTF-8',
  },
  {
    name: "with a model's name that is not UTF-8",
    bytes: part(1, Buffer.of(0xc0, 0xaf)),
    code: "INVALID_ARGUMENT",
    says: 'its "model_name" is not UTF-8',
  },
];

/** Each is answered with a code and a sentence. */
export const grpcCases: readonly GrpcCase[] = [...named, ...values, ...lists, ...tensors, ...rawParts, ...bytes];
