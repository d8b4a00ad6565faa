/**
 * The values of Arrow as DuckDB takes them: each type, and each value from its bytes. Nothing is rounded. What DuckDB has no value
 * for, as a time in the year 290000, becomes infinite, which the check calls no time. Pure.
 * @module
 */
import {
  BIGINT,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  FLOAT,
  INTEGER,
  LIST,
  SMALLINT,
  TIMESTAMP,
  TIMESTAMP_NS,
  TINYINT,
  UBIGINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from "@duckdb/node-api";
import type { ValueKind } from "./arrow-field.ts";
import { ArrowFault } from "./fault.ts";

/** What has its values one after another, each of as many bits. */
export type FixedKind = Exclude<ValueKind, { readonly kind: "text" | "nulls" | "list" }>;

/** The type in which values are kept until they are checked. */
export function chooseType(values: Exclude<ValueKind, { readonly kind: "nulls" }>): DuckDBType {
  switch (values.kind) {
    case "integer":
      return integerTypes[`${values.signed ? "i" : "u"}${values.bits}`];
    case "float":
      return values.bits === 64 ? DOUBLE : FLOAT;
    case "decimal":
      return DECIMAL(values.precision, values.scale);
    case "boolean":
      return BOOLEAN;
    case "date":
      return DATE;
    case "time":
      return values.perSecond === nanosecond ? TIMESTAMP_NS : TIMESTAMP;
    case "text":
      return VARCHAR;
    case "list":
      return LIST(chooseType(values.element));
  }
}

const integerTypes = {
  i8: TINYINT,
  i16: SMALLINT,
  i32: INTEGER,
  i64: BIGINT,
  u8: UTINYINT,
  u16: USMALLINT,
  u32: UINTEGER,
  u64: UBIGINT,
} as const;

const nanosecond = 1_000_000_000;
/** What DuckDB has for infinity; its negative is the other one, and the number below that is none. */
const infinite = 2n ** 63n - 1n;
const infiniteDays = 2 ** 31 - 1;
/** The days of the years 1 to 9999. */
const [firstDay, lastDay] = [-719_162, 2_932_896];

/** How many bits a value has. */
export function widthOf(values: FixedKind): number {
  switch (values.kind) {
    case "integer":
    case "float":
    case "decimal":
      return values.bits;
    case "boolean":
      return 1;
    case "date":
      return 32;
    case "time":
      return 64;
  }
}

/** Reads the value of a number in bytes that begin with the first one's. */
export function readerOf(values: FixedKind, bytes: Buffer): (index: number) => DuckDBValue {
  switch (values.kind) {
    case "integer":
      return readInteger(values, bytes);
    case "float":
      if (values.bits === 16) return (index) => widenHalf(bytes.readUInt16LE(index * 2));
      return values.bits === 32 ? (index) => bytes.readFloatLE(index * 4) : (index) => bytes.readDoubleLE(index * 8);
    case "decimal":
      return readDecimal(values, bytes);
    case "boolean":
      return (index) => (((bytes[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
    case "date":
      return (index) => new DuckDBDateValue(boundDays(bytes.readInt32LE(index * 4)));
    case "time": {
      const { perSecond } = values;
      if (perSecond === nanosecond)
        return (index) => new DuckDBTimestampNanosecondsValue(boundTime(bytes.readBigInt64LE(index * 8)));
      const factor = BigInt(1_000_000 / perSecond);
      return (index) => new DuckDBTimestampValue(boundTime(bytes.readBigInt64LE(index * 8) * factor));
    }
  }
}

function readInteger(
  { bits, signed }: FixedKind & { readonly kind: "integer" },
  bytes: Buffer,
): (index: number) => number | bigint {
  switch (bits) {
    case 8:
      return signed ? (index) => bytes.readInt8(index) : (index) => bytes.readUInt8(index);
    case 16:
      return signed ? (index) => bytes.readInt16LE(index * 2) : (index) => bytes.readUInt16LE(index * 2);
    case 32:
      return signed ? (index) => bytes.readInt32LE(index * 4) : (index) => bytes.readUInt32LE(index * 4);
    case 64:
      return signed ? (index) => bytes.readBigInt64LE(index * 8) : (index) => bytes.readBigUInt64LE(index * 8);
  }
}

function readDecimal(
  { bits, precision, scale }: FixedKind & { readonly kind: "decimal" },
  bytes: Buffer,
): (index: number) => DuckDBDecimalValue {
  const limit = 10n ** BigInt(precision);
  const read = (index: number): bigint => {
    if (bits === 32) return BigInt(bytes.readInt32LE(index * 4));
    if (bits === 64) return bytes.readBigInt64LE(index * 8);
    return (bytes.readBigInt64LE(index * 16 + 8) << 64n) | bytes.readBigUInt64LE(index * 16);
  };
  return (index) => {
    const value = read(index);
    if (value >= limit || value <= -limit) throw new ArrowFault(`a decimal of it has more than ${precision} digits`);
    return new DuckDBDecimalValue(value, precision, scale);
  };
}

/** A number of 16 bits, which one of more bits is equal to. */
function widenHalf(half: number): number {
  const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function boundDays(days: number): number {
  if (days < firstDay) return -infiniteDays;
  return days > lastDay ? infiniteDays : days;
}

function boundTime(time: bigint): bigint {
  if (time < -infinite) return -infinite;
  return time > infinite ? infinite : time;
}
