/**
 * Arrow as it should not be.
 * @module
 */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { Dice } from "../dice.ts";
import {
  type ArrowColumn,
  type ArrowParts,
  arrowTypes,
  describeField,
  describeSchema,
  writeArrowFile,
  writeArrowStream,
  writeContents,
  writeSchema,
  writeStream,
} from "./arrow-file.ts";
import { int16, int32Bytes, int64Bytes, writeFlat } from "./flat-buffer.ts";
import type { HostileCase, Verdict } from "./hostile-case.ts";

const none = Buffer.alloc(0);
/** Two days, the times of every file. */
const days = [1_704_067_200_000_000n, 1_704_153_600_000_000n] as const;
const doubles = (...values: readonly number[]) => Buffer.from(Float64Array.from(values).buffer);

const t: ArrowColumn = { name: "t", type: arrowTypes.micros, buffers: [none, int64Bytes(...days)] };
const s: ArrowColumn = textColumn("xy", 0, 1, 2);
const n: ArrowColumn = { name: "n", type: arrowTypes.double, buffers: [none, doubles(1.5, 2.5)] };
const i: ArrowColumn = { name: "i", type: arrowTypes.int64, buffers: [none, int64Bytes(1, 2)] };
const b: ArrowColumn = { name: "b", type: arrowTypes.bool, buffers: [none, Buffer.from([1])] };

function textColumn(texts: string | Buffer, ...offsets: readonly number[]): ArrowColumn {
  return { name: "s", type: arrowTypes.utf8, buffers: [none, int32Bytes(...offsets), Buffer.from(texts)] };
}

/** The usual columns, but those that are given in their places. */
function using(...others: readonly ArrowColumn[]): ArrowParts {
  const own = [t, s, n, i, b].map((column) => others.find(({ name }) => name === column.name) ?? column);
  return { columns: [...own, ...others.filter(({ name }) => !own.some((column) => column.name === name))] };
}

const sound = using();
const timeOf = (type: ArrowColumn["type"], ...times: readonly bigint[]): ArrowColumn => ({
  name: "t",
  type,
  buffers: [none, int64Bytes(...times)],
});

/** Views: a text in the view, or where a text is in which buffer. */
const view = (length: number, ...rest: readonly number[]) =>
  int32Bytes(length, ...rest, ...[0, 0, 0].slice(rest.length));
const viewColumn = (...views: readonly Buffer[]): ArrowColumn => ({
  name: "s",
  type: arrowTypes.view,
  buffers: [none, Buffer.concat(views), Buffer.from("a text of twenty char")],
  variadic: 1,
});

type Change = readonly [title: string, parts: ArrowParts, verdict: Verdict, ...says: string[]];

