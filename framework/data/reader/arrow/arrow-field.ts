/**
 * The columns of an Arrow file: what type each has, how its values lie in a batch, and as what they are read. Pure.
 * @module
 */
import { ArrowFault } from "./fault.ts";
import type { FlatTable } from "./flat-table.ts";

/** As what the values of a column are read; `decimal` has its digits beside it. */
export type ValueKind =
  | { readonly kind: "integer"; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly kind: "float"; readonly bits: 16 | 32 | 64 }
  | { readonly kind: "decimal"; readonly bits: 32 | 64 | 128; readonly precision: number; readonly scale: number }
  | { readonly kind: "boolean" }
  /** Days since 1970. */
  | { readonly kind: "date" }
  /** Units since 1970, of which a second has so many. A zone says how it was shown, and the value is in UTC. */
  | { readonly kind: "time"; readonly perSecond: 1 | 1_000 | 1_000_000 | 1_000_000_000 }
  | { readonly kind: "text"; readonly layout: "small" | "large" | "view" }
  | ListKind
  /** Nothing but nulls. */
  | { readonly kind: "nulls" };

/** Lists of numbers; a fixed one has as many numbers as `size` says, a null one too. */
export interface ListKind {
  readonly kind: "list";
  readonly layout: "small" | "large" | "fixed";
  readonly element: Extract<ValueKind, { readonly kind: "integer" | "float" | "decimal" }>;
  /** @default its layout is not fixed */
  readonly size?: number;
}

export interface ArrowField {
  readonly name: string;
  /** As Arrow calls it, for people: `list<…>`. */
  readonly type: string;
  /** @default its values cannot be read */
  readonly values?: ValueKind;
  /** Where the values stand in a dictionary. @default they stand in the batch */
  readonly dictionary?: { readonly id: number; readonly indices: ValueKind & { readonly kind: "integer" } };
  /** How many buffers a batch has of it, its children's not counted. */
  readonly buffers: number;
  /** Whether a batch says how many more buffers there are. */
  readonly hasVariadic: boolean;
  /** Those that a batch has beside it: none of what stands in a dictionary. */
  readonly children: readonly ArrowField[];
}

export interface ArrowSchema {
  readonly fields: readonly ArrowField[];
  /** What stands in dictionaries, by their ids, as fields of their own. */
  readonly dictionaries: ReadonlyMap<number, ArrowField>;
}

/** The number of that type. */
const union = 14;
/** How deep types may lie in types, and how many fields there may be in all. */
const deepest = 64;
const mostFields = 200_000;

/** Reads a schema. @throws ArrowFault when it cannot be read, whatever the columns are that are wanted */
export function readSchema(table: FlatTable, version: number): ArrowSchema {
  if (table.int16(0, 0) !== 0) throw new ArrowFault("its numbers are big-endian, which no present writer makes them");
  const dictionaries = new Map<number, ArrowField>();
  let count = 0;
  const read = (field: FlatTable, depth: number): ArrowField => {
    count += 1;
    if (count > mostFields) throw new ArrowFault(`it has more than ${mostFields.toLocaleString("en-US")} columns`);
    if (depth > deepest) throw new ArrowFault(`its types lie more than ${deepest} deep in each other`);
    const name = field.text(0) ?? "";
    // Until version 5, counted from 0 as 4, it had a buffer more.
    if (version < 4 && field.int8(2, 0) === union) throw new ArrowFault("it has a union of before Arrow 1.0");
    const children = field.tables(5).map((child) => read(child, depth + 1));
    const own = { name, ...describeType(field, children), children };
    const encoding = field.table(4);
    if (!encoding) return own;
    const id = encoding.long(0);
    const indices = readInteger(encoding.table(1));
    // One may stand for several columns, but its values are read once, as what one of them says.
    const other = dictionaries.get(id);
    if (other && other.type !== own.type)
      throw new ArrowFault(`it has columns of ${other.type} and of ${own.type} on one dictionary`);
    dictionaries.set(id, own);
    const { values, type } = own;
    const encoded = { name, type, buffers: 2, hasVariadic: false, children: [], dictionary: { id, indices } };
    return values && values.kind !== "nulls" && values.kind !== "list" ? { ...encoded, values } : encoded;
  };
  return { fields: table.tables(1).map((field) => read(field, 0)), dictionaries };
}

type TypeShape = Pick<ArrowField, "type" | "values" | "buffers" | "hasVariadic">;

const plain = { buffers: 2, hasVariadic: false } as const;

