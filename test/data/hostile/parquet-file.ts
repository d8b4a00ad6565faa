/**
 * Parquet, byte by byte: files that no sound writer makes, since every number in them may be a lie. One row group, required
 * columns, plain pages without compression.
 * @module
 */

/** A value of Thrift's compact protocol. */
type Thrift = { readonly type: number; readonly bytes: Buffer };

export interface ParquetColumn {
  readonly name: string;
  /** Parquet's physical type: 2 INT64, 3 INT96, 5 DOUBLE, 6 BYTE_ARRAY. */
  readonly type: number;
  /** Parquet's converted type: 0 UTF8, 10 TIMESTAMP_MICROS. @default none */
  readonly converted?: number;
  /** The values of its page, plain. */
  readonly page: Buffer;
  /** How many values its page says that it has. @default the rows of the file */
  readonly values?: number;
  /** What its page says that it takes, in bytes. @default what it takes */
  readonly pageBytes?: number;
  /** The codec that its chunk names. @default 0, none */
  readonly codec?: number;
  /** The encoding that its page names. @default 0, plain */
  readonly encoding?: number;
  /** A page of a dictionary before it, plain, with its count. @default there is none */
  readonly dictionary?: { readonly page: Buffer; readonly values: number };
  /** Where its page is said to be. @default where it is */
  readonly offset?: number;
}

export interface ParquetFile {
  readonly columns: readonly ParquetColumn[];
  readonly rows: number;
  /** How many columns the schema says that it has. @default as many as there are */
  readonly children?: number;
}

const magic = Buffer.from("PAR1");

export function writeParquet({ columns, rows, children = columns.length }: ParquetFile): Buffer {
  const body: Buffer[] = [magic];
  const chunks = columns.map((column) => {
    const { name, type, page, values = rows, pageBytes = page.length, codec = 0, encoding = 0, dictionary } = column;
    const begin = Buffer.concat(body).length;
    if (dictionary) {
      const about = struct([1, i32(dictionary.values)], [2, i32(0)]);
      body.push(pageHeader(2, dictionary.page.length, [7, about]), dictionary.page);
    }
    const offset = Buffer.concat(body).length;
    const about = struct([1, i32(values)], [2, i32(encoding)], [3, i32(3)], [4, i32(3)]);
    body.push(pageHeader(0, pageBytes, [5, about]), page);
    const bytes = i64(Buffer.concat(body).length - begin);
    const meta = struct(
      [1, i32(type)],
      [2, list([i32(encoding)])],
      [3, list([binary(name)])],
      [4, i32(codec)],
      [5, i64(values)],
      [6, bytes],
      [7, bytes],
      [9, i64(column.offset ?? offset)],
      ...(dictionary ? [[11, i64(begin)] as const] : []),
    );
    return struct([2, i64(begin)], [3, meta]);
  });
  const schema = columns.map(({ name, type, converted }) =>
    struct(
      [1, i32(type)],
      [3, i32(0)],
      [4, binary(name)],
      ...(converted === undefined ? [] : [[6, i32(converted)] as const]),
    ),
  );
  const root = struct([4, binary("schema")], [5, i32(children)]);
  const group = struct([1, list(chunks)], [2, i64(0)], [3, i64(rows)]);
  const footer = struct([1, i32(1)], [2, list([root, ...schema])], [3, i64(rows)], [4, list([group])]).bytes;
  return Buffer.concat([...body, footer, uint32(footer.length), magic]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function int64s(...values: bigint[]): Buffer {
  return Buffer.from(BigInt64Array.from(values).buffer);
}

/** Texts as Parquet has them: each after its length. */
export function texts(...values: (string | Buffer)[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => [uint32(Buffer.from(value as string).length), Buffer.from(value as string)]),
  );
}

function pageHeader(type: number, bytes: number, about: readonly [number, Thrift]): Buffer {
  return struct([1, i32(type)], [2, i32(bytes)], [3, i32(bytes)], about).bytes;
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}

function zigzag(value: number): Buffer {
  const big = BigInt(value);
  return varint(big < 0n ? -big * 2n - 1n : big * 2n);
}

const i32 = (value: number): Thrift => ({ type: 5, bytes: zigzag(value) });
const i64 = (value: number): Thrift => ({ type: 6, bytes: zigzag(value) });

function binary(text: string): Thrift {
  const bytes = Buffer.from(text);
  return { type: 8, bytes: Buffer.concat([varint(BigInt(bytes.length)), bytes]) };
}

function list(values: readonly Thrift[]): Thrift {
  const size =
    values.length < 15
      ? Buffer.from([(values.length << 4) | (values[0]?.type ?? 5)])
      : Buffer.concat([Buffer.from([0xf0 | (values[0]?.type ?? 5)]), varint(BigInt(values.length))]);
  return { type: 9, bytes: Buffer.concat([size, ...values.map(({ bytes }) => bytes)]) };
}

function struct(...fields: (readonly [id: number, value: Thrift])[]): Thrift {
  let last = 0;
  const parts = fields.flatMap(([id, { type, bytes }]) => {
    const header = Buffer.from([((id - last) << 4) | type]);
    last = id;
    return [header, bytes];
  });
  return { type: 12, bytes: Buffer.concat([...parts, Buffer.from([0])]) };
}