const changes: readonly Change[] = [
  ["nothing wrong with it", sound, "accepted"],
  ["no rows", { columns: sound.columns, rows: 0 }, "rejected", "has no rows"],
  ["a batch of 2 to the 62nd rows", { ...sound, rows: 2n ** 62n }, "rejected", "says a length"],
  ["a batch of a negative count of rows", { ...sound, rows: -2 }, "rejected", "a batch of -2 rows"],
  ["a batch of more rows than it has", { ...sound, rows: 1_000_000 }, "rejected", "fewer values"],
  ["a column of fewer values than its batch", using({ ...i, length: 1 }), "rejected", "another length"],
  ["a column of a negative count of nulls", using({ ...i, nulls: -1 }), "rejected", "other columns"],
  ["nulls that no bits say", using({ ...i, nulls: 1 }), "rejected", "fewer values"],
  [
    "buffers that lie outside the batch",
    { ...sound, place: (at, size) => [at + 1_000_000, size] },
    "rejected",
    "outside",
  ],
  ["buffers that lie before the batch", { ...sound, place: (_, size) => [-8, size] }, "rejected", "outside"],
  ["buffers of a negative length", { ...sound, place: (at) => [at, -1] }, "rejected", "outside"],
  ["buffers of 2 to the 62nd bytes", { ...sound, place: (at) => [at, 2n ** 62n] }, "rejected", "says a length"],
  ["a column with a buffer too few", using({ ...i, buffers: [none] }), "rejected", "other columns"],
  ["a column with a buffer too many", using({ ...b, buffers: [none, none, none] }), "rejected", "other columns"],
  ["big-endian numbers", { ...sound, endianness: "big" }, "rejected", "big-endian"],
  ["the same column twice", { columns: [...sound.columns, i] }, "rejected", 'more than one column "i"'],
  ["a type that there is not", using({ ...i, type: [99, {}] }), "rejected", "type 99"],
  ["a column of a type that is not the schema's", using({ ...i, type: arrowTypes.bool }), "rejected", "BOOLEAN"],
  ["lists for an integer", using({ ...i, type: arrowTypes.list }), "rejected", "list<>"],
  ["nothing but nulls for an integer", using({ ...i, type: arrowTypes.null, buffers: [], nulls: 2 }), "accepted"],
  [
    "nothing but nulls for times",
    using({ ...t, type: arrowTypes.null, buffers: [] }),
    "rejected",
    "None of the 2 rows",
  ],
  [
    "nothing but nulls, of as many rows as there may be",
    { columns: [t, s, n, i, b].map(({ name }) => ({ name, type: arrowTypes.null, buffers: [] })), rows: 2 ** 31 - 1 },
    "rejected",
    "no column",
  ],
  ["text that is no UTF-8", using(textColumn(Buffer.from([0xff, 0xfe]), 0, 1, 2)), "rejected", "no UTF-8"],
  ["a character of two bytes cut in two", using(textColumn("ü", 0, 1, 2)), "rejected", "no UTF-8"],
  [
    "no UTF-8 where a null is",
    using({
      ...textColumn(Buffer.from([0xff, 0x78]), 0, 1, 2),
      buffers: [Buffer.from([2]), int32Bytes(0, 1, 2), Buffer.from([0xff, 0x78])],
      nulls: 1,
    }),
    "accepted",
  ],
  ["texts that go backwards", using(textColumn("xy", 0, 2, 1)), "rejected", "fewer values"],
  ["texts that begin before the first", using(textColumn("xy", -5, 1, 2)), "rejected", "fewer values"],
  ["texts that end behind the last", using(textColumn("xy", 0, 1, 2 ** 31 - 1)), "rejected", "longer than"],
  ["views of texts", using(viewColumn(view(1, 0x78), view(20, 0, 0, 0))), "accepted"],
  [
    "views of texts of a negative length",
    using(viewColumn(view(1, 0x78), view(-20, 0, 0, 0))),
    "rejected",
    "fewer values",
  ],
  [
    "views of texts behind their buffer",
    using(viewColumn(view(1, 0x78), view(20, 0, 0, 2))),
    "rejected",
    "fewer values",
  ],
  ["views of texts in another buffer", using(viewColumn(view(1, 0x78), view(20, 0, 7, 0))), "rejected", "fewer values"],
  [
    "views of more buffers than there are",
    using({ ...viewColumn(view(0), view(0)), variadic: 2 ** 40 }),
    "rejected",
    "other columns",
  ],
  [
    "times that are infinite",
    using(timeOf(arrowTypes.micros, days[0], 2n ** 63n - 1n)),
    "quarantined",
    "row 2: t is not a time",
  ],
  ["times that are least", using(timeOf(arrowTypes.micros, days[0], -(2n ** 63n))), "quarantined", "row 2: t is not"],
  [
    "seconds that no microseconds keep",
    using(timeOf(arrowTypes.seconds, days[0] / 1_000_000n, 2n ** 62n)),
    "quarantined",
    "row 2: t is not a time",
  ],
  [
    "nanoseconds that are least",
    using(timeOf(arrowTypes.nanos, days[0] * 1_000n, -(2n ** 63n))),
    "quarantined",
    "row 2: t is",
  ],
  [
    "days that no year has",
    using({ ...t, type: arrowTypes.date32, buffers: [none, int32Bytes(19_723, -(2 ** 31))] }),
    "quarantined",
    "row 2: t is not a time",
  ],
  [
    "a decimal of more digits than it may have",
    using({ ...n, type: arrowTypes.decimal5, buffers: [none, int64Bytes(150, 0, 2n ** 62n, 0)] }),
    "rejected",
    "more than 5 digits",
  ],
  ["NaN", using({ ...n, buffers: [none, doubles(1.5, Number.NaN)] }), "quarantined", "row 2: n is not a number"],
];

const words = { ...textColumn("ab", 0, 1, 2), name: "words" };
const coded = (...indices: readonly number[]): ArrowColumn => ({
  name: "s",
  type: arrowTypes.utf8,
  dictionary: 3,
  buffers: [none, int32Bytes(...indices)],
});

const more: ArrowColumn = { ...coded(0, 0), name: "more" };

