/**
 * Encoding: from the values that people and tables hold to the numbers a model takes. Evaluation and serving share it.
 * @module
 */
import { createTransform, type FittedStep } from "../features/fitted-step.ts";
import type { ModelPackage } from "./model-package.ts";

/** What decides the encoding: the inputs in their order, and what was fitted on the training rows. */
export type EncodingSignature = Pick<ModelPackage, "inputs" | "categories" | "fitted">;

/** A value of a feature; `null` and `undefined` are missing. A boolean may also be 0 or 1, as tables hold it. */
export type FeatureValue = number | bigint | boolean | string | null | undefined;

/** The code of a category that is missing, or that no training row had. */
const unknownCategory = -1;

/** Stands for a text that no training row had, of a feature that takes no such text. */
const refused = Symbol("refused");

/** The number for a value; nothing when the value is of the wrong type. */
type ValueEncoder = (value: FeatureValue) => number | typeof refused | undefined;

/**
 * Thrown for texts that no training row had, of features that are declared with `unseen: "error"`. The message goes out to
 * whoever asked: it names the features, and no value of theirs.
 */
export class UnseenCategories extends Error {
  override readonly name = "UnseenCategories";
  /** Each feature, with the first row that has such a text, from 0. */
  readonly features: readonly { readonly name: string; readonly row: number }[];

  constructor(features: UnseenCategories["features"]) {
    const each = features.map(({ name, row }) => `feature "${name}" of row ${row}`).join(", ");
    super(`${each} ${features.length > 1 ? "have values" : "has a value"} that no training row had`);
    this.features = features;
  }
}

/** The encoding of rows that have a label: there is nobody to refuse, and a text that no training row had is missing. */
export function tolerateUnseen({ inputs, categories, fitted = {} }: EncodingSignature): EncodingSignature {
  const tolerated = Object.entries(fitted).filter(([name]) => !refusesUnseen(fitted, name));
  return { inputs, categories, fitted: Object.fromEntries(tolerated) };
}

/** Whether a feature refuses a text that no training row had. */
export function refusesUnseen(fitted: EncodingSignature["fitted"], name: string): boolean {
  return readOwn(fitted, name).some((step) => step.op === "category" && step.unseen === "error");
}

/**
 * Encodes rows, given by the names of their features, as a matrix of `rows.length` × `inputs.length` in row order.
 *
 * @throws TypeError for a value of another type than its feature's, naming row and feature
 * @throws UnseenCategories for texts that a feature refuses because no training row had them
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
 * @throws TypeError for a value of another type than its feature's, naming row and feature
 * @throws UnseenCategories for texts that a feature refuses because no training row had them
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

/**
 * Encodes rows whose values stand one row after the other in the order of the inputs, into a matrix, from one of its rows on.
 *
 * @throws TypeError for a value of another type than its feature's, naming row and feature
 * @throws UnseenCategories for texts that a feature refuses because no training row had them
 */
export function encodeValues(
  signature: EncodingSignature,
  values: readonly FeatureValue[],
  { matrix, row: first }: { readonly matrix: Float32Array; readonly row: number },
): void {
  const { inputs } = signature;
  const encoders = findEncoders(signature);
  const unseen = new Map<number, number>();
  const start = first * inputs.length;
  for (let i = 0; i < values.length; i++) {
    const place = i % inputs.length;
    const code = encoders[place]?.(values[i]);
    if (typeof code === "number") matrix[start + i] = code;
    else {
      const [{ name, type } = { name: "", type: "number" }, row] = [inputs[place], Math.floor(i / inputs.length)];
      if (code === undefined) throw new TypeError(`feature "${name}" of row ${row} is no ${type}`);
      if (!unseen.has(place)) unseen.set(place, row);
    }
  }
  if (unseen.size === 0) return;
  // In the order of the inputs, as those are told that are given by column.
  const places = [...unseen].sort(([a], [b]) => a - b);
  throw new UnseenCategories(places.map(([place, row]) => ({ name: inputs[place]?.name ?? "", row })));
}

