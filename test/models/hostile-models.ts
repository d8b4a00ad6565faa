/**
 * Models that somebody made to do harm, one for each way that is known: each with what admission must say of it.
 * @module
 */
import {
  branch,
  call,
  elsewhere,
  features,
  functionChain,
  good,
  loopModel,
  modelOf,
  modelWith,
  nested,
  note,
  pickled,
  probability,
  sizedModel,
  tensorOf,
  treeModel,
  two,
} from "./hostile-parts.ts";
import {
  bytes,
  externalTensor,
  floats,
  graph,
  integer,
  integerAttribute,
  integerTensor,
  join,
  localFunction,
  model,
  node,
  opset,
  text,
  value,
} from "./onnx-bytes.ts";

/** A file, and the reason for which it is refused. */
export interface HostileModel {
  readonly title: string;
  readonly file: Uint8Array;
  readonly reason: RegExp;
}
const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
  // Data outside the file: ONNX CVE-2022-25882, CVE-2024-27318, CVE-2025-51480, Keras CVE-2026-1669.
  ...["../secret", "sub/../../secret", "/etc/passwd", "/dev/zero", "/proc/self/environ", "link", "weights.bin"].map(
    (location) =>
      [`data at ${location}`, modelWith(externalTensor("weights", [2, 1], location)), /outside the file/] as const,
  ),
  ["data at an address of memory", modelWith(elsewhere("*/_ORT_MEM_ADDR_/*", { offset: "4096" })), /outside the file/],
  ["data before the beginning of a file", modelWith(elsewhere("a", { offset: "-8" })), /outside the file/],
  ["data of 2^33 bytes", modelWith(elsewhere("a", { length: "8589934592" })), /outside the file/],
  ["data at __proto__", modelWith(elsewhere("a", { __proto__x: "1", constructor: "1" })), /outside the file/],
  [
    "data that are a part of another constant's",
    modelWith(join(tensorOf([2, 1], two), bytes(3, integer(1, 0)))),
    /outside the file/,
  ],
  // Shapes that wrap around: Triton CVE-2026-24173.
  [
    "a constant of 2^31 × 2^31",
    modelWith(tensorOf([2n ** 31n, 2n ** 31n], two)),
    /8 bytes, and its shape .* takes 18446744073709551616/,
  ],
  ["a constant of 2^62 × 8", modelWith(tensorOf([2n ** 62n, 8], two)), /takes 147573952589676412928/],
  ["a constant of a negative shape", modelWith(tensorOf([-1, -2], two)), /has the shape \[-1, -2\]/],
  ["a constant of fewer bytes than its shape", modelWith(tensorOf([2, 2], two)), /takes 16/],
  ["a constant of more bytes than its shape", modelWith(tensorOf([1, 1], two)), /takes 4/],
  [
    "a constant with no end of dimensions",
    modelWith(
      tensorOf(
        Array.from({ length: 1000 }, () => 1),
        floats([1]),
      ),
    ),
    /1000 dimensions/,
  ],
  ["a constant of no type", modelWith(tensorOf([2, 1], two, 99)), /type 99/],
  ["a constant with its data twice", modelWith(join(tensorOf([2, 1], two), bytes(4, two))), /its data twice/],
  [
    "a constant with data of another type",
    modelWith(join(integer(1, 2), integer(1, 1), integer(2, 1), text(8, "weights"), integer(5, 1), integer(5, 1))),
    /of another type/,
  ],
  ["texts as bare bytes", modelWith(tensorOf([2, 1], two, 8)), /texts as bare bytes/],
  [
    "a sparse constant",
    join(
      integer(1, 8),
      bytes(8, opset("", 15)),
      bytes(7, join(graph({ inputs: [features], outputs: [probability], nodes: [] }), bytes(15, text(8, "x")))),
    ),
    /not zero/,
  ],
  // Functions: CVE class of the stack, and of numbers that double with each call.
  ["functions 100 deep", functionChain(100), /100 deep, and at most 64/],
  ["functions 3,000 deep", functionChain(3_000), /3000 deep/],
  ["functions 20,000 deep", functionChain(20_000), /20000 deep/],
  ["functions of two calls each, 60 deep", functionChain(60, 2), /nodes once each call is replaced/],
  [
    "a function that calls itself",
    modelOf(
      [node({ op: "f", domain: "local", inputs: ["features"], outputs: ["probability"] })],
      [],
      [localFunction("f", [node({ op: "f", domain: "local", inputs: ["x"], outputs: ["y"] })])],
    ),
    /calls itself/,
  ],
  [
    "functions that call each other",
    modelOf(
      [node({ op: "f", domain: "local", inputs: ["features"], outputs: ["probability"] })],
      [],
      [
        localFunction("f", [node({ op: "g", domain: "local", inputs: ["x"], outputs: ["y"] })]),
        localFunction("g", [node({ op: "f", domain: "local", inputs: ["x"], outputs: ["y"] })]),
      ],
    ),
    /calls itself/,
  ],
  [
    "a function in the place of an operator",
    join(
      call("Sigmoid"),
      bytes(
        25,
        join(
          text(1, "Sigmoid"),
          text(4, "x"),
          text(5, "y"),
          text(10, ""),
          bytes(9, opset("", 15)),
          bytes(7, node({ op: "Neg", inputs: ["x"], outputs: ["y"] })),
        ),
      ),
    ),
    /a domain of ONNX itself/,
  ],
  [
    "a function that is there twice",
    modelOf([], [], [localFunction("f", []), localFunction("f", [])]),
    /is there twice/,
  ],
  // Memory from a few bytes.
  [
    "2^27 floats of 64 bytes",
    sizedModel("ConstantOfShape", ["shape"], [integerTensor("shape", [1], [2n ** 27n])]),
    /134217728 elements/,
  ],
  [
    "2^30 floats of an expansion",
    sizedModel("Expand", ["columns", "shape"], [integerTensor("shape", [1], [2n ** 30n])]),
    /Expand makes/,
  ],
  [
    "2^40 floats of a repetition",
    sizedModel("Tile", ["columns", "shape"], [integerTensor("shape", [1], [2n ** 40n])]),
    /Tile makes/,
  ],
  [
    "2^33 numbers of a range",
    sizedModel(
      "Range",
      ["from", "to", "step"],
      [integerTensor("from", [], [0n]), integerTensor("to", [], [2n ** 33n]), integerTensor("step", [], [1n])],
    ),
    /Range makes/,
  ],
  [
    "padding of 2^40",
    sizedModel("Pad", ["features", "pads"], [integerTensor("pads", [4], [0n, 0n, 2n ** 40n, 0n])]),
    /Pad makes/,
  ],
  [
    "many that are each within the cap",
    sizedModel(
      "ConstantOfShape",
      ["shape"],
      [integerTensor("shape", [1], [2n ** 23n])],
      Array.from({ length: 4 }, (_, at) => node({ op: "ConstantOfShape", inputs: ["shape"], outputs: [`more${at}`] })),
    ),
    /all such together/,
  ],
  [
    "a pooling window of 2^40",
    modelOf([
      node({
        op: "AveragePool",
        inputs: ["features"],
        outputs: ["probability"],
        attributes: [join(text(1, "kernel_shape"), integer(8, 2n ** 40n), integer(20, 7))],
      }),
    ]),
    /"kernel_shape"/,
  ],
  // Memory from a request.
  [
    "a size that a request says",
    sizedModel(
      "ConstantOfShape",
      ["shape"],
      [],
      [node({ op: "Cast", inputs: ["features"], outputs: ["shape"], attributes: [integerAttribute("to", 7)] })],
    ),
    /as the values of a request say/,
  ],
  [
    "a range that a request says",
    sizedModel(
      "Range",
      ["from", "to", "step"],
      [integerTensor("from", [], [0n]), integerTensor("step", [], [1n])],
      [node({ op: "ReduceMax", inputs: ["features"], outputs: ["to"] })],
    ),
    /as the values of a request say/,
  ],
  [
    "a size that a request says, behind a function",
    modelOf(
      [node({ op: "f", domain: "local", inputs: ["features"], outputs: ["probability"] })],
      [],
      [localFunction("f", [node({ op: "ConstantOfShape", inputs: ["x"], outputs: ["y"] })])],
    ),
    /as the values of a request say/,
  ],
  // Endless work, and chance.
  ["a loop of 2^62 turns", loopModel(2n ** 62n), /Loop runs a graph/],
  [
    "a loop in a function",
    modelOf(
      [node({ op: "f", domain: "local", inputs: ["features"], outputs: ["probability"] })],
      [],
      [localFunction("f", [node({ op: "Loop", inputs: ["x"], outputs: ["y"] })])],
    ),
    /Loop runs a graph/,
  ],
  ["a scan", call("Scan"), /Scan runs a graph/],
  ["a choice of graphs", call("If"), /If runs a graph/],
  ["graphs in graphs, 400 deep", nested(400), /over 16 deep/],
  ["a random number", call("RandomNormalLike"), /none that is admitted/],
  ["a pattern of a regular expression", call("RegexFullMatch"), /none that is admitted/],
  ["a picture that is decoded", call("ImageDecoder"), /none that is admitted/],
  ["an operator of a library", call("Run", "evil"), /domain "evil", which is not ONNX/],
  ["an operator of one runtime", call("Inverse", "com.microsoft"), /domain "com.microsoft"/],
  ["an operator newer than its opset", call("Gelu"), /Gelu is not in opset 15/],
  ["an operator called constructor", call("constructor"), /none that is admitted/],
  [
    "more than 100,000 nodes",
    modelOf(Array.from({ length: 100_001 }, () => node({ op: "Abs", inputs: ["features"], outputs: ["y"] }))),
    /more than 100000 nodes/,
  ],
  [
    "trees with a way back",
    treeModel({
      ...branch,
      modes: ["BRANCH_LEQ", "BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF"],
      features: [0, 0, 0, 0, 0],
      yes: [3, 2, 1, 0, 0],
      no: [4, 3, 4, 0, 0],
    }),
    /meet again|leads back/,
  ],
  [
    "a ring of nodes",
    treeModel({
      modes: ["LEAF", "BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF"],
      features: [0, 0, 0, 0, 0],
      yes: [0, 2, 1, 0, 0],
      no: [0, 3, 4, 0, 0],
    }),
    /leads back/,
  ],
  ["a tree that leads nowhere", treeModel({ ...branch, yes: [7, 0, 0] }), /one that is not there/],
  [
    "a tree of a feature that is not there",
    treeModel({ ...branch, features: [2_000_000, 0, 0] }),
    /asks for feature 2000000 of rows that have 2/,
  ],
  ["a tree of uneven lists", treeModel({ ...branch, yes: [1, 0] }), /3 nodes, and 2 "nodes_truenodeids"/],
  ["a tree with fewer thresholds than nodes", treeModel({ ...branch, values: 1 }), /3 nodes, and 1 "nodes_values"/],
  ["a tree of nothing", treeModel({ modes: [], features: [], yes: [], no: [] }), /no nodes/],
  // Names that every object has: ONNX CVE-2026-34445.
  ["a note __proto__", note("__proto__"), /the key "__proto__"/],
  ["a note constructor", note("constructor"), /the key "constructor"/],
  [
    "an output called __proto__",
    model(
      graph({
        inputs: [features],
        outputs: [value("__proto__", "float", ["rows", 1])],
        nodes: [node({ op: "Identity", inputs: ["features"], outputs: ["__proto__"] })],
      }),
    ),
    /called "__proto__"/,
  ],
  // Bytes that two readers read in two ways.
  [
    "two graphs",
    join(good, bytes(7, graph({ inputs: [], outputs: [], nodes: [] }))),
    /"graph" of the model is there twice/,
  ],
  ["two opsets of one domain", join(good, bytes(8, opset("", 11))), /two opsets of ONNX/],
  ["two opsets of one domain by two names", join(good, bytes(8, opset("ai.onnx", 11))), /two opsets of ONNX/],
  [
    "an opset of the future",
    join(
      integer(1, 8),
      bytes(8, join(text(1, ""), integer(2, 2n ** 40n))),
      bytes(7, graph({ inputs: [features], outputs: [probability], nodes: [] })),
    ),
    /opset 1099511627776 of ONNX/,
  ],
  ["no graph", join(integer(1, 8), bytes(8, opset("", 15))), /no graph/],
  [
    "no opset",
    join(
      integer(1, 8),
      bytes(
        7,
        graph({
          inputs: [features],
          outputs: [probability],
          nodes: [node({ op: "Scaler", domain: "ai.onnx.ml", inputs: ["features"], outputs: ["probability"] })],
        }),
      ),
    ),
    /no opset of its domain/,
  ],
  ["how it is trained", join(good, bytes(20, text(1, "x"))), /how it is to be trained/],
  [
    "a field longer than the file",
    join(good, Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f)),
    /longer than what it stands in/,
  ],
  ["a number without end", join(good, new Uint8Array(12).fill(0xff)), /more than 64 bits/],
  ["a group", join(good, Uint8Array.of(0x3b, 0x3c)), /kind that ONNX does not have/],
  ["a graph that is a number", join(integer(1, 8), integer(7, 1)), /of another kind/],
  [
    "a name that is no text",
    modelOf([join(text(1, "features"), bytes(4, Uint8Array.of(0xff, 0xfe)))]),
    /no text in UTF-8/,
  ],
  ["a truncated model", good.subarray(0, good.length - 20), /no ONNX file/],
  ["nothing of a model", new Uint8Array(64), /number 0/],
  // Anything but ONNX: MLflow CVE-2024-37052 to 37060, by what is in it.
  ["an empty file", new Uint8Array(), /it is empty/],
  ...["\x80\x02c", "\x80\x03c", "\x80\x04c", "\x80\x05c"].map(
    (start, at) => [`a pickle of protocol ${at + 2}`, pickled(start), /Python pickle/] as const,
  ),
  ["a pickle of protocol 0", Buffer.from("cposix\nsystem\n(S'id'\ntR."), /pickle of an old protocol/],
  [
    "a pickle in an archive",
    Buffer.from("PK\x03\x04\0\0archive/data.pkl\x80\x02", "latin1"),
    /ZIP archive with a Python pickle/,
  ],
  ["a pickle in a 7z archive", Buffer.from("7z\xbc\xaf\x27\x1c\0\x04", "latin1"), /7z archive/],
  ["HDF5", Buffer.from("\x89HDF\r\n\x1a\n", "latin1"), /HDF5/],
  [
    "safetensors",
    Buffer.concat([Buffer.from([16, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{"weights": {}} ')]),
    /safetensors/,
  ],
  ["an array of NumPy", Buffer.from("\x93NUMPY\x01\0", "latin1"), /NumPy/],
];

/** One for each way. */
export const hostileModels: readonly HostileModel[] = cases.map(([title, file, reason]) => ({ title, file, reason }));