const dictionaries: readonly Change[] = [
  ["a dictionary", { ...using(coded(1, 0)), dictionaries: { 3: words } }, "accepted"],
  [
    "a number of no dictionary's value",
    { ...using(coded(1, 7)), dictionaries: { 3: words } },
    "rejected",
    "number 7 of",
  ],
  [
    "a negative number of a dictionary",
    { ...using(coded(1, -1)), dictionaries: { 3: words } },
    "rejected",
    "number -1 of",
  ],
  ["a dictionary that is not there", using(coded(1, 0)), "rejected", "has not"],
  ["another dictionary than is meant", { ...using(coded(1, 0)), dictionaries: { 4: words } }, "rejected", "has not"],
  [
    "a dictionary of more values than it has",
    { ...using(coded(1, 0)), dictionaries: { 3: { ...words, length: 1_000_000 } } },
    "rejected",
    "fewer values",
  ],
  [
    "a dictionary of a thousand million values",
    { ...using(coded(1, 0)), dictionaries: { 3: { ...words, length: 1e9 } } },
    "rejected",
    "of memory",
  ],
  ["two columns on a dictionary", { ...using(coded(1, 0), more), dictionaries: { 3: words } }, "accepted"],
  [
    "two columns of other types on a dictionary",
    {
      ...using(
        { ...coded(1, 0), name: "n", type: arrowTypes.double },
        { ...coded(1, 0), name: "i", type: arrowTypes.int64 },
      ),
      dictionaries: { 3: i },
    },
    "rejected",
    "on one dictionary",
  ],
];

/** Buffers as they are compressed: what they become, in bytes, and how. */
const packed = (size: number | bigint, bytes: Buffer) => Buffer.concat([int64Bytes(size), bytes]);
/** A frame of one block that is not compressed. */
const lz4 = (bytes: Buffer, mark = bytes.length | 0x80000000) =>
  Buffer.concat([Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]), int32Bytes(mark), bytes, int32Bytes(0)]);
const zstd = (bytes: Buffer) => zstdCompressSync(bytes);
const compress = (codec: number, pack: (bytes: Buffer) => Buffer): ArrowParts => ({
  codec,
  columns: sound.columns.map((column) => ({
    ...column,
    buffers: column.buffers.map((bytes) => (bytes.length === 0 ? bytes : pack(bytes))),
  })),
});

const compressed: readonly Change[] = [
  ["LZ4", compress(0, (bytes) => packed(bytes.length, lz4(bytes))), "accepted"],
  ["Zstandard", compress(1, (bytes) => packed(bytes.length, zstd(bytes))), "accepted"],
  ["buffers that are left as they are", compress(0, (bytes) => packed(-1, bytes)), "accepted"],
  ["a codec that there is not", compress(7, (bytes) => packed(bytes.length, bytes)), "rejected", "no known way"],
  ["no LZ4 at all", compress(0, (bytes) => packed(bytes.length, bytes)), "rejected", "no LZ4 frame"],
  ["no Zstandard at all", compress(1, (bytes) => packed(bytes.length, bytes)), "rejected", "does not unpack"],
  ["LZ4 of 2 to the 40th bytes", compress(0, (bytes) => packed(2 ** 40, lz4(bytes))), "rejected", "of memory"],
  ["LZ4 of a negative length", compress(0, (bytes) => packed(-2, lz4(bytes))), "rejected", "says a length"],
  [
    "LZ4 of fewer bytes than it says",
    compress(0, (bytes) => packed(bytes.length + 1, lz4(bytes))),
    "rejected",
    "instead",
  ],
  ["LZ4 of more bytes than it says", compress(0, (bytes) => packed(1, lz4(bytes))), "rejected", "more bytes"],
  [
    "LZ4 of a block that is not there",
    compress(0, (bytes) => packed(8, lz4(bytes, 1_000_000))),
    "rejected",
    "in the middle",
  ],
  [
    "LZ4 that copies from before its begin",
    compress(0, () => packed(64, lz4(Buffer.from([0x1f, 0x78, 0xff, 0xff, 0x00]), 5))),
    "rejected",
    "before its begin",
  ],
  [
    "Zstandard of a thousand times what it says",
    compress(1, (bytes) => packed(bytes.length, zstd(Buffer.alloc(1_000 * bytes.length)))),
    "rejected",
    "does not unpack",
  ],
];

const whole = (title: string, content: Buffer, verdict: Verdict = "rejected", ...says: string[]): HostileCase => ({
  title,
  content,
  verdict,
  says,
});

/** A schema alone, of fields that are as many or as deep as they like. */
function writeFields(fields: Parameters<typeof describeSchema>[0]): Buffer {
  const schema = describeSchema(fields);
  const footer = writeFlat({ 0: int16(4), 1: { table: schema } });
  return Buffer.concat([Buffer.from("ARROW1\0\0"), footer, int32Bytes(footer.length), Buffer.from("ARROW1")]);
}

function nest(depth: number): Parameters<typeof describeSchema>[0][number] {
  let field = describeField({ name: "deep", type: arrowTypes.int64 });
  for (let level = 0; level < depth; level++)
    field = describeField({ name: "deep", type: arrowTypes.list, children: [field] });
  return field;
}