function fill(signature: EncodingSignature, rows: number, read: (name: string) => (row: number) => FeatureValue) {
  const width = signature.inputs.length;
  const matrix = new Float32Array(rows * width);
  const encoders = findEncoders(signature);
  const unseen = new Map<string, number>();
  for (const [position, { name, type }] of signature.inputs.entries()) {
    const valueAt = read(name);
    const encode = encoders[position];
    if (!encode) throw new Error("every input has an encoder");
    for (let row = 0; row < rows; row++) {
      const value = valueAt(row);
      const code = encode(value);
      if (code === undefined)
        throw new TypeError(`feature "${name}" of row ${row} is a ${typeof value}, expected a ${type}`);
      if (code !== refused) matrix[row * width + position] = code;
      else if (!unseen.has(name)) unseen.set(name, row);
    }
  }
  if (unseen.size > 0) throw new UnseenCategories([...unseen].map(([name, row]) => ({ name, row })));
  return matrix;
}

type Encoders = EncodingSignature & { readonly encoders: readonly ValueEncoder[] };

/** Encoders hold a map of each category: made once for a package, not for every request. */
const encodersOf = new WeakMap<EncodingSignature["inputs"], Encoders>();

function findEncoders({ inputs, categories, fitted }: EncodingSignature): readonly ValueEncoder[] {
  const known = encodersOf.get(inputs);
  // The same inputs may be encoded in two ways: as a request's, and as those of rows with a label.
  if (known?.categories === categories && known.fitted === fitted) return known.encoders;
  const encoders = inputs.map(({ name, type }) =>
    createEncoder(type, { categories: readOwn(categories, name), steps: readOwn(fitted, name) }),
  );
  encodersOf.set(inputs, { inputs, categories, fitted, encoders });
  return encoders;
}

/** What a record has for a name, which may be one that every object has. */
function readOwn<T>(record: Readonly<Record<string, readonly T[]>> | undefined, name: string): readonly T[] {
  return (record && Object.hasOwn(record, name) && record[name]) || [];
}

/** What was fitted for one feature. */
interface Fitted {
  readonly categories: readonly string[];
  readonly steps: readonly FittedStep[];
}

function createEncoder(type: EncodingSignature["inputs"][number]["type"], { categories, steps }: Fitted): ValueEncoder {
  switch (type) {
    case "number":
      return steps.length > 0 ? encodeFitted(steps) : encodeNumber;
    case "boolean":
      return (value) => {
        if (value === null || value === undefined) return Number.NaN;
        if (typeof value === "boolean") return value ? 1 : 0;
        // NaN is how a table of numbers says that a value is missing.
        return value === 0 || value === 1 || Number.isNaN(value) ? (value as number) : undefined;
      };
    case "category": {
      const codes = new Map(categories.map((value, code) => [value, code]));
      const unseen = findUnseen(steps, codes);
      return (value) => {
        if (value === null || value === undefined) return unknownCategory;
        return typeof value === "string" ? (codes.get(value) ?? unseen) : undefined;
      };
    }
  }
}

function encodeNumber(value: FeatureValue): number | undefined {
  if (value === null || value === undefined) return Number.NaN;
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}

/** A number that is none, or infinite, is missing: so the training rows have it. */
function encodeFitted(steps: readonly FittedStep[]): ValueEncoder {
  const transform = createTransform(steps);
  return (value) => {
    const number = encodeNumber(value);
    return number === undefined ? undefined : (transform(Number.isFinite(number) ? number : null) ?? Number.NaN);
  };
}

/** What a text gets that is no category. */
function findUnseen(steps: readonly FittedStep[], codes: ReadonlyMap<string, number>): number | typeof refused {
  const [step] = steps;
  if (step?.op !== "category") return unknownCategory;
  return step.unseen === "error" ? refused : (codes.get(step.other) ?? unknownCategory);
}
