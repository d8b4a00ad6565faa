/**
 * Arrow, byte by byte: files and streams that no sound writer makes, since every number in them may be a lie.
 * @module
 */
import {
  type Flat,
  type FlatFields,
  int8,
  int16,
  int32,
  int32Bytes,
  int64Bytes,
  long,
  writeFlat,
} from "./flat-buffer.ts";

/** The types by Arrow's numbers, with what is said of each. */
export const arrowTypes = {
  null: [1, {}],
  int64: [2, { 0: int32(64), 1: int8(1) }],
  int32: [2, { 0: int32(32), 1: int8(1) }],
  double: [3, { 0: int16(2) }],
  utf8: [5, {}],
  bool: [6, {}],
  decimal5: [7, { 0: int32(5), 1: int32(2), 2: int32(128) }],
  micros: [10, { 0: int16(2) }],
  nanos: [10, { 0: int16(3) }],
  seconds: [10, { 0: int16(0) }],
  date32: [8, { 0: int16(0) }],
  list: [12, {}],
  fixedList: [16, { 0: int32(2) }],
  negativeList: [16, { 0: int32(-2) }],
  largeList: [21, {}],
  union: [14, { 0: int16(1) }],
  view: [24, {}],
} as const satisfies Readonly<Record<string, readonly [number, FlatFields]>>;

export interface ArrowColumn {
  readonly name: string;
  readonly type: readonly [number: number, table: FlatFields];
  readonly buffers: readonly Buffer[];
  /** How many values it has. @default the rows of its batch */
  readonly length?: number | bigint;
  /** @default 0 */
  readonly nulls?: number;
  /** How many of its buffers are beyond those of its type. @default its type has no such */
  readonly variadic?: number;
  /** The dictionary that its values are indices of. @default none */
  readonly dictionary?: number;
  /** Types of which nothing is in a batch. @default none */
  readonly children?: readonly FlatFields[];
  /** What its lists are of, which a batch has behind it. @default its type has no such */
  readonly elements?: ArrowColumn;
}

export interface ArrowParts {
  readonly columns: readonly ArrowColumn[];
  /** @default 2 */
  readonly rows?: number | bigint;
  /** @default little */
  readonly endianness?: "big";
  /** The codec that the batch names: 0 LZ4, 1 Zstandard. @default none */
  readonly codec?: number;
  /** Where a buffer is said to be, given where it is. @default there */
  readonly place?: (offset: number, length: number) => readonly [number | bigint, number | bigint];
  /** Dictionaries of texts, by their numbers. @default none */
  readonly dictionaries?: Readonly<Record<number, ArrowColumn>>;
}

/** A message as it stands in a file, in its two parts. */
export interface WrittenMessage {
  readonly metadata: Buffer;
  readonly body: Buffer;
}

export function describeField({
  name,
  type: [number, table],
  dictionary,
  children = [],
  elements,
}: Omit<ArrowColumn, "buffers">): FlatFields {
  return {
    0: { text: name },
    1: int8(1),
    2: int8(number),
    3: { table },
    ...(dictionary !== undefined && {
      4: { table: { 0: long(dictionary), 1: { table: { 0: int32(32), 1: int8(1) } } } },
    }),
    5: { tables: [...children, ...(elements ? [describeField(elements)] : [])] },
  };
}

export function describeSchema(fields: readonly FlatFields[], endianness?: "big"): FlatFields {
  return { 0: int16(endianness === "big" ? 1 : 0), 1: { tables: fields } };
}

function writeMessage(kind: number, header: FlatFields, body: Buffer = Buffer.alloc(0)): WrittenMessage {
  const flat = writeFlat({ 0: int16(4), 1: int8(kind), 2: { table: header }, 3: long(body.length) });
  const padded = Buffer.concat([flat, Buffer.alloc((8 - (flat.length % 8)) % 8)]);
  return { metadata: Buffer.concat([int32Bytes(-1, padded.length), padded]), body };
}

export function writeSchema(parts: ArrowParts): WrittenMessage {
  return writeMessage(1, describeSchema(parts.columns.map(describeField), parts.endianness));
}

/** The dictionaries, and then the one batch. */
export function writeContents(parts: ArrowParts): {
  readonly dictionaries: WrittenMessage[];
  readonly batch: WrittenMessage;
} {
  const dictionaries = Object.entries(parts.dictionaries ?? {}).map(([id, column]) => {
    const { batch, body } = describeBatch({ columns: [column], rows: Number(column.length ?? 2) });
    return writeMessage(2, { 0: long(BigInt(id)), 1: { table: batch } }, body);
  });
  const { batch, body } = describeBatch(parts);
  return { dictionaries, batch: writeMessage(3, batch, body) };
}

function describeBatch({ columns: own, rows = 2, codec, place = (offset, length) => [offset, length] }: ArrowParts) {
  const columns = own.flatMap((column) => (column.elements ? [column, column.elements] : [column]));
  const nodes = columns.map(({ length = rows, nulls = 0 }) => int64Bytes(length, nulls));
  const regions: Buffer[] = [];
  const pieces: Buffer[] = [];
  let offset = 0;
  for (const bytes of columns.flatMap(({ buffers }) => buffers)) {
    regions.push(int64Bytes(...place(offset, bytes.length)));
    const padded = Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
    pieces.push(padded);
    offset += padded.length;
  }
  const variadic = columns.flatMap((column) => (column.variadic === undefined ? [] : [int64Bytes(column.variadic)]));
  const batch: Record<number, Flat> = { 0: long(rows), 1: { structs: nodes }, 2: { structs: regions } };
  if (codec !== undefined) batch[3] = { table: { 0: int8(codec), 1: int8(0) } };
  if (variadic.length > 0) batch[4] = { structs: variadic };
  return { batch, body: Buffer.concat(pieces) };
}

/** A stream, with its end. */
export function writeStream(...messages: readonly WrittenMessage[]): Buffer {
  const bytes = messages.flatMap(({ metadata, body }) => [metadata, body]);
  return Buffer.concat([...bytes, int32Bytes(-1, 0)]);
}

export function writeArrowStream(parts: ArrowParts): Buffer {
  const { dictionaries, batch } = writeContents(parts);
  return writeStream(writeSchema(parts), ...dictionaries, batch);
}

const magic = Buffer.from("ARROW1\0\0");

/** A file of one batch, which its footer may tell of several times. */
export function writeArrowFile(parts: ArrowParts, told = 1): Buffer {
  const schema = describeSchema(parts.columns.map(describeField), parts.endianness);
  const { dictionaries, batch } = writeContents(parts);
  const pieces: Buffer[] = [magic];
  let end = magic.length;
  const add = ({ metadata, body }: WrittenMessage): Buffer => {
    const block = Buffer.concat([int64Bytes(end), int32Bytes(metadata.length, 0), int64Bytes(body.length)]);
    pieces.push(metadata, body);
    end += metadata.length + body.length;
    return block;
  };
  const blocks = { dictionaries: dictionaries.map(add), batch: add(batch) };
  const footer = writeFlat({
    0: int16(4),
    1: { table: schema },
    2: { structs: blocks.dictionaries },
    3: { structs: Array.from({ length: told }, () => blocks.batch) },
  });
  return Buffer.concat([...pieces, footer, int32Bytes(footer.length), magic.subarray(0, 6)]);
}
