/**
 * Request templates: what stays the same in the requests of a caller, byte for byte. A body that was read as a whole, checked and
 * answered once tells where its values stand; one that differs from it in values alone is then read in one pass, and means
 * what the whole reading would have found. Pure.
 * @module
 */
import { type AskedOutput, type InferenceRequest, matrixName } from "../inference-request.ts";
import { longestId } from "../limits.ts";
import { fitsDatatype, type TensorValue } from "../tensor.ts";
import { listLeaves } from "./json-leaves.ts";
import { ValueScan } from "./value-scan.ts";

/** The type of a model's input. */
type InputType = "number" | "boolean" | "category";

/** A value that may differ from request to request. */
type Slot =
  | { readonly kind: "id" }
  | {
      readonly kind: InputType;
      readonly datatype: string;
      readonly isInteger: boolean;
      /** Which value of the rows, in row order. */
      readonly index: number;
    };

/** Numbers in the order of the model's inputs, with nothing between them but commas and spaces. */
export interface ValueRun {
  /** Where the first begins in the body. */
  readonly start: number;
  /** Where the last ends. */
  readonly end: number;
}

/** Where values stand: each begins and ends, or all of them do. */
export type ValuePlaces = readonly number[] | ValueRun;

/** Of each value where it begins in the body, and where it ends. */
export function listPlaces(body: Uint8Array, places: ValuePlaces): readonly number[] {
  if ("length" in places) return places;
  const each: number[] = [];
  let start = places.start;
  for (let at = start; at <= places.end; at++) {
    if (at < places.end && body[at] !== comma) continue;
    let end = at;
    while (body[end - 1] === space) end--;
    while (body[start] === space) start++;
    each.push(start, end);
    start = at + 1;
  }
  return each;
}

const [comma, space] = [0x2c, 0x20];

/** What a body holds that fits a template. */
export interface ScannedRequest {
  /** @default the caller gives none */
  readonly id?: string | undefined;
  /** The values of the rows, in row order, each in the order of the model's inputs. */
  readonly values: readonly TensorValue[];
  /** Where they stand in the body. @default nobody asked */
  readonly places: ValuePlaces | undefined;
}

/** A body of more rows is read as a whole: its own work is more than what a template saves. */
const mostRows = 16;
/** The first byte of a body that begins with a byte order mark, which is no part of its JSON. */
const byteOrderMark = 0xef;
/** The longest body that is remembered, in bytes. */
const longestBody = 64 * 2 ** 10;

export class RequestTemplate {
  readonly rows: number;
  readonly outputs: readonly AskedOutput[];
  /** One more than slots: what stands before, between and behind them. */
  readonly #constants: readonly Buffer[];
  readonly #slots: readonly Slot[];
  readonly #width: number;
  /** Which slots are the first and the last of a run that all values are. @default -1: they are none */
  readonly #first: number;
  readonly #last: number;

  constructor(parts: {
    readonly constants: readonly Buffer[];
    readonly slots: readonly Slot[];
    readonly rows: number;
    readonly width: number;
    readonly outputs: readonly AskedOutput[];
  }) {
    this.rows = parts.rows;
    this.outputs = parts.outputs;
    this.#constants = parts.constants;
    this.#slots = parts.slots;
    this.#width = parts.width;
    this.#first = findRun(parts);
    this.#last = this.#first < 0 ? -1 : this.#first + parts.width - 1;
  }

