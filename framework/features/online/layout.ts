/**
 * How a row of a feature set is packed, so that its numbers are read without parsing. All little-endian:
 *
 *     0   format of the row, then the bytes of a number (8 or 4), then two zeros
 *     4   the first twelve bytes of the layout's digest
 *     16  event time of the row, and the moment as of which it was materialised: microseconds since 1970, 64 bits each
 *     32  a bit for each feature that is null, padded to eight bytes
 *     …   the numbers and booleans in the order of the features; NaN where null
 *     …   the categories in the order of the features: length in 32 bits, UTF-8
 *
 * Pure.
 * @module
 */
import { StewardError } from "../../definitions/problem.ts";
import type { FeaturesSpec } from "../../definitions/spec.ts";
import { type Digest, digestOf } from "../../plan/digest.ts";

/** A value of a feature; null is missing. */
export type OnlineValue = number | boolean | string | null;

/** A feature of a row. */
export type LayoutFeature = Pick<FeaturesSpec["columns"][number], "name" | "type">;

/** Where the things of a row are. */
export interface RowLayout {
  /** In the order of a row. */
  readonly features: readonly LayoutFeature[];
  /** The bytes of a number. */
  readonly width: 4 | 8;
  /** Of the features' names and types in their order and of the width. */
  readonly digest: Digest;
  /** The first bytes of the digest, as a row has them. */
  readonly mark: readonly [number, number, number];
  /** The positions of the numbers and booleans among the features. */
  readonly numbers: readonly number[];
  /** The positions of the categories among the features. */
  readonly categories: readonly number[];
  /** The byte at which the numbers begin. */
  readonly numbersAt: number;
  /** The bytes of a row without its categories. */
  readonly fixedSize: number;
}

/** A row before it is packed. */
export interface UnpackedRow {
  /** In the order of the features. NaN is null. */
  readonly values: readonly OnlineValue[];
  /** When the row happened, in microseconds since 1970. */
  readonly eventTime: bigint;
  /** The moment as of which the row was materialised, in microseconds since 1970. */
  readonly asOf: bigint;
}

/** Where the values of a row go. */
export interface RowTarget {
  /**
   * Takes each number and boolean at the position of its feature, NaN where null; the positions of categories are left alone.
   * A Float32Array is what a model takes. A Float64Array has them as they were kept: what features are computed from, above
   * all times, of which 32 bits lose a minute.
   */
  readonly numbers: Float32Array | Float64Array;
  /** The position of the first feature in `numbers`. */
  readonly at: number;
  /** Takes the categories in the order in which the features have them. @default they are not read */
  readonly categories?: (string | null)[];
}

/** What was found of an entity. A row of another layout is told apart and never read. */
export type RowRead =
  | { readonly state: "found"; readonly eventTime: bigint; readonly asOf: bigint }
  | { readonly state: "absent" | "stale-layout" };

export const absentRow: RowRead = { state: "absent" };
const staleLayout: RowRead = { state: "stale-layout" };

const rowFormat = 1;
const bitmapAt = 32;
/** The byte at which a packed row has its event time. */
export const eventTimeAt = 16;

/** Lays out the rows of features. */
export function createLayout(
  features: readonly LayoutFeature[],
  { numbers = "float64" }: { readonly numbers?: "float64" | "float32" } = {},
): RowLayout {
  const width = numbers === "float64" ? 8 : 4;
  const plain = features.map(({ name, type }) => ({ name, type }));
  const digest = digestOf({ features: plain, width });
  const bytes = Buffer.from(digest, "hex");
  const positions = (isOfKind: (type: LayoutFeature["type"]) => boolean) =>
    plain.flatMap(({ type }, position) => (isOfKind(type) ? [position] : []));
  const ofNumbers = positions((type) => type !== "category");
  const numbersAt = bitmapAt + Math.ceil(plain.length / 64) * 8;
  return {
    features: plain,
    width,
    digest,
    mark: [bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8)],
    numbers: ofNumbers,
    categories: positions((type) => type === "category"),
    numbersAt,
    fixedSize: numbersAt + ofNumbers.length * width,
  };
}

/**
 * Packs a row.
 * @throws StewardError for a value that is not of its feature's type, infinite, or no text of Unicode
 */
export function packRow(layout: RowLayout, { values, eventTime, asOf }: UnpackedRow): Buffer {
  if (values.length !== layout.features.length)
    throw new TypeError(`a row of ${layout.features.length} features came with ${values.length} values`);
  const texts = layout.categories.map((position) => toText(layout, position, values[position]));
  const row = Buffer.alloc(layout.fixedSize + texts.reduce((sum, text) => sum + 4 + (text?.length ?? 0), 0));
  row[0] = rowFormat;
  row[1] = layout.width;
  layout.mark.forEach((word, i) => {
    row.writeUInt32LE(word, 4 + 4 * i);
  });
  row.writeBigInt64LE(eventTime, eventTimeAt);
  row.writeBigInt64LE(asOf, eventTimeAt + 8);
  const setNull = (position: number) => {
    row[bitmapAt + (position >> 3)] = (row[bitmapAt + (position >> 3)] ?? 0) | (1 << (position & 7));
  };
  let offset = layout.numbersAt;
  for (const position of layout.numbers) {
    const number = toNumber(layout, position, values[position]);
    if (Number.isNaN(number)) setNull(position);
    if (layout.width === 8) row.writeDoubleLE(number, offset);
    else row.writeFloatLE(number, offset);
    offset += layout.width;
  }
  for (const [i, text] of texts.entries()) {
    if (text === null) setNull(layout.categories[i] ?? 0);
    row.writeUInt32LE(text?.length ?? 0, offset);
    if (text) row.set(text, offset + 4);
    offset += 4 + (text?.length ?? 0);
  }
  return row;
}