/** The types by the number that a field says, each with what a batch has of it. */
function describeType(field: FlatTable, children: readonly ArrowField[]): TypeShape {
  const number = field.int8(2, 0);
  const type = field.table(3);
  const inner = children.map((child) => child.type).join(", ");
  const unread = (name: string, buffers: number, hasVariadic = false): TypeShape => ({
    type: name,
    buffers,
    hasVariadic,
  });
  switch (number) {
    case 1:
      return { type: "null", buffers: 0, hasVariadic: false, values: { kind: "nulls" } };
    case 2: {
      const values = readInteger(type);
      return { ...plain, type: `${values.signed ? "" : "u"}int${values.bits}`, values };
    }
    case 3: {
      const bits = ([16, 32, 64] as const)[type?.int16(0, 0) ?? 0] ?? fault("a float of no known width");
      return { ...plain, type: `float${bits}`, values: { kind: "float", bits } };
    }
    case 4:
      return unread("binary", 3);
    case 5:
      return { type: "utf8", buffers: 3, hasVariadic: false, values: { kind: "text", layout: "small" } };
    case 6:
      return { ...plain, type: "bool", values: { kind: "boolean" } };
    case 7:
      return describeDecimal(type);
    case 8: {
      if (type?.int16(0, 1) === 0) return { ...plain, type: "date32", values: { kind: "date" } };
      return { ...plain, type: "date64", values: { kind: "time", perSecond: 1_000 } };
    }
    case 9:
      return unread("time", 2);
    case 10: {
      const unit = type?.int16(0, 0) ?? 0;
      const perSecond = ([1, 1_000, 1_000_000, 1_000_000_000] as const)[unit] ?? fault("a timestamp of no known unit");
      const zone = type?.text(1);
      const name = `timestamp[${["s", "ms", "us", "ns"][unit]}${zone === undefined ? "" : `, ${zone}`}]`;
      return { ...plain, type: name, values: { kind: "time", perSecond } };
    }
    case 11:
      return unread("interval", 2);
    case 12:
      return describeList(unread(`list<${inner}>`, 2), children, { layout: "small" });
    case 13:
      return unread(`struct<${inner}>`, 1);
    case 14:
      return unread(`union<${inner}>`, type?.int16(0, 0) === 1 ? 2 : 1);
    case 15:
      return unread(`fixed_size_binary[${type?.int32(0, 0) ?? 0}]`, 2);
    case 16:
      return describeList(unread(`fixed_size_list<${inner}>`, 1), children, {
        layout: "fixed",
        size: type?.int32(0, 0) ?? 0,
      });
    case 17:
      return unread(`map<${inner}>`, 2);
    case 18:
      return unread("duration", 2);
    case 19:
      return unread("large_binary", 3);
    case 20:
      return { type: "large_utf8", buffers: 3, hasVariadic: false, values: { kind: "text", layout: "large" } };
    case 21:
      return describeList(unread(`large_list<${inner}>`, 2), children, { layout: "large" });
    case 22:
      return unread(`run_end_encoded<${inner}>`, 0);
    case 23:
      return unread("binary_view", 2, true);
    case 24:
      return { type: "utf8_view", buffers: 2, hasVariadic: true, values: { kind: "text", layout: "view" } };
    case 25:
      return unread(`list_view<${inner}>`, 3);
    case 26:
      return unread(`large_list_view<${inner}>`, 3);
    default:
      return fault(`a column of type ${number}, which is none that is known`);
  }
}

/** Lists of what is no number of the batch itself are not read. */
function describeList(
  shape: TypeShape,
  [child]: readonly ArrowField[],
  list: Pick<ListKind, "layout" | "size">,
): TypeShape {
  const element = child?.dictionary ? undefined : child?.values;
  if ((list.size ?? 0) < 0) fault("a list of fewer than no values");
  return element?.kind === "integer" || element?.kind === "float" || element?.kind === "decimal"
    ? { ...shape, values: { kind: "list", element, ...list } }
    : shape;
}

function readInteger(type: FlatTable | undefined): ValueKind & { readonly kind: "integer" } {
  // The indices of a dictionary have 32 bits where nothing is said.
  const bits = type ? type.int32(0, 0) : 32;
  if (bits !== 8 && bits !== 16 && bits !== 32 && bits !== 64) return fault("an integer of no known width");
  return { kind: "integer", bits, signed: type ? type.int8(1, 0) !== 0 : true };
}

function describeDecimal(type: FlatTable | undefined): TypeShape {
  const [precision, scale, bits] = [type?.int32(0, 0) ?? 0, type?.int32(1, 0) ?? 0, type?.int32(2, 128) ?? 128];
  const shape = { ...plain, type: `decimal${bits}(${precision}, ${scale})` };
  if (bits !== 32 && bits !== 64 && bits !== 128) return shape;
  // A scale beyond these is none that SQL has.
  const isReadable = precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision;
  return isReadable ? { ...shape, values: { kind: "decimal", bits, precision, scale } } : shape;
}

function fault(what: string): never {
  throw new ArrowFault(`it has ${what}`);
}