  /**
   * Reads a body.
   * @param locates whether it is told where the values stand
   * @default undefined for one that does not fit
   */
  scan(body: Buffer, locates = false): ScannedRequest | undefined {
    const scan = new ValueScan(body);
    const values = new Array<TensorValue>(this.rows * this.#width);
    const isRun = this.#first >= 0;
    const places = locates && !isRun ? new Array<number>(values.length * 2) : undefined;
    let [runStart, runEnd] = [0, 0];
    let id: string | undefined;
    for (let i = 0; i < this.#constants.length; i++) {
      const constant = this.#constants[i] as Buffer;
      if (!standsAt(body, scan.at, constant)) return undefined;
      scan.at += constant.length;
      const slot = this.#slots[i];
      if (slot === undefined) {
        if (scan.at !== body.length) return undefined;
        return { id, values, places: locates && isRun ? { start: runStart, end: runEnd } : places };
      }
      const start = scan.at;
      if (!readSlot(scan, slot)) return undefined;
      if (slot.kind !== "id") {
        values[slot.index] = scan.value;
        if (i === this.#first) runStart = start;
        if (i === this.#last) runEnd = scan.at;
        if (places) {
          places[slot.index * 2] = start;
          places[slot.index * 2 + 1] = scan.at;
        }
      } else if (isId(scan.value)) id = scan.value;
      else return undefined;
    }
    return undefined;
  }
}

/** The place of the first slot of a run that all values are, of one row. @default -1 where they are none */
function findRun({
  constants,
  slots,
  rows,
  width,
}: {
  readonly constants: readonly Buffer[];
  readonly slots: readonly Slot[];
  readonly rows: number;
  readonly width: number;
}): number {
  const first = slots.findIndex(({ kind }) => kind !== "id");
  const values = slots.slice(first, first + width);
  const isOrdered = values.every((slot, i) => slot.kind === "number" && slot.index === i);
  const between = constants.slice(first + 1, first + width);
  const isRun = between.every((constant) => /^ *, *$/.test(constant.toString("latin1")));
  return rows === 1 && values.length === width && isOrdered && isRun ? first : -1;
}

function isInteger(datatype: string): boolean {
  return datatype.includes("INT");
}

/** An empty id is none, and a long one is for the whole reading to refuse. */
function isId(value: ValueScan["value"]): value is string {
  return typeof value === "string" && value !== "" && value.length <= longestId;
}

function readSlot(scan: ValueScan, slot: Slot): boolean {
  switch (slot.kind) {
    case "number":
      if (!scan.number()) return false;
      // Whether it was a whole number is for the whole reading to tell.
      return scan.value === null || (fitsDatatype(scan.value, slot.datatype) && !(scan.isInexact && slot.isInteger));
    case "boolean":
      return scan.boolean();
    case "category":
    case "id":
      return scan.text();
  }
}

/** From so many bytes on a comparison in one call is quicker than one byte after the other. */
const manyBytes = 32;

function standsAt(body: Buffer, at: number, constant: Buffer): boolean {
  const { length } = constant;
  if (at + length > body.length) return false;
  if (length >= manyBytes) return constant.compare(body, at, at + length) === 0;
  for (let i = 0; i < length; i++) if (body[at + i] !== constant[i]) return false;
  return true;
}

/** The inputs of a model. */
export type TemplateInputs = readonly { readonly name: string; readonly type: InputType }[];

/**
 * Makes the template of a body that was read as a whole.
 * @param request what was found in it
 * @default undefined for a body whose template would not read the body itself as it was read
 */
export function learnTemplate(
  body: Buffer,
  request: InferenceRequest,
  inputs: TemplateInputs,
): RequestTemplate | undefined {
  const { rows, outputs, columns } = request;
  if (rows > mostRows || body.length > longestBody || body[0] === byteOrderMark) return undefined;
  const leaves = listLeaves(body);
  if (leaves === undefined) return undefined;
  const document = JSON.parse(body.toString("utf8")) as {
    readonly inputs: readonly { name: string; datatype: string }[];
  };
  const places = new Map(inputs.map(({ name }, place) => [name, place]));
  const constants: Buffer[] = [];
  const slots: Slot[] = [];
  let end = 0;
  for (const leaf of leaves) {
    const slot = describeLeaf(leaf.path);
    if (!slot) continue;
    constants.push(Buffer.from(body.subarray(end, leaf.start)));
    slots.push(slot);
    ({ end } = leaf);
  }
  constants.push(Buffer.from(body.subarray(end)));
  const template = new RequestTemplate({ constants, slots, rows, width: inputs.length, outputs });
  return readsAsWhole(template, body) ? template : undefined;

  function describeLeaf([key, tensor, data, first, second]: readonly (string | number)[]): Slot | undefined {
    if (key === "id" && tensor === undefined) return { kind: "id" };
    if (key !== "inputs" || typeof tensor !== "number" || data !== "data" || typeof first !== "number")
      return undefined;
    const { name, datatype } = document.inputs[tensor] ?? { name: "", datatype: "" };
    const place = places.get(name);
    if (place === undefined) {
      // One matrix of numbers, flat or row by row; what is neither does not read as the whole was read.
      const index = typeof second === "number" ? first * inputs.length + second : first;
      return name === matrixName ? { kind: "number", datatype, isInteger: isInteger(datatype), index } : undefined;
    }
    const type = inputs[place]?.type;
    return type && { kind: type, datatype, isInteger: isInteger(datatype), index: first * inputs.length + place };
  }

  function readsAsWhole(made: RequestTemplate, whole: Buffer): boolean {
    const scanned = made.scan(whole);
    if (scanned?.id !== request.id || scanned?.values.length !== rows * inputs.length) return false;
    for (let i = 0; i < scanned.values.length; i++) {
      const name = inputs[i % inputs.length]?.name ?? "";
      if (!(i in scanned.values) || scanned.values[i] !== columns[name]?.[Math.floor(i / inputs.length)]) return false;
    }
    return true;
  }
}
