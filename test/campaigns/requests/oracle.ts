/**
 * What a request is to be answered: the values of the model, or nothing where it is to be refused. It reads the protocol strictly, and
 * knows the model by its formula.
 * @module
 */
import { readInteger, readStrict, type Strict, Written } from "./strict-json.ts";

/** The values of the rows. @default it is to be refused */
export type Verdict = readonly number[] | undefined;

/** What is called `constructor` or `__proto__` is in no table. */
function findOwn<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

type Value = number | boolean | string | null;

/** A tensor with its values, which are single ones of JSON, or what bytes and lists say. */
export interface ReadTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** @default the values do not fit the shape */
  readonly values: readonly (Strict | number | bigint)[] | undefined;
}

const integers: Readonly<Record<string, readonly [number, number] | undefined>> = {
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
  INT64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  UINT64: [0, Number.MAX_SAFE_INTEGER],
};
const floats = ["FP16", "BF16", "FP32", "FP64"];
const inputs = { nights: "number", breakfast: "boolean", room: "text" } as const;
const mostRows = 10_000;

/** The value of a stay: two for each night, one for breakfast, a half for the street, and less for a room that there is not. */
function answer(nights: Value, breakfast: Value, room: Value): number {
  const place = room === "street" ? 0.5 : room === "garden" ? 0 : -0.5;
  return 2 * Math.fround(Number(nights ?? 0)) + (breakfast === true ? 1 : 0) + place;
}

/** What tensors are to be answered. */
export function judgeTensors(tensors: readonly ReadTensor[]): Verdict {
  const columns = new Map<string, readonly Value[]>();
  for (const tensor of tensors) {
    if (!Object.hasOwn(inputs, tensor.name) || columns.has(tensor.name)) return undefined;
    const values = readColumn(tensor);
    if (!values) return undefined;
    columns.set(tensor.name, values);
  }
  const [nights, breakfast, room] = ["nights", "breakfast", "room"].map((name) => columns.get(name));
  if (!nights || !breakfast || !room) return undefined;
  if (nights.length === 0 || nights.length > mostRows) return undefined;
  if (breakfast.length !== nights.length || room.length !== nights.length) return undefined;
  const answers = nights.map((night, row) => answer(night, breakfast[row] ?? null, room[row] ?? null));
  return answers.every((each) => Number.isFinite(Math.fround(each))) ? answers : undefined;
}

function readColumn({ name, datatype, shape, values }: ReadTensor): readonly Value[] | undefined {
  const [rows = -1, width = 1] = shape;
  if (shape.length < 1 || shape.length > 2 || width !== 1 || !values || values.length !== rows) return undefined;
  const type = inputs[name as keyof typeof inputs];
  if (type === "boolean") return datatype === "BOOL" ? keep(values, (one) => typeof one === "boolean") : undefined;
  if (type === "text")
    return datatype === "BYTES" ? keep(values, (one) => typeof one === "string" && one.isWellFormed()) : undefined;
  if (!floats.includes(datatype) && !findOwn(integers, datatype)) return undefined;
  const read = values.map((one) => (one === null ? null : readNumber(one, datatype)));
  return read.includes(undefined) ? undefined : (read as Value[]);
}

function keep(values: readonly unknown[], fits: (one: unknown) => boolean): readonly Value[] | undefined {
  return values.every((one) => one === null || fits(one)) ? (values as Value[]) : undefined;
}

function readNumber(one: unknown, datatype: string): Value | undefined {
  const bounds = findOwn(integers, datatype);
  if (one instanceof Written) {
    const value = bounds ? readInteger(one.source) : Number(one.source);
    return value !== undefined && isInside(value, bounds) ? value : undefined;
  }
  if (typeof one === "bigint") {
    const value = Number(one);
    return Number.isSafeInteger(value) && isInside(value, bounds) ? value : undefined;
  }
  if (typeof one !== "number") return undefined;
  // In bytes and lists it says that there is no value.
  if (Number.isNaN(one)) return null;
  return isInside(one, bounds) ? one : undefined;
}