function damageWhole(): HostileCase[] {
  const file = writeArrowFile(sound);
  const stream = writeArrowStream(sound);
  const footer = file.readInt32LE(file.length - 10);
  const withLength = (length: number) => Buffer.concat([file.subarray(0, -10), int32Bytes(length), file.subarray(-6)]);
  const { batch } = writeContents(sound);
  const schema = writeSchema(sound);
  const one = describeField({ name: "many", type: arrowTypes.int64 });
  const extra = Array.from({ length: 10_000 }, (_, at) => ({ ...i, name: `c${at}` }));
  return [
    ...[0, 1, 6, 8, 12, 100, file.length >> 1, file.length - footer, file.length - 6, file.length - 1].map((cut) =>
      whole(`a file that is cut after ${cut === file.length - 1 ? "all but one" : cut} bytes`, file.subarray(0, cut)),
    ),
    ...[4, 8, 20, stream.length >> 1, stream.length - 9].map((cut) =>
      whole(`a stream that is cut after ${cut} bytes`, stream.subarray(0, cut)),
    ),
    whole("a stream without its end", stream.subarray(0, -8), "accepted"),
    whole("other last bytes", Buffer.concat([file.subarray(0, -1), Buffer.from("2")]), "rejected", "ends with"),
    whole("a footer longer than the file", withLength(file.length), "rejected", "last"),
    whole("a footer of 2 GB", withLength(2 ** 31 - 1), "rejected", "last"),
    whole("a footer of a negative length", withLength(-1), "rejected", "last"),
    whole("a footer without length", withLength(0), "rejected", "last"),
    whole("a footer that begins too late", withLength(footer - 8)),
    whole(
      "a footer of ones",
      Buffer.concat([file.subarray(0, -10 - footer), Buffer.alloc(footer, 255), file.subarray(-10)]),
    ),
    whole("one batch told of a thousand times", writeArrowFile(sound, 1_000), "rejected", "in another"),
    whole("a message of 2 GB", Buffer.concat([int32Bytes(-1, 2 ** 31 - 1), stream]), "rejected", "says a length"),
    whole("a message of a negative length", Buffer.concat([int32Bytes(-1, -8), stream]), "rejected", "says a length"),
    whole("a batch before its schema", writeStream(batch, schema), "rejected", "begin with a schema"),
    whole("two schemas", writeStream(schema, schema, batch), "rejected", "second schema"),
    whole("nothing but a schema", writeStream(schema), "rejected", "no rows"),
    whole("the end of a stream alone", writeStream(), "rejected", "begin with a schema"),
    whole("two batches", writeStream(schema, batch, batch), "accepted"),
    whole(
      "ten thousand columns that the schema lacks",
      writeArrowFile({ columns: [...sound.columns, ...extra] }),
      "accepted",
    ),
    whole(
      "a million columns",
      writeFields(Array.from({ length: 1_000_000 }, () => one)),
      "rejected",
      "more than 200,000",
    ),
    whole("types that lie a thousand deep", writeFields([nest(1_000)]), "rejected", "deep in each other"),
    whole("no columns", writeFields([]), "rejected", "lacks"),
    whole("Feather of version 1", Buffer.concat([Buffer.from("FEA1"), file, Buffer.from("FEA1")])),
    whole("CSV", Buffer.from("t,s,n,i,b\n2024-01-01,x,1,2,true\n"), "rejected", "no Arrow file"),
    whole("gzip around it", gzipSync(file), "rejected", "gzip"),
    whole("garbage before it", Buffer.concat([Buffer.from("garbage"), file])),
    whole("garbage behind it", Buffer.concat([file, Buffer.from("garbage")]), "rejected", "ends with"),
    ...Array.from({ length: 30 }, (_, seed) => whole(`bytes changed, seed ${seed}`, flip(file, seed), "any")),
    ...Array.from({ length: 15 }, (_, seed) =>
      whole(`bytes of a stream changed, seed ${seed}`, flip(stream, 100 + seed), "any"),
    ),
  ];
}

/** Changes four bytes behind the first eight, the same ones for the same seed. */
function flip(bytes: Buffer, seed: number): Buffer {
  const dice = new Dice(seed);
  const flipped = Buffer.from(bytes);
  for (let turn = 0; turn < 4; turn++) {
    const at = dice.whole(8, bytes.length - 1);
    flipped[at] = (flipped[at] ?? 0) ^ dice.whole(1, 255);
  }
  return flipped;
}

/** The cases: those of the columns as files and as streams in turn. */
export function makeArrowCases(): HostileCase[] {
  const made = [...changes, ...dictionaries, ...compressed].map(([title, parts, verdict, ...says], index) =>
    whole(title, index % 2 === 0 ? writeArrowFile(parts) : writeArrowStream(parts), verdict, ...says),
  );
  return [...made, ...damageWhole()];
}
