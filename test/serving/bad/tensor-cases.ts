/**
 * Bodies of JSON whose tensors are none of the model's: datatypes, shapes, data, names.
 * @module
 */
import { ask } from "../storm-model.ts";
import { type BodyCase, sound, windOf, withWind } from "./bad-case.ts";

/** The sound body with one thing written otherwise. */
function swap(from: string, written: string): string {
  return sound.replace(from, () => written);
}

const datatypes: readonly BodyCase[] = [
  ..."fp64 Fp64 FLOAT FLOAT64 DOUBLE TYPE_FP64 INT128 UINT FP128 F64 STRING BOOL BYTES float64 constructor __proto__ toString".split(
    " ",
  ),
  "",
  " FP64",
  "FP64 ",
  "FP64\u0000",
].map((datatype) => ({
  name: `with the datatype ${JSON.stringify(datatype)} for a number`,
  body: withWind({ datatype }),
  says: "expected FP32, FP64, INT8",
}));

const otherDatatypes: readonly BodyCase[] = [
  ...["FP64", "INT8", "UINT8", "BYTES", "bool", "Boolean"].map((datatype) => ({
    name: `with the datatype ${datatype} for a truth`,
    body: swap('"BOOL"', `"${datatype}"`),
    says: `has datatype "${datatype}", expected BOOL`,
  })),
  ...["FP64", "UINT8", "BOOL", "bytes", "STRING"].map((datatype) => ({
    name: `with the datatype ${datatype} for a text`,
    body: swap('"BYTES"', `"${datatype}"`),
    says: `has datatype "${datatype}", expected BYTES`,
  })),
  ...["FP16", "BF16"].map((datatype) => ({
    name: `with ${datatype} in JSON`,
    body: withWind({ datatype }),
    says: `datatype ${datatype}, which comes as bytes alone`,
  })),
  ...["null", "1", "[]", "{}", "true"].map((written) => ({
    name: `with the datatype ${written}`,
    body: swap('"FP64"', written),
    says: "inputs[0].datatype",
  })),
  { name: "without a datatype", body: withWind({ datatype: undefined }), says: "inputs[0].datatype" },
];

const shapes: readonly BodyCase[] = [
  ...["[]", "[1,2]", "[1,1,1]", "[1,0]", "[2,2]"].map((shape) => ({
    name: `of the shape ${shape}`,
    body: sound.replace("[1]", shape),
    says: "expected [n] or [n, 1]",
  })),
  ...["[0]", "[2]", "[10001]", "[4294967296]", "[9007199254740991]"].map((shape) => ({
    name: `of the shape ${shape} and one value`,
    body: sound.replace("[1]", shape),
    says: `has 1 values, its shape says ${shape.slice(1, -1)}`,
  })),
  ...[
    "[-1]",
    "[1.5]",
    '["1"]',
    "[null]",
    "[true]",
    "[[1]]",
    "[{}]",
    "[9007199254740992]",
    "[1e400]",
    "[18446744073709551616]",
  ].map((shape) => ({
    name: `of the shape ${shape}`,
    body: sound.replace("[1]", shape),
    says: "inputs[0].shape[0]: ",
  })),
  ...["null", "1", '"[1]"', "{}", "true"].map((shape) => ({
    name: `of the shape ${shape}`,
    body: sound.replace("[1]", shape),
    says: "inputs[0].shape: ",
  })),
  { name: "without a shape", body: withWind({ shape: undefined }), says: "inputs[0].shape: " },
  {
    name: "of a shape of 17 sizes",
    body: withWind({ shape: new Array(17).fill(1) }),
    says: "has 17 members, at most 16 are read",
  },
  {
    name: "of a shape of a million texts",
    body: withWind({ shape: new Array(1e6).fill("") }),
    says: "has 1000000 members",
  },
  {
    name: "of three dimensions, nested",
    body: withWind({ shape: [1, 1, 1], data: [[[1]]] }),
    says: "expected [n] or [n, 1]",
  },
  {
    name: "nested deeper than its shape",
    body: withWind({ shape: [1, 1], data: [[[1]]] }),
    says: "a list instead of a number",
  },
  { name: "nested in part", body: withWind({ shape: [2, 1], data: [[1], 2] }), says: "a list instead of a number" },
  {
    name: "nested in rows of two lengths",
    body: withWind({ shape: [2, 1], data: [[1], [2, 3]] }),
    says: "a list instead of a number",
  },
  { name: "of more values than its shape", body: withWind({ data: [1, 2] }), says: "has 2 values, its shape says 1" },
  { name: "of no values", body: withWind({ data: [] }), says: "has 0 values, its shape says 1" },
  { name: "of different numbers of rows", body: windOf("FP64", "1", "2"), says: "different numbers of rows: 2, 1" },
];

