/**
 * Encoding: from the values that people and tables hold to the numbers a model takes. Evaluation and serving share it.
 * @module
 */
import type { ModelPackage } from "./model-package.ts";

/** What decides the encoding: the inputs in their order, and the categories fitted on the training rows. */
export type EncodingSignature = Pick<ModelPackage, "inputs" | "categories">;

/** A value of a feature; `null` and `undefined` are missing. A boolean may also be 0 or 1, as tables hold it. */
export type FeatureValue = number | bigint | boolean | string | null | undefined;

/** The code of a category that is missing, or that no training row had. */
const unknownCategory = -1;

/** The number for a value, or nothing when the value is of the wrong type. */
type ValueEncoder = (value: FeatureValue) => number | undefined;

/**
 * Encodes rows, given by the names of their features, as a matrix of `rows.length` × `inputs.length` in row order.
 *
 * @throws TypeError for a value of another type than its feature's, naming row and feature.
 */
export function encodeRows(
  signature: EncodingSignature,
  rows: readonly Readonly<Record<string, FeatureValue>>[],
): Float32Array<ArrayBuffer> {
  return fill(signature, rows.length, (name) => (row) => rows[row]?.[name]);
}

/**
 * Encodes columns, each `rows` long, as the same matrix.
 *
 * @throws TypeError for a value of another type than its feature's, naming row and feature.
 */
export function encodeColumns(
  signature: EncodingSignature,
  columns: Readonly<Record<string, ArrayLike<FeatureValue>>>,
  rows: number,
): Float32Array<ArrayBuffer> {
  return fill(signature, rows, (name) => {
    const column = columns[name];
    return (row) => column?.[row];
  });
}

function fill(signature: EncodingSignature, rows: number, read: (name: string) => (row: number) => FeatureValue) {
  const width = signature.inputs.length;
  const matrix = new Float32Array(rows * width);
  const encoders = findEncoders(signature);
  for (const [position, { name, type }] of signature.inputs.entries()) {
    const valueAt = read(name);
    const encode = encoders[position];
    if (!encode) throw new Error("every input has an encoder");
    for (let row = 0; row < rows; row++) {
      const value = valueAt(row);
      const code = encode(value);
      if (code === undefined)
        throw new TypeError(`feature "${name}" of row ${row} is a ${typeof value}, expected a ${type}`);
      matrix[row * width + position] = code;
    }
  }
  return matrix;
}

/** Encoders hold a map of each category: made once for a package, not for every request. */
const encodersOf = new WeakMap<EncodingSignature["inputs"], readonly ValueEncoder[]>();

function findEncoders(signature: EncodingSignature): readonly ValueEncoder[] {
  const known = encodersOf.get(signature.inputs);
  if (known) return known;
  const made = signature.inputs.map(({ name, type }) => createEncoder(type, signature.categories[name] ?? []));
  encodersOf.set(signature.inputs, made);
  return made;
}

function createEncoder(type: EncodingSignature["inputs"][number]["type"], categories: readonly string[]): ValueEncoder {
  switch (type) {
    case "number":
      return (value) => {
        if (value === null || value === undefined) return Number.NaN;
        return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
      };
    case "boolean":
      return (value) => {
        if (value === null || value === undefined) return Number.NaN;
        if (typeof value === "boolean") return value ? 1 : 0;
        // NaN is how a table of numbers says that a value is missing.
        return value === 0 || value === 1 || Number.isNaN(value) ? (value as number) : undefined;
      };
    case "category": {
      const codes = new Map(categories.map((value, code) => [value, code]));
      return (value) => {
        if (value === null || value === undefined) return unknownCategory;
        return typeof value === "string" ? (codes.get(value) ?? unknownCategory) : undefined;
      };
    }
  }
}
