import { describe, expect, it } from "vitest";
import { Refusal } from "../../framework/http/refusal.ts";
import { readInferenceRequest } from "../../framework/serving/inference-request.ts";
import { mostRows } from "../../framework/serving/limits.ts";

const inputs = [
  { name: "distance", type: "number" as const },
  { name: "weekend", type: "boolean" as const },
  { name: "origin", type: "category" as const },
];
const outputs = ["probability", "label"];

const distance = { name: "distance", datatype: "FP64", shape: [2], data: [1.5, null] };
const weekend = { name: "weekend", datatype: "BOOL", shape: [2], data: [true, false] };
const origin = { name: "origin", datatype: "BYTES", shape: [2], data: ["ATL", "ÅÄÖ"] };
const sound = { inputs: [distance, weekend, origin] };

function read(body: unknown) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return readInferenceRequest({ json: bytes, raw: new Uint8Array() }, { inputs }, outputs);
}

function refusal(body: unknown): string {
  try {
    read(body);
  } catch (error) {
    if (error instanceof Refusal) {
      expect(error.status).toBe(400);
      return error.message;
    }
    throw error;
  }
  throw new Error("the request was taken");
}

/** The sound request with one input changed. */
function withDistance(change: object) {
  return { inputs: [{ ...distance, ...change }, weekend, origin] };
}

describe("a sound inference request", () => {
  it("gives columns in the order of the model's inputs, whatever the order they came in", () => {
    const { columns, rows } = read({ inputs: [origin, distance, weekend] });
    expect(rows).toBe(2);
    expect(Object.entries(columns)).toEqual([
      ["distance", [1.5, null]],
      ["weekend", [true, false]],
      ["origin", ["ATL", "ÅÄÖ"]],
    ]);
  });

  it.each(["FP32", "FP64", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"])(
    "takes numbers as %s",
    (datatype) => {
      expect(read(withDistance({ datatype, data: [1, null] })).columns["distance"]).toEqual([1, null]);
    },
  );

  it.each([
    ["flat", [1, 2]],
    ["nested", [[1], [2]]],
  ])("takes columns of shape [n, 1], %s", (_title, data) => {
    expect(read(withDistance({ shape: [2, 1], data })).columns["distance"]).toEqual([1, 2]);
  });

  it("takes null for a missing value of every type", () => {
    const tensors = sound.inputs.map((tensor) => ({ ...tensor, shape: [1], data: [null] }));
    expect(read({ inputs: tensors }).columns).toEqual({ distance: [null], weekend: [null], origin: [null] });
  });

  it("answers with all outputs, or those asked for in their order", () => {
    const all = outputs.map((name) => ({ name, isBinary: false }));
    expect(read(sound).outputs).toEqual(all);
    expect(read({ ...sound, outputs: [] }).outputs).toEqual(all);
    expect(read({ ...sound, outputs: [{ name: "label" }] }).outputs).toEqual([{ name: "label", isBinary: false }]);
  });

  it("keeps the caller's id, and takes an empty one for none", () => {
    expect(read({ ...sound, id: "a-1" }).id).toBe("a-1");
    expect(read({ ...sound, id: "" }).id).toBeUndefined();
  });

  it("ignores parameters and what the protocol does not know", () => {
    expect(read({ ...sound, parameters: { binary_data_output: true, priority: 1 }, later: {} }).rows).toBe(2);
  });

  it("takes a byte order mark, and as many rows as are allowed", () => {
    expect(read(Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(JSON.stringify(sound))])).rows).toBe(2);
    const many = sound.inputs.map((tensor) => ({ ...tensor, shape: [mostRows], data: new Array(mostRows).fill(null) }));
    expect(read({ inputs: many }).rows).toBe(mostRows);
  });

  it("is not led astray by names that objects inherit", () => {
    expect(read(`{"__proto__":{"rows":1},"inputs":${JSON.stringify(sound.inputs)}}`).rows).toBe(2);
    expect(refusal(`{"inputs":[{"name":"__proto__","datatype":"FP64","shape":[1],"data":[1]}]}`)).toContain(
      'there is no input "__proto__"',
    );
    expect({}).not.toHaveProperty("rows");
  });
});

