/**
 * A column of a batch: its values, some rows at a time.
 * @module
 */
import { isUtf8 } from "node:buffer";
import { type DuckDBValue, listValue } from "@duckdb/node-api";
import type { ArrowBytes } from "./arrow-bytes.ts";
import type { ListKind, ValueKind } from "./arrow-field.ts";
import { type FixedKind, readerOf, widthOf } from "./arrow-value.ts";
import { ArrowFault } from "./fault.ts";

/** The buffers of a column, in Arrow's order. */
export interface ColumnBuffers {
  /** How many values there are. */
  readonly length: number;
  /** How many of them are null, as the batch says. */
  readonly nulls: number;
  /** A bit for each value that is not null; empty where all are not. */
  readonly validity: ArrowBytes;
  /** The values, where the texts are, or the views; of a dictionary's, their indices. */
  readonly values: ArrowBytes;
  /** The bytes of texts: one buffer, or any number for views. */
  readonly texts: readonly ArrowBytes[];
  /** What lists are of. @default they are no lists */
  readonly elements?: ColumnBuffers;
}

/** Some rows of a column: from one of them, which is a multiple of 8, as many. */
export interface Window {
  readonly from: number;
  readonly count: number;
}

/** The value of a row within the window; nulls are asked of nobody. */
export type ReadValue = (index: number) => DuckDBValue;

/** Texts of a window are read at once up to this many bytes, and those of views one by one beyond fewer. */
const mostText = 200_000_000;
const mostViewed = 16_000_000;
/** Lists of a window have at most so many values. */
const mostElements = 16_000_000;