function isInside(value: number, bounds: readonly [number, number] | undefined): boolean {
  return bounds ? value >= bounds[0] && value <= bounds[1] : Number.isFinite(Math.fround(value));
}

/** What a body of JSON is to be answered, with the bytes of the binary extension behind it. */
export function judgeInference(json: Uint8Array, raw: Uint8Array = new Uint8Array()): Verdict {
  const document = readStrict(json)?.value;
  if (!(document instanceof Map)) return undefined;
  const all: ReadonlyMap<string, Strict> = document;
  const id = all.get("id");
  const isNamed = id === undefined || (typeof id === "string" && id.length <= 256 && id.isWellFormed());
  const list = all.get("inputs");
  if (!isNamed || !areParameters(all.get("parameters")) || !Array.isArray(list) || !areOutputs(all.get("outputs")))
    return undefined;
  let left = raw;
  const tensors: ReadTensor[] = [];
  for (const item of list as readonly Strict[]) {
    const read = item instanceof Map ? readTensor(item, left) : undefined;
    if (!read) return undefined;
    tensors.push(read.tensor);
    left = read.left;
  }
  return left.length > 0 ? undefined : judgeTensors(tensors);
}

function readTensor(item: ReadonlyMap<string, Strict>, raw: Uint8Array) {
  const [name, datatype, sizes, data] = ["name", "datatype", "shape", "data"].map((key) => item.get(key));
  if (typeof name !== "string" || typeof datatype !== "string" || !Array.isArray(sizes)) return undefined;
  const shape = sizes.map((size: Strict) => (size instanceof Written ? Number(size.source) : Number.NaN));
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return undefined;
  if (Array.isArray(data)) {
    // Neither has a form in JSON.
    const values = datatype === "FP16" || datatype === "BF16" ? undefined : flatten(data, shape);
    return { tensor: { name, datatype, shape, values }, left: raw };
  }
  const parameters = item.get("parameters");
  const said = data === undefined && parameters instanceof Map ? parameters.get("binary_data_size") : undefined;
  const size = said instanceof Written ? Number(said.source) : Number.NaN;
  if (!(Number.isSafeInteger(size) && size >= 0 && size <= raw.length)) return undefined;
  const values = readBytes(raw.subarray(0, size), datatype, shape[0] ?? 0);
  return { tensor: { name, datatype, shape, values }, left: raw.subarray(size) };
}

function flatten(data: readonly Strict[], shape: readonly number[]): readonly Strict[] {
  const nested =
    shape.length === 2 && data.length > 0 && data.every((row) => Array.isArray(row) && row.length === shape[1]);
  return nested ? (data as readonly (readonly Strict[])[]).flat() : data;
}

function areParameters(given: Strict | undefined): boolean {
  if (given === undefined) return true;
  const fits = (one: Strict) =>
    typeof one === "string" ||
    typeof one === "boolean" ||
    (one instanceof Written && Number.isFinite(Number(one.source)));
  return given instanceof Map && [...(given as ReadonlyMap<string, Strict>).values()].every(fits);
}

function areOutputs(given: Strict | undefined): boolean {
  if (given === undefined) return true;
  if (!Array.isArray(given) || given.length > 1) return false;
  return given.every((one: Strict) => {
    if (!(one instanceof Map) || one.get("name") !== "value") return false;
    const parameters = one.get("parameters") as Strict | undefined;
    return areParameters(parameters) && !(parameters instanceof Map && parameters.has("classification"));
  });
}

const sizes: Readonly<
  Record<string, readonly [number, (view: DataView, at: number) => number | bigint | boolean | undefined] | undefined>
