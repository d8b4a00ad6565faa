/**
 * Messages of Arrow: what stands before the bytes of a schema, of a batch of rows, and of a dictionary. Pure.
 * @module
 */
import { ArrowFault } from "./fault.ts";
import { FlatBytes, type FlatTable } from "./flat-table.ts";

/** Where some bytes are: in the body of a message. */
export interface Region {
  readonly offset: number;
  readonly length: number;
}

export interface Batch {
  /** How many rows. */
  readonly length: number;
  /** How many values each field has, and how many of them are null, a parent before its children. */
  readonly nodes: readonly { readonly length: number; readonly nulls: number }[];
  readonly buffers: readonly Region[];
  /** How each buffer is compressed, by itself. @default it is not */
  readonly codec?: "lz4" | "zstd";
  /** How many buffers more a field has, of those that say so. */
  readonly variadic: readonly number[];
}

export type Message =
  | { readonly kind: "schema"; readonly schema: FlatTable; readonly version: number }
  | { readonly kind: "batch"; readonly batch: Batch; readonly bodyLength: number }
  | {
      readonly kind: "dictionary";
      readonly id: number;
      readonly batch: Batch;
      /** Whether it is added to what was there of the dictionary, and not put in its place. */
      readonly isDelta: boolean;
      readonly bodyLength: number;
    }
  /** What is no part of a table of rows. */
  | { readonly kind: "other" };

/** Batches larger than these would be read nowhere: Arrow's own limit. */
const mostRows = 2 ** 31 - 1;

/** Since version 4, counted from 0, of 2017. */
const oldest = 3;

export function readMessage(bytes: Buffer): Message {
  const message = new FlatBytes(bytes).root();
  const version = message.int16(0, 0);
  requireVersion(version);
  const header = message.table(2);
  const bodyLength = message.long(3);
  if (bodyLength < 0) throw new ArrowFault(`it says a length of ${bodyLength}`);
  switch (message.int8(1, 0)) {
    case 1:
      return { kind: "schema", schema: requireTable(header), version };
    case 2: {
      const dictionary = requireTable(header);
      const batch = readBatch(requireTable(dictionary.table(1)));
      return { kind: "dictionary", id: dictionary.long(0), batch, isDelta: dictionary.int8(2, 0) !== 0, bodyLength };
    }
    case 3:
      return { kind: "batch", batch: readBatch(requireTable(header)), bodyLength };
    default:
      return { kind: "other" };
  }
}

export function requireVersion(version: number): void {
  if (version < oldest) throw new ArrowFault("it was written by Arrow of before version 0.8");
}

export function requireTable(table: FlatTable | undefined): FlatTable {
  if (table) return table;
  throw new ArrowFault("what it says of its data is damaged: a part is missing");
}

function readBatch(table: FlatTable): Batch {
  const length = table.long(0);
  if (length < 0 || length > mostRows) throw new ArrowFault(`it has a batch of ${length.toLocaleString("en-US")} rows`);
  const nodes = table.structs(1, 16, (bytes, at) => ({ length: bytes.long(at), nulls: bytes.long(at + 8) }));
  const buffers = table.structs(2, 16, (bytes, at) => ({ offset: bytes.long(at), length: bytes.long(at + 8) }));
  const variadic = table.longs(4);
  const compression = table.table(3);
  if (!compression) return { length, nodes, buffers, variadic };
  const codec = (["lz4", "zstd"] as const)[compression.int8(0, 0)];
  if (codec === undefined || compression.int8(1, 0) !== 0) throw new ArrowFault("it is compressed in no known way");
  return { length, nodes, buffers, variadic, codec };
}
