/**
 * The key of an entity as bytes: the same values give the same bytes, other values others, and bytes are in the order of
 * the values. Pure.
 * @module
 */
import { createHash } from "node:crypto";

/** A value of an entity's key: a time is a bigint, in microseconds since 1970 in UTC. */
export type KeyValue = string | number | boolean | bigint;

/** A longer key is named by its digest, and has no order. LMDB takes keys of 511 bytes wherever it runs. */
const maxBytes = 480;

/** Each value begins with its kind, so that 1, "1" and true are three entities. */
const kinds = { false: 2, true: 3, number: 4, text: 5, time: 6, digest: 127 } as const;

/**
 * Encodes a key.
 *
 * @returns nothing where the values name no entity, because no row of a dataset can be equal to them: one is null, no
 * number, or a text that is not well-formed Unicode
 */
export function encodeKey(values: readonly (KeyValue | null | undefined)[]): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (const value of values) {
    const part = encodeValue(value);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  if (bytes.length <= maxBytes) return bytes;
  return Buffer.concat([Buffer.of(kinds.digest), createHash("sha256").update(bytes).digest()]);
}

function encodeValue(value: KeyValue | null | undefined): Uint8Array | undefined {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? encodeText(value) : undefined;
    case "number":
      return Number.isNaN(value) ? undefined : encodeNumber(value);
    case "boolean":
      return Buffer.of(value ? kinds.true : kinds.false);
    case "bigint":
      return encodeTime(value);
    default:
      return undefined;
  }
}

/** A text ends with two zeros; a zero in it is followed by 255, which sorts after the end. */
function encodeText(text: string): Uint8Array {
  const parts = text.split("\0").map((part) => Buffer.from(part));
  const end = Buffer.of(0, 0);
  const zero = Buffer.of(0, 255);
  return Buffer.concat([Buffer.of(kinds.text), ...parts.flatMap((part, i) => (i > 0 ? [zero, part] : [part])), end]);
}

/** The sign comes first, and what is negative is turned round. */
function encodeNumber(value: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = kinds.number;
  // Adding zero makes the negative zero, which equals the other, the other.
  bytes.writeDoubleBE(value + 0, 1);
  if (value < 0) for (let i = 1; i < 9; i++) bytes[i] = 255 - (bytes[i] ?? 0);
  else bytes[1] = (bytes[1] ?? 0) + 128;
  return bytes;
}

function encodeTime(microseconds: bigint): Uint8Array {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = kinds.time;
  bytes.writeBigUInt64BE(BigInt.asUintN(64, microseconds) ^ (1n << 63n), 1);
  return bytes;
}