const data: readonly BodyCase[] = [
  ...["null", "1", '"1"', "{}", "true", '{"0":1,"length":1}'].map((written) => ({
    name: `with the data ${written}`,
    body: sound.replace('"data":[1]', `"data":${written}`),
    says: "inputs[0].data: ",
  })),
  { name: "without data", body: withWind({ data: undefined }), says: "inputs[0].data: " },
];

const names: readonly BodyCase[] = [
  ..."__proto__ constructor toString hasOwnProperty Wind WIND winds features length 0".split(" "),
  "",
  "wind ",
  "wi\u0000nd",
  "wínd",
  "ｗind",
  "w".repeat(5000),
  "../wind",
  "wind\u202e",
].map((name) => ({
  name: `with a tensor ${JSON.stringify(name.slice(0, 20))}`,
  body: withWind({ name }),
  says: `there is no input "${name.slice(0, 100)}`,
}));

const others: readonly BodyCase[] = [
  ...["null", "1", "{}", "[]", "true"].map((written) => ({
    name: `with a tensor by the name ${written}`,
    body: sound.replace('"wind"', written),
    says: "inputs[0].name: ",
  })),
  ...["null", "1", '"wind"', "[]", "true"].map((written) => ({
    name: `with ${written} for a tensor`,
    body: withWind(written),
    says: "inputs[0]",
  })),
  {
    name: "with a tensor too few",
    body: JSON.stringify({ inputs: ask().inputs.slice(1) }),
    says: 'missing inputs: "wind"',
  },
  { name: "with no tensor", body: '{"inputs":[]}', says: 'missing inputs: "wind", "rain", "region"' },
  {
    name: "with a tensor twice",
    body: JSON.stringify({ inputs: [...ask().inputs, ask().inputs[0]] }),
    says: 'input "wind" is given twice',
  },
  {
    name: "with a tensor that nobody knows",
    body: JSON.stringify({ inputs: [...ask().inputs, { ...ask().inputs[0], name: "hail" }] }),
    says: 'there is no input "hail"',
  },
  {
    name: "with 100,000 tensors",
    body: JSON.stringify({ inputs: new Array(100_000).fill({ name: "a" }) }),
    says: "the request has 100000 inputs, and the model has 3",
  },
  {
    name: "with no rows",
    body: JSON.stringify({ inputs: ask().inputs.map((tensor) => ({ ...tensor, shape: [0], data: [] })) }),
    says: "the inputs have no rows",
  },
  {
    name: "with more rows than are taken",
    body: JSON.stringify({
      inputs: ask().inputs.map((tensor) => ({ ...tensor, shape: [10_001], data: new Array(10_001).fill(null) })),
    }),
    says: "the inputs have 10001 rows, at most 10000",
  },
  {
    name: "with a size of bytes that are not there",
    body: withWind({ data: undefined, parameters: { binary_data_size: 8 } }),
    says: 'has a "binary_data_size" that is no part of what follows the JSON',
  },
];

/** Each is refused with which tensor it is. */
export const tensorCases: readonly BodyCase[] = [
  ...datatypes,
  ...otherDatatypes,
  ...shapes,
  ...data,
  ...names,
  ...others,
];