> = {
  BOOL: [1, (view, at) => ([false, true] as const)[view.getUint8(at)]],
  INT8: [1, (view, at) => view.getInt8(at)],
  INT16: [2, (view, at) => view.getInt16(at, true)],
  INT32: [4, (view, at) => view.getInt32(at, true)],
  INT64: [8, (view, at) => view.getBigInt64(at, true)],
  UINT8: [1, (view, at) => view.getUint8(at)],
  UINT16: [2, (view, at) => view.getUint16(at, true)],
  UINT32: [4, (view, at) => view.getUint32(at, true)],
  UINT64: [8, (view, at) => view.getBigUint64(at, true)],
  FP16: [2, (view, at) => view.getFloat16(at, true)],
  BF16: [2, (view, at) => readBrain(view, at)],
  FP32: [4, (view, at) => view.getFloat32(at, true)],
  FP64: [8, (view, at) => view.getFloat64(at, true)],
};

function readBrain(view: DataView, at: number): number {
  return new Float32Array(Uint32Array.of(view.getUint16(at, true) * 65_536).buffer)[0] ?? 0;
}

/** The values of bytes. @returns nothing where they are not as many as there should be, or none of their datatype */
export function readBytes(
  bytes: Uint8Array,
  datatype: string,
  count: number,
): readonly (Strict | number | bigint)[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (datatype === "BYTES") return readTexts(view, bytes, count);
  const own = findOwn(sizes, datatype);
  if (!own || bytes.length !== own[0] * count) return undefined;
  const values = Array.from({ length: count }, (_, i) => own[1](view, i * own[0]));
  return values.includes(undefined) ? undefined : (values as (number | bigint | boolean)[]);
}

function readTexts(view: DataView, bytes: Uint8Array, count: number): readonly string[] | undefined {
  const values: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + view.getUint32(at, true);
    const value = end <= bytes.length ? decodeText(bytes.subarray(at + 4, end)) : undefined;
    if (value === undefined) return undefined;
    values.push(value);
    at = end;
  }
  return values.length === count ? values : undefined;
}

/** A text of UTF-8. @returns nothing for other bytes */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const moment =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

const columns: Readonly<Record<string, (value: Strict) => boolean>> = {
  nights: (value) => value instanceof Written && isBetween(readInteger(value.source), 1, 30),
  rate: (value) => value === null || (value instanceof Written && isBetween(Number(value.source), 0, Number.MAX_VALUE)),
  breakfast: (value) => typeof value === "boolean",
  room: (value) => value === "garden" || value === "street",
  guest: (value) => typeof value === "string" && /^\p{L}{1,3}$/u.test(value),
  booked: (value) => typeof value === "string" && isMoment(value),
  taste: (value) =>
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((one) => one instanceof Written && isBetween(Number(one.source), -1, 1)),
};

function isBetween(value: number | undefined, low: number, high: number): boolean {
  return value !== undefined && value >= low && value <= high;
}

function isMoment(text: string): boolean {
  const [, year, month, day] = moment.exec(text) ?? [];
  return (
    month !== undefined &&
    Number(month) >= 1 &&
    Number(month) <= 12 &&
    Number(day) >= 1 &&
    Number(day) <= daysOf(Number(year), Number(month))
  );
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

/** What a typed body is to be answered. */
export function judgeTyped(body: Uint8Array): Verdict {
  const document = readStrict(body)?.value;
  if (!(document instanceof Map)) return undefined;
  const list = (document as ReadonlyMap<string, Strict>).get("rows");
  if (Array.isArray(list) && document.size > 1) return undefined;
  const rows = Array.isArray(list) ? (list as readonly Strict[]) : [document as Strict];
  if (rows.length === 0 || rows.length > mostRows) return undefined;
  const answers = rows.map((row) => (row instanceof Map ? judgeRow(row) : undefined));
  return answers.includes(undefined) ? undefined : (answers as number[]);
}

function judgeRow(row: ReadonlyMap<string, Strict>): number | undefined {
  for (const [name, value] of row) {
    if (name === "time" ? !(typeof value === "string" && isMoment(value)) : !findOwn(columns, name)?.(value))
      return undefined;
  }
  if (Object.keys(columns).some((name) => !row.has(name))) return undefined;
  const nights = row.get("nights");
  const value = nights instanceof Written ? Number(nights.source) : 0;
  return answer(value, row.get("breakfast") === true, row.get("room") === "street" ? "street" : "garden");
}