/** Tells which rows of a window are null. */
export async function readNulls(
  { validity, nulls, length }: ColumnBuffers,
  { from, count }: Window,
): Promise<(index: number) => boolean> {
  if (validity.length === 0) {
    if (nulls > 0 && nulls !== length) throw outside();
    return () => nulls > 0;
  }
  const bits = await readWithin(validity, from / 8, Math.ceil((from + count) / 8));
  return (index) => (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 0;
}

/** Reads the values of a window. @throws ArrowFault when they are not there, or no texts */
export async function readValues(
  kind: Exclude<ValueKind, { readonly kind: "nulls" }>,
  buffers: ColumnBuffers,
  window: Window & { readonly isNull: (index: number) => boolean },
): Promise<ReadValue> {
  if (kind.kind === "list") return readLists(kind, buffers, window);
  if (kind.kind !== "text") return readFixed(kind, buffers, window);
  if (kind.layout === "view") return readViews(buffers, window);
  return readTexts(buffers, { ...window, isLarge: kind.layout === "large" });
}

async function readFixed(kind: FixedKind, { values }: ColumnBuffers, { from, count }: Window): Promise<ReadValue> {
  const width = widthOf(kind);
  const bytes = await readWithin(values, (from * width) / 8, Math.ceil(((from + count) * width) / 8));
  return readerOf(kind, bytes);
}

async function readLists(
  { layout, element, size = 0 }: ListKind,
  { values, elements }: ColumnBuffers,
  { from, count }: Window,
): Promise<ReadValue> {
  if (!elements) throw outside();
  const ends = layout === "fixed" ? countEnds({ from, count }, size) : await readEnds(values, { from, count }, layout);
  const [first = 0, last = 0] = [ends[0], ends[count]];
  if (last - first > mostElements)
    throw new ArrowFault(`some of its lists have more than ${mostElements / 1e6} million values together`);
  if (last > elements.length) throw outside();
  // A window begins where a byte of its bits does.
  const start = first - (first % 8);
  const inner = { from: start, count: last - start };
  const isNull = await readNulls(elements, inner);
  const read = await readFixed(element, elements, inner);
  return (index) => {
    const [begin = start, end = begin] = [ends[index], ends[index + 1]];
    const list = Array.from({ length: end - begin }, (_, i) => {
      const place = begin - start + i;
      return isNull(place) ? null : read(place);
    });
    return listValue(list);
  };
}

function countEnds({ from, count }: Window, size: number): number[] {
  return Array.from({ length: count + 1 }, (_, index) => (from + index) * size);
}

/** Where each value of a window begins, and the last one ends, in what has them one after the other. */
async function readEnds(
  values: ArrowBytes,
  { from, count }: Window,
  layout: "small" | "large",
): Promise<readonly number[]> {
  const width = layout === "large" ? 8 : 4;
  const offsets = await readWithin(values, from * width, (from + count + 1) * width);
  const ends = Array.from({ length: count + 1 }, (_, index) =>
    layout === "large" ? Number(offsets.readBigInt64LE(index * 8)) : offsets.readInt32LE(index * 4),
  );
  if ((ends[0] ?? 0) < 0 || ends.some((end, index) => index > 0 && end < (ends[index - 1] ?? 0))) throw outside();
  return ends;
}

interface TextWindow extends Window {
  readonly isNull: (index: number) => boolean;
}

async function readTexts(
  { values, texts: [texts] }: ColumnBuffers,
  { from, count, isNull, isLarge }: TextWindow & { readonly isLarge: boolean },
): Promise<ReadValue> {
  const ends = await readEnds(values, { from, count }, isLarge ? "large" : "small");
  const [first = 0, last = 0] = [ends[0], ends[count]];
  if (last - first > mostText) throw new ArrowFault(`some of its texts are longer than ${mostText / 1e6} MB together`);
  const bytes = texts ? await readWithin(texts, first, last) : fail();
  const spanOf = (index: number) => [(ends[index] ?? 0) - first, (ends[index + 1] ?? 0) - first] as const;
  // Bytes that are texts as a whole are so in parts, unless a part begins within a character.
  const isText = isUtf8(bytes) && ends.every((end) => ((bytes[end - first] ?? 0) & 0xc0) !== 0x80);
  if (!isText)
    for (let index = 0; index < count; index++)
      if (!isNull(index) && !isUtf8(bytes.subarray(...spanOf(index)))) throw notText();
  return (index) => bytes.toString("utf8", ...spanOf(index));
}

const viewBytes = 16;
/** So many bytes stand in the view itself. */
const inlineBytes = 12;

async function readViews({ values, texts }: ColumnBuffers, window: TextWindow): Promise<ReadValue> {
  const { from, count, isNull } = window;
  const views = await readWithin(values, from * viewBytes, (from + count) * viewBytes);
  const found = new Map<number, Buffer>();
  const farther: { readonly index: number; readonly buffer: number; readonly start: number; readonly end: number }[] =
    [];
  for (let index = 0; index < count; index++) {
    if (isNull(index)) continue;
    const at = index * viewBytes;
    const length = views.readInt32LE(at);
    if (length < 0) throw outside();
    if (length <= inlineBytes) found.set(index, views.subarray(at + 4, at + 4 + length));
    else {
      const start = views.readInt32LE(at + 12);
      farther.push({ index, buffer: views.readInt32LE(at + 8), start, end: start + length });
    }
  }
  for (const [number, some] of Map.groupBy(farther, ({ buffer }) => buffer)) {
    const bytes = texts[number] ?? fail();
    const start = some.reduce((least, one) => Math.min(least, one.start), Number.POSITIVE_INFINITY);
    const end = some.reduce((most, one) => Math.max(most, one.end), 0);
    const all = end - start <= mostViewed ? await readWithin(bytes, start, end) : undefined;
    let read = 0;
    for (const one of some) {
      read += one.end - one.start;
      if (read > mostText) throw new ArrowFault(`some of its texts are longer than ${mostText / 1e6} MB together`);
      // What is read later may take the place of what was read before.
      const text = all?.subarray(one.start - start, one.end - start);
      found.set(one.index, text ?? Buffer.from(await readWithin(bytes, one.start, one.end)));
    }
  }
  for (const text of found.values()) if (!isUtf8(text)) throw notText();
  return (index) => (found.get(index) ?? fail()).toString("utf8");
}

/** Reads what has to be there. @throws ArrowFault when it is not */
async function readWithin(bytes: ArrowBytes, from: number, to: number): Promise<Buffer> {
  if (from < 0 || to < from || to > bytes.length) throw outside();
  return bytes.read(from, to);
}

function outside(): ArrowFault {
  return new ArrowFault("what it says of its data is damaged: a column has fewer values than its batch has rows");
}

function notText(): ArrowFault {
  return new ArrowFault("a text of it is no UTF-8");
}

function fail(): never {
  throw outside();
}
