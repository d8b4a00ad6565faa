/**
 * Tensors of the Open Inference Protocol: which datatypes carry which feature, and their values, checked. Pure.
 * @module
 */
import { z } from "zod";
import type { ModelPackage } from "../models/model-package.ts";
import { LostFraction } from "./json-body.ts";
import { readRaw } from "./raw-tensor.ts";

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

/** The inclusive bounds of integer datatypes; undefined for those that are none. */
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
  FP16: undefined,
  BF16: undefined,
};

/** What has no form in JSON, nor in the lists of gRPC. */
const rawAlone: readonly string[] = ["FP16", "BF16"];

const accepted: Readonly<Record<InputType, readonly string[]>> = {
  number: Object.keys(integerBounds),
  boolean: ["BOOL"],
  category: ["BYTES"],
};

const named = { name: z.string(), datatype: z.string(), shape: z.array(z.int().min(0)) };

/** A tensor whose values are written out. */
export const tensorSchema = z.object({ ...named, data: z.array(z.unknown()) });

/** A tensor whose values are bytes elsewhere, as many as it says. */
export const rawTensorSchema = z.object({
  ...named,
  parameters: z.looseObject({ binary_data_size: z.int().min(0) }),
  data: z.undefined().optional(),
});

/** A tensor with its values, or with the bytes of them. */
export type Tensor = Omit<z.output<typeof tensorSchema>, "data"> &
  ({ readonly data: readonly unknown[] } | { readonly raw: Uint8Array });

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
  // What bytes hold is told by the datatype alone.
  if (problems.length > 0 && "raw" in tensor) return { values: [], problems };
  const { data, problem } = listValues(tensor, rows);
  if (problem !== undefined) problems.push(`${at} has ${problem}`);

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

/** The values of a tensor, one row after the other, and what is wrong with how they are given. @param count how many its shape says */
export function listValues(
  tensor: Tensor,
  count: number,
): { readonly data: readonly unknown[]; readonly problem?: string } {
  if ("raw" in tensor) {
    const reading = readRaw(tensor.raw, tensor.datatype, count);
    return "values" in reading ? { data: reading.values } : { data: [], problem: reading.problem };
  }
  const { data, shape, datatype } = tensor;
  if (rawAlone.includes(datatype)) return { data: [], problem: `datatype ${datatype}, which comes as bytes alone` };
  const [, width = 1] = shape;
  const nested =
    shape.length === 2 && data.length > 0 && data.every((item) => Array.isArray(item) && item.length === width);
  const flat = nested ? data.flat(1) : data;
  if (flat.length === count) return { data: flat };
  return { data: flat, problem: `${flat.length} values, its shape says ${count}` };
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
      if (typeof value !== "string") return new Misfit(`${describe(value)} instead of a string`);
      return value.isWellFormed() ? value : new Misfit("a string with half a character");
    case "number": {
      if (value instanceof LostFraction) {
        if (integerBounds[datatype]) return new Misfit(`${value.source.slice(0, 40)} instead of an integer`);
        return checkValue(Number(value.source), type, datatype);
      }
      if (typeof value === "bigint") return narrow(value);
      if (typeof value !== "number") return new Misfit(`${describe(value)} instead of a number`);
      // Bytes have no other way to say that a value is missing.
      if (Number.isNaN(value)) return null;
      return fitsDatatype(value, datatype) ? value : new Misfit(describeMisfit(value, datatype));
    }
  }
}

/**
 * Whether a number is one of a datatype, and one that a model can compute with: they compute in single precision, beyond whose
 * range there is only infinity. JSON's 1e999 is read as infinity too.
 */
export function fitsDatatype(value: unknown, datatype: string): boolean {
  if (typeof value !== "number" || !Number.isFinite(Math.fround(value))) return false;
  const bounds = integerBounds[datatype];
  // Of a larger integer in JSON nobody knows any more what it was.
  return bounds === undefined || (Number.isSafeInteger(value) && value >= bounds[0] && value <= bounds[1]);
}

function describeMisfit(value: number, datatype: string): string {
  const bounds = integerBounds[datatype];
  if (bounds && !Number.isInteger(value)) return `${value} instead of an integer`;
  if (bounds && (value < bounds[0] || value > bounds[1])) return `${value}, which is outside ${datatype},`;
  if (bounds && !Number.isSafeInteger(value)) return "an integer beyond 2^53 - 1";
  return "a number outside the range of FP32";
}

/** Features are computed in double precision: an integer that it cannot hold would be another one. */
function narrow(value: bigint): number | Misfit {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : new Misfit(`an integer beyond 2^53 - 1`);
}

function describe(value: unknown): string {
  if (value === undefined) return "bytes that are not UTF-8";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