describe("a request that cannot be taken", () => {
  const many = mostRows + 1;
  const cases: readonly (readonly [title: string, body: unknown, message: string])[] = [
    ["an empty body", "", "the body is not JSON in UTF-8"],
    ["no JSON", "{inputs", "the body is not JSON in UTF-8"],
    ["cut JSON", JSON.stringify(sound).slice(0, -2), "the body is not JSON in UTF-8"],
    ["two documents", "{}{}", "the body is not JSON in UTF-8"],
    ["NaN, as Python writes it", '{"inputs":[NaN]}', "the body is not JSON in UTF-8"],
    ["Infinity, as Python writes it", '{"inputs":[Infinity]}', "the body is not JSON in UTF-8"],
    ["a comment", "/* */{}", "the body is not JSON in UTF-8"],
    ["bytes that are no UTF-8", Buffer.from([0x22, 0xff, 0x22]), "the body is not JSON in UTF-8"],
    ["UTF-16", Buffer.from(JSON.stringify(sound), "utf16le"), "the body is not JSON in UTF-8"],
    ["very deep nesting", "[".repeat(200_000), "stand in one another more than 32 deep"],
    ["a key twice", `{"inputs":[],"inputs":[]}`, "an object of the body has a key twice"],
    ["a form", "inputs=1", "the body is not JSON in UTF-8"],
    ["null", null, "the request: "],
    ["a number", 1, "the request: "],
    ["a string", '"inputs"', "the request: "],
    ["a list", [sound], "the request: "],
    ["nothing in it", {}, "inputs: "],
    ["the protocol before", { instances: [[1]] }, "inputs: "],
    ["inputs that are an object", { inputs: { distance } }, "inputs: "],
    ["inputs that are null", { inputs: null }, "inputs: "],
    ["an id that is a number", { ...sound, id: 1 }, "id: "],
    ["an id that is null", { ...sound, id: null }, "id: "],
    ["an id that is very long", { ...sound, id: "a".repeat(257) }, "id: "],
    ["parameters that are a list", { ...sound, parameters: [] }, "parameters: "],
    ["a parameter that is an object", { ...sound, parameters: { a: {} } }, "parameters.a: "],
    ["outputs that are names", { ...sound, outputs: ["label"] }, "outputs[0]: "],
    ["outputs that are an object", { ...sound, outputs: {} }, "outputs: "],
    ["an output without a name", { ...sound, outputs: [{}] }, "outputs[0].name: "],
    [
      "an output that is none",
      { ...sound, outputs: [{ name: "score" }] },
      'there is no output "score", only "probability", "label"',
    ],
    [
      "an output asked for twice",
      { ...sound, outputs: [{ name: "label" }, { name: "label" }] },
      'output "label" is asked for twice',
    ],
    ["classification", { ...sound, outputs: [{ name: "label", parameters: { classification: 2 } }] }, "classification"],
    [
      "a hundred thousand inputs",
      { inputs: new Array(100_000).fill(0) },
      "the request has 100000 inputs, and the model has 3",
    ],
    ["no inputs", { inputs: [] }, 'missing inputs: "distance", "weekend", "origin"'],
    ["a missing input", { inputs: [distance, weekend] }, 'missing inputs: "origin"'],
    [
      "an input that is none",
      { inputs: [...sound.inputs, { ...distance, name: "speed" }] },
      'there is no input "speed"',
    ],
    [
      "an input in other letters",
      { inputs: [{ ...distance, name: "Distance" }, weekend, origin] },
      'there is no input "Distance"; missing inputs: "distance"',
    ],
    ["an input given twice", { inputs: [...sound.inputs, distance] }, 'input "distance" is given twice'],
    ["an input that is null", { inputs: [null, weekend, origin] }, "inputs[0]: "],
    ["an input that is a list", { inputs: [[1], weekend, origin] }, "inputs[0]: "],
    ["an input without a name", withDistance({ name: undefined }), "inputs[0].name: "],
    ["a name that is a number", withDistance({ name: 5 }), "inputs[0].name: "],
    ["an input without a datatype", withDistance({ datatype: undefined }), "inputs[0].datatype: "],
    ["an input without a shape", withDistance({ shape: undefined }), "inputs[0].shape: "],
    ["an input without data", withDistance({ data: undefined }), "inputs[0].data: "],
    ["data that are one value", withDistance({ data: 1 }), "inputs[0].data: "],
    ["data that are an object", withDistance({ data: { 0: 1, 1: 2 } }), "inputs[0].data: "],
    ["data that are a string", withDistance({ data: "1,2" }), "inputs[0].data: "],
    [
      "binary data without any",
      withDistance({ data: undefined, parameters: { binary_data_size: 16 } }),
      'inputs[0] has a "binary_data_size" that is no part of what follows the JSON',
    ],
    [
      "a datatype that is none",
      withDistance({ datatype: "double" }),
      'input "distance" has datatype "double", expected FP32, FP64, INT8',
    ],
    ["a datatype in small letters", withDistance({ datatype: "fp64" }), 'has datatype "fp64"'],
    ["strings for numbers by datatype", withDistance({ datatype: "BYTES", data: ["1", "2"] }), 'has datatype "BYTES"'],
    [
      "numbers for booleans by datatype",
      { inputs: [distance, { ...weekend, datatype: "INT8", data: [1, 0] }, origin] },
      "expected BOOL",
    ],
    [
      "numbers for categories by datatype",
      { inputs: [distance, weekend, { ...origin, datatype: "INT32", data: [1, 0] }] },
      "expected BYTES",
    ],
    ["a scalar", withDistance({ shape: [], data: [1] }), "has shape [], expected [n] or [n, 1]"],
    ["a row instead of a column", withDistance({ shape: [1, 2] }), "has shape [1, 2], expected [n] or [n, 1]"],
    ["three dimensions", withDistance({ shape: [2, 1, 1] }), "has shape [2, 1, 1], expected [n] or [n, 1]"],
    ["a negative size", withDistance({ shape: [-1] }), "inputs[0].shape[0]: "],
    ["a broken size", withDistance({ shape: [1.5] }), "inputs[0].shape[0]: "],
    ["a size as text", withDistance({ shape: ["2"] }), "inputs[0].shape[0]: "],
    ["too few values", withDistance({ data: [1] }), 'input "distance" has 1 values, its shape says 2'],
    ["too many values", withDistance({ data: [1, 2, 3] }), 'input "distance" has 3 values, its shape says 2'],
    ["a huge shape", withDistance({ shape: [2 ** 40] }), "its shape says 1099511627776"],
    [
      "data nested unlike the shape",
      withDistance({ shape: [2], data: [[1], [2]] }),
      "has a list instead of a number at 0",
    ],
    ["data nested in part", withDistance({ shape: [2, 1], data: [[1], 2] }), "has a list instead of a number at 0"],
    [
      "data nested too deep",
      withDistance({ shape: [2, 1], data: [[[1]], [[2]]] }),
      "has a list instead of a number at 0",
    ],
    [
      "a string for a number",
      withDistance({ data: [1, "2"] }),
      'input "distance" has a string instead of a number at 1',
    ],
    ["a boolean for a number", withDistance({ data: [true, 2] }), "has a boolean instead of a number at 0"],
    ["an object for a number", withDistance({ data: [{}, 2] }), "has an object instead of a number at 0"],
    [
      "a fraction for an integer",
      withDistance({ datatype: "INT32", data: [1, 1.5] }),
      "has 1.5 instead of an integer at 1",
    ],
    [
      "an integer out of range",
      withDistance({ datatype: "INT8", data: [1, 128] }),
      "has 128, which is outside INT8, at 1",
    ],
    [
      "a negative number without a sign",
      withDistance({ datatype: "UINT64", data: [1, -1] }),
      "has -1, which is outside UINT64, at 1",
    ],
    [
      "an integer that JSON numbers do not tell apart",
      withDistance({ datatype: "INT64", data: [1, 2 ** 53] }),
      "has an integer beyond 2^53 - 1 at 1",
    ],
    ["half precision in JSON", withDistance({ datatype: "FP16" }), "datatype FP16, which comes as bytes alone"],
    [
      "a number beyond doubles",
      '{"inputs":[{"name":"distance","datatype":"FP64","shape":[1],"data":[1e999]}]}',
      "has a number outside the range of FP32 at 0",
    ],
    [
      "a number beyond the model's precision",
      withDistance({ data: [1e39, 1] }),
      "has a number outside the range of FP32 at 0",
    ],
    [
      "several values that do not fit",
      withDistance({ data: ["a", "b"] }),
      'has a string instead of a number at 0; input "distance" has 1 more that does not fit',
    ],
    [
      "a number for a boolean",
      { inputs: [distance, { ...weekend, data: [1, 0] }, origin] },
      "has a number instead of a boolean at 0",
    ],
    [
      "a string for a boolean",
      { inputs: [distance, { ...weekend, data: ["true", false] }, origin] },
      "has a string instead of a boolean at 0",
    ],
    [
      "a number for a category",
      { inputs: [distance, weekend, { ...origin, data: [7, "ATL"] }] },
      "has a number instead of a string at 0",
    ],
    [
      "no rows",
      { inputs: sound.inputs.map((tensor) => ({ ...tensor, shape: [0], data: [] })) },
      "the inputs have no rows",
    ],
    [
      "columns of different lengths",
      { inputs: [distance, weekend, { ...origin, shape: [1], data: ["ATL"] }] },
      "the inputs have different numbers of rows: 2, 1",
    ],
    [
      "too many rows",
      { inputs: sound.inputs.map((tensor) => ({ ...tensor, shape: [many], data: new Array(many).fill(null) })) },
      "have 10001 rows, at most 10000",
    ],
  ];
  it.each(cases)("%s", (_title, body, message) => {
    expect(refusal(body)).toContain(message);
  });

  it("lists every problem at once", () => {
    const body = {
      inputs: [{ ...distance, datatype: "X", data: [1, "2"] }, { ...weekend, shape: [3] }, { name: "speed" }],
    };
    const message = refusal({ ...body, outputs: [{ name: "score" }] });
    expect(message.split("; ")).toEqual([
      'input "distance" has datatype "X", expected FP32, FP64, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FP16, BF16',
      'input "distance" has a string instead of a number at 1',
      'input "weekend" has 2 values, its shape says 3',
      'there is no input "speed"',
      'missing inputs: "origin"',
      'there is no output "score", only "probability", "label"',
    ]);
  });

  it("lists twenty problems at most, and no name at length", () => {
    const body = { inputs: Array.from({ length: 50 }, (_, i) => ({ name: `${i}`.padEnd(5000, "x") })) };
    const message = refusal(body);
    expect(message).toContain("and 31 more");
    expect(message.length).toBeLessThan(5000);
  });
});
