/**
 * Tensors of the Open Inference Protocol in JSON: which datatypes carry which feature, and their values, checked. Pure.
 * @module
 */
import { z } from "zod";
import type { ModelPackage } from "../models/model-package.ts";

/** A value of a feature as a caller sends it. JSON null is a missing value, as training rows have them. */
export type TensorValue = number | boolean | string | null;

/** The type of a model's input. */
type InputType = ModelPackage["inputs"][number]["type"];

/** What metadata declare for each type of input; other datatypes of `accepted` are taken too. */
export const declaredDatatype: Readonly<Record<InputType, string>> = {
  number: "FP64",
  boolean: "BOOL",
  category: "BYTES",
};

/** The inclusive bounds of integer datatypes, as far as a JSON number tells them apart; undefined for those that are none. */
const integerBounds: Readonly<Record<string, readonly [number, number] | undefined>> = {
  FP32: undefined,
  FP64: undefined,
  INT8: [-(2 ** 7), 2 ** 7 - 1],
  INT16: [-(2 ** 15), 2 ** 15 - 1],
  INT32: [-(2 ** 31), 2 ** 31 - 1],
  INT64: [-(2 ** 63), 2 ** 63],
  UINT8: [0, 2 ** 8 - 1],
  UINT16: [0, 2 ** 16 - 1],
  UINT32: [0, 2 ** 32 - 1],
  UINT64: [0, 2 ** 64],
};

const accepted: Readonly<Record<InputType, readonly string[]>> = {
  number: Object.keys(integerBounds),
  boolean: ["BOOL"],
  category: ["BYTES"],
};

export const tensorSchema = z.object({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.int().min(0)),
  data: z.array(z.unknown()),
});
export type Tensor = z.output<typeof tensorSchema>;

/** The values of a tensor for an input, and everything that is wrong with it. */
export interface TensorReading {
  readonly values: readonly TensorValue[];
  readonly problems: readonly string[];
}

/** Reads a tensor of shape [n] or [n, 1], its data flat or nested as the shape is. */
export function readTensor(tensor: Tensor, type: InputType): TensorReading {
  const at = `input "${tensor.name}"`;
  const { datatype, shape } = tensor;
  const problems: string[] = [];
  if (!accepted[type].includes(datatype)) {
    problems.push(`${at} has datatype "${datatype}", expected ${accepted[type].join(", ")}`);
  }
  const [rows = -1, width = 1] = shape;
  if (rows < 0 || shape.length > 2 || width !== 1) {
    problems.push(`${at} has shape [${shape.join(", ")}], expected [n] or [n, 1]`);
    return { values: [], problems };
  }
  const nested =
    shape.length === 2 &&
    tensor.data.length > 0 &&
    tensor.data.every((item) => Array.isArray(item) && item.length === 1);
  const data: readonly unknown[] = nested ? tensor.data.flat(1) : tensor.data;
  if (data.length !== rows) problems.push(`${at} has ${data.length} values, its shape says ${rows}`);

  const values: TensorValue[] = [];
  let misfits = 0;
  for (const [i, item] of data.entries()) {
    const checked = checkValue(item, type, datatype);
    if (!(checked instanceof Misfit)) values.push(checked);
    else if (misfits++ === 0) problems.push(`${at} has ${checked.what} at ${i}`);
  }
  if (misfits > 1) problems.push(`${at} has ${misfits - 1} more that ${misfits === 2 ? "does" : "do"} not fit`);
  return { values, problems };
}

/** What is wrong with a value. */
class Misfit {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

function checkValue(value: unknown, type: InputType, datatype: string): TensorValue | Misfit {
  if (value === null) return null;
  switch (type) {
    case "boolean":
      return typeof value === "boolean" ? value : new Misfit(`${describe(value)} instead of a boolean`);
    case "category":
      return typeof value === "string" ? value : new Misfit(`${describe(value)} instead of a string`);
    case "number": {
      if (typeof value !== "number") return new Misfit(`${describe(value)} instead of a number`);
      const bounds = integerBounds[datatype];
      if (bounds && !Number.isInteger(value)) return new Misfit(`${value} instead of an integer`);
      if (bounds && (value < bounds[0] || value > bounds[1]))
        return new Misfit(`${value}, which is outside ${datatype},`);
      // Models compute in single precision: beyond its range there is only infinity. JSON's 1e999 is read as infinity too.
      return Number.isFinite(Math.fround(value)) ? value : new Misfit("a number outside the range of FP32");
    }
  }
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