/** NaN, which no number that is kept is, stands for null: so rows are read without a look at the bitmap. */
function toNumber(layout: RowLayout, position: number, value: OnlineValue | undefined): number {
  if (value === null || Number.isNaN(value)) return Number.NaN;
  if (typeof value === "boolean") return value ? 1 : 0;
  const fits = typeof value === "number" && Number.isFinite(layout.width === 8 ? value : Math.fround(value));
  if (fits) return value;
  const expected = layout.width === 8 ? "a finite number" : "a number that 32 bits can hold";
  throw invalid(layout, position, { got: describe(value), expected });
}

function toText(layout: RowLayout, position: number, value: OnlineValue | undefined): Buffer | null {
  if (value === null) return null;
  if (typeof value === "string" && value.isWellFormed()) return Buffer.from(value);
  throw invalid(layout, position, { got: describe(value), expected: "a text of well-formed Unicode" });
}

function describe(value: OnlineValue | undefined): string {
  return typeof value === "string" ? "a text" : String(value);
}

function invalid({ features }: RowLayout, position: number, seen: { got: string; expected: string }): StewardError {
  const name = features[position]?.name ?? "";
  return new StewardError({
    code: "online-row-invalid",
    at: name,
    what: `feature "${name}" has a value that no row can hold`,
    ...seen,
  });
}

/** A view of the memory that rows were read from last: a local store hands out every row in the same memory. */
let viewed: DataView = new DataView(new ArrayBuffer(0));

function viewOf(bytes: Uint8Array): DataView {
  if (viewed.buffer !== bytes.buffer) viewed = new DataView(bytes.buffer);
  return viewed;
}

/**
 * Reads a packed row into its target.
 * @throws StewardError `online-row-damaged` for bytes that are cut short
 */
export function readRow(layout: RowLayout, row: Buffer, target?: RowTarget): RowRead {
  const view = viewOf(row);
  const start = row.byteOffset;
  if (!isOfLayout(layout, row, view)) return staleLayout;
  if (row.length < layout.fixedSize) throw damaged(layout);
  if (target) {
    readNumbers(layout, view, { start: start + layout.numbersAt, target });
    if (target.categories) readCategories(layout, row, target.categories);
  }
  return {
    state: "found",
    eventTime: view.getBigInt64(start + eventTimeAt, true),
    asOf: view.getBigInt64(start + eventTimeAt + 8, true),
  };
}

function isOfLayout({ mark, width }: RowLayout, row: Buffer, view: DataView): boolean {
  const start = row.byteOffset;
  return (
    row.length >= bitmapAt &&
    row[0] === rowFormat &&
    row[1] === width &&
    view.getUint32(start + 4, true) === mark[0] &&
    view.getUint32(start + 8, true) === mark[1] &&
    view.getUint32(start + 12, true) === mark[2]
  );
}

function readNumbers(
  { numbers: positions, width }: RowLayout,
  view: DataView,
  { start, target }: { readonly start: number; readonly target: RowTarget },
): void {
  const { numbers, at } = target;
  for (let i = 0; i < positions.length; i++) {
    const value = width === 8 ? view.getFloat64(start + i * 8, true) : view.getFloat32(start + i * 4, true);
    numbers[at + (positions[i] ?? 0)] = value;
  }
}

function readCategories(layout: RowLayout, row: Buffer, target: (string | null)[]): void {
  let offset = layout.fixedSize;
  for (let i = 0; i < layout.categories.length; i++) {
    if (offset + 4 > row.length) throw damaged(layout);
    const end = offset + 4 + row.readUInt32LE(offset);
    if (end > row.length) throw damaged(layout);
    target[i] = isNull(row, layout.categories[i] ?? 0) ? null : row.toString("utf8", offset + 4, end);
    offset = end;
  }
}

function isNull(row: Buffer, position: number): boolean {
  return ((row[bitmapAt + (position >> 3)] ?? 0) & (1 << (position & 7))) !== 0;
}

/** All values of a packed row as they were put, for people. @returns nothing for a row of another layout */
export function unpackRow(layout: RowLayout, row: Buffer): UnpackedRow | undefined {
  const read = readRow(layout, row);
  if (read.state !== "found") return undefined;
  const values: OnlineValue[] = layout.features.map(() => null);
  for (const [i, position] of layout.numbers.entries()) {
    if (isNull(row, position)) continue;
    const offset = layout.numbersAt + i * layout.width;
    const number = layout.width === 8 ? row.readDoubleLE(offset) : row.readFloatLE(offset);
    values[position] = layout.features[position]?.type === "boolean" ? number !== 0 : number;
  }
  const texts: (string | null)[] = [];
  readCategories(layout, row, texts);
  for (const [i, position] of layout.categories.entries()) values[position] = texts[i] ?? null;
  return { values, eventTime: read.eventTime, asOf: read.asOf };
}

function damaged({ features }: RowLayout): StewardError {
  return new StewardError({
    code: "online-row-damaged",
    at: "",
    what: "a row of the online store is shorter than its layout",
    expected: `a row of ${features.length} features`,
  });
}
