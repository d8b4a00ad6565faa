/**
 * Parquet as it should not be: written by DuckDB and then damaged, or written byte by byte.
 * @module
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { copyToParquet, withDuckDb } from "../../../framework/data/duckdb.ts";
import type { HostileCase, Verdict } from "./hostile-case.ts";
import { int64s, type ParquetColumn, texts, uint32, writeParquet } from "./parquet-file.ts";

type Query = readonly [title: string, query: string, verdict: Verdict, ...says: string[]];

const usual = "TIMESTAMP '2024-01-01' AS t, 'x' AS s, 1.5::DOUBLE AS n, 2::BIGINT AS i, true AS b";
const but = (name: string, sql: string) => usual.replace(new RegExp(`[^,]+ AS ${name}\\b`), ` ${sql} AS ${name}`);
const one = (name: string, sql: string) => `SELECT ${but(name, sql)}`;
/** A good row, and one that has this in a column. */
const two = (name: string, good: string, bad: string) => `SELECT ${but(name, good)} UNION ALL SELECT ${but(name, bad)}`;

/** What DuckDB writes as it is told to. */
const queries: readonly Query[] = [
  ["no rows", `SELECT ${usual} WHERE false`, "rejected", "has no rows"],
  [
    "nothing but nulls beside the time",
    "SELECT TIMESTAMP '2024-01-01' AS t, NULL::VARCHAR AS s, NULL::DOUBLE AS n, NULL::BIGINT AS i, NULL::BOOLEAN AS b FROM range(1000)",
    "accepted",
  ],
  ["columns of nulls without a type", one("n", "NULL"), "accepted"],
  ["nulls for times", two("t", "TIMESTAMP '2024-01-01'", "NULL"), "quarantined", "row 2: t is null"],
  ["nothing but nulls for times", one("t", "NULL::TIMESTAMP"), "rejected", "None of the 1 rows"],
  ["a dictionary", `SELECT ${but("s", "'x' || range % 3")} FROM range(10000)`, "accepted"],
  ["a text of 1 MB", one("s", "repeat('a', 1000000)"), "accepted"],
  ["a text with a NUL", one("s", "'a' || chr(0) || 'b'"), "accepted"],
  ["bytes for a text", one("s", "'\\xFF\\x00'::BLOB"), "rejected", "BLOB"],
  ["numbers for a text", one("s", "5"), "rejected", "INTEGER"],
  ["a list for a text", one("s", "['x']"), "rejected", "VARCHAR[]"],
  ["a struct for a text", one("s", "{a: 'x'}"), "rejected", "STRUCT"],
  ["a map for a text", one("s", "MAP {'a': 'x'}"), "rejected", "MAP"],
  ["lists in lists beside the schema", `SELECT ${usual}, [[[1], NULL], []] AS x`, "accepted"],
  ["an enum for a text", one("s", "'x'::ENUM('x', 'y')"), "accepted"],
  ["a UUID for a text", one("s", "'00000000-0000-0000-0000-000000000001'::UUID"), "accepted"],
  ["a text for a number", one("n", "'1.5'"), "rejected", "VARCHAR"],
  ["NaN for a number", two("n", "1.5::DOUBLE", "'NaN'::DOUBLE"), "quarantined", "row 2: n is not a number"],
  ["an infinite number", two("n", "1.5::DOUBLE", "'-inf'::DOUBLE"), "quarantined", "row 2: n is not a number"],
  ["a FLOAT for a number", one("n", "0.1::FLOAT"), "accepted"],
  ["a DECIMAL for a number", one("n", "1.10::DECIMAL(10, 2)"), "accepted"],
  [
    "an integer that no number keeps",
    two("n", "1::BIGINT", "9007199254740993::BIGINT"),
    "quarantined",
    "row 2: n is not a number",
  ],
  ["a boolean for a number", one("n", "true"), "rejected", "BOOLEAN"],
  ["a fraction for an integer", two("i", "2::DOUBLE", "2.5::DOUBLE"), "quarantined", "row 2: i is not an integer"],
  [
    "an integer that is too large",
    two("i", "2::BIGINT", "9007199254740992::BIGINT"),
    "quarantined",
    "row 2: i is not an integer",
  ],
  [
    "the largest UBIGINT for an integer",
    two("i", "2::UBIGINT", "18446744073709551615::UBIGINT"),
    "quarantined",
    "row 2: i is not an integer",
  ],
  ["a HUGEINT for an integer", one("i", "2::HUGEINT"), "accepted"],
  [
    "a wide DECIMAL for an integer",
    two("i", "2::DECIMAL(38, 5)", "2.00001::DECIMAL(38, 5)"),
    "quarantined",
    "row 2: i is not an integer",
  ],
  ["NaN for an integer", two("i", "2::DOUBLE", "'NaN'::DOUBLE"), "quarantined", "row 2: i is not an integer"],
  ["1 for a boolean", one("b", "1"), "rejected", "INTEGER"],
  [
    "an infinite time",
    two("t", "TIMESTAMP '2024-01-01'", "'infinity'::TIMESTAMP"),
    "quarantined",
    "row 2: t is not a time",
  ],
  [
    "a time in the year 290000",
    two("t", "TIMESTAMP '2024-01-01'", "TIMESTAMP '290000-01-01'"),
    "quarantined",
    "row 2: t is not a time",
  ],
  [
    "a time before Christ",
    two("t", "TIMESTAMP '2024-01-01'", "TIMESTAMP '0044-03-15 (BC)'"),
    "quarantined",
    "row 2: t is not a time",
  ],
  ["a date for a time", one("t", "DATE '2024-01-01'"), "accepted"],
  ["nanoseconds", one("t", "'2024-01-01 00:00:00.123456789'::TIMESTAMP_NS"), "accepted"],
  ["a time with a zone", one("t", "TIMESTAMPTZ '2024-01-01 00:00:00+05'"), "accepted"],
  ["a clock for a time", one("t", "TIME '12:00'"), "rejected", "TIME"],
  ["seconds for a time", one("t", "1704067200"), "rejected", "INTEGER"],
  ["an impossible date as text", two("t", "'2024-01-01'", "'2024-02-30'"), "quarantined", "row 2: t is not a time"],
  ["a column named file_row_number", `SELECT ${usual}, 7 AS file_row_number`, "rejected", "file_row_number"],
  ["a column named filename", `SELECT ${usual}, 'x' AS filename`, "accepted"],
  [
    "ten thousand columns that the schema lacks",
    `SELECT ${usual}, ${Array.from({ length: 10_000 }, (_, index) => `${index} AS c${index}`).join(", ")}`,
    "accepted",
  ],
  ["rows that need as little as no room", `SELECT ${usual} FROM range(300000)`, "accepted"],
];

const times = {
  name: "t",
  type: 2,
  converted: 10,
  page: int64s(1_704_067_200_000_000n, 1_704_153_600_000_000n),
} as const;
const integers: ParquetColumn = { name: "i", type: 2, page: int64s(1n, 2n) };
const onlyInteger = [{ name: "i", type: "integer" }] as const;
const onlyText = [{ name: "s", type: "string" }] as const;
const stored = [
  { t: "2024-01-01 00:00:00", i: "1" },
  { t: "2024-01-02 00:00:00", i: "2" },
];
/** Nanoseconds of the day, then the Julian day. */
const int96 = Buffer.concat([int64s(0n), uint32(2_460_311), int64s(0n), uint32(2_460_312)]);

type Written = readonly [title: string, column: Partial<ParquetColumn>, verdict: Verdict, ...says: string[]];

const lies: readonly Written[] = [
  ["a chunk of more values than rows", { values: 3 }, "accepted"],
  ["a page of two thousand million values", { values: 2 ** 31 - 1 }, "accepted"],
  ["a page of a negative count of values", { values: -5 }, "accepted"],
  ["a page of 2 GB that is not there", { pageBytes: 2 ** 31 - 1 }, "rejected"],
  ["a page of a negative length", { pageBytes: -1 }, "rejected", "Page sizes"],
  ["a page of no length", { pageBytes: 0 }, "rejected"],
  ["a page that lies before the file", { offset: -100 }, "rejected"],
  ["a page that lies behind the file", { offset: 2 ** 40 }, "rejected"],
  ["a page that is said to be compressed", { codec: 6 }, "rejected"],
  ["a codec that there is not", { codec: 99 }, "rejected"],
  ["an encoding that there is not", { encoding: 99 }, "rejected"],
  ["a type that there is not", { type: 42 }, "rejected"],
  [
    "an index outside its dictionary",
    { encoding: 8, page: Buffer.from([32, 4, 255, 255, 255, 127]), dictionary: { page: int64s(1n), values: 1 } },
    "rejected",
  ],
  [
    "a dictionary of fewer values than it says",
    { encoding: 8, page: Buffer.from([1, 3, 2]), dictionary: { page: int64s(1n), values: 1_000_000 } },
    "rejected",
  ],
  ["a dictionary's page without a dictionary", { encoding: 8 }, "rejected"],
];

function writeLies(): HostileCase[] {
  const cases = lies.map(([title, change, verdict, ...says]): HostileCase => {
    const content = writeParquet({ columns: [times, { ...integers, ...change }], rows: 2 });
    return { title, content, verdict, says, columns: onlyInteger, ...(verdict === "accepted" && { stored }) };
  });
  const whole = (title: string, columns: ParquetColumn[], verdict: Verdict, change = {}): HostileCase => ({
    title,
    content: writeParquet({ columns, rows: 2, ...change }),
    verdict,
    columns: onlyInteger,
    ...(verdict === "accepted" && { stored }),
  });
  const bad = { name: "s", type: 6, converted: 0, page: texts("x", Buffer.from([0xff, 0xfe])) };
  return [
    ...cases,
    whole("nothing wrong with it", [times, integers], "accepted"),
    whole("times of 96 bits", [{ name: "t", type: 3, page: int96 }, integers], "accepted"),
    whole("the same column twice, of which the second is dropped", [times, integers, integers], "accepted"),
    whole("a negative count of rows", [times, integers], "rejected", { rows: -2 }),
    whole("more rows than there are", [times, integers], "rejected", { rows: 1_000_000_000 }),
    whole("fewer rows than there are", [times, integers], "any", { rows: 1 }),
    whole("more columns than there are", [times, integers], "rejected", { children: 1000 }),
    whole("a negative count of columns", [times, integers], "rejected", { children: -1 }),
    { ...whole("text that is no UTF-8", [times, bad], "rejected"), columns: onlyText },
    {
      ...whole("a text longer than its page", [times, { ...bad, page: uint32(2 ** 31 - 1) }], "rejected"),
      columns: onlyText,
    },
  ];
}

/** The cases; DuckDB writes their files. */
export async function makeParquetCases(): Promise<HostileCase[]> {
  const folder = await mkdtemp(join(tmpdir(), "steward-hostile-parquet-"));
  try {
    return await withDuckDb(folder, async (db) => {
      const path = join(folder, "written.parquet");
      const write = async (query: string) => {
        await db.run(copyToParquet(query, path));
        return await readFile(path);
      };
      const written: HostileCase[] = [];
      for (const [title, query, verdict, ...says] of queries)
        written.push({ title, content: await write(query), verdict, says });
      const sound = await write(
        `SELECT TIMESTAMP '2024-01-01' + to_seconds(range) AS t, 'text ' || range AS s, range / 7 AS n, range AS i, range % 2 = 0 AS b FROM range(2000)`,
      );
      return [...written, ...writeLies(), ...damage(sound)];
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function damage(sound: Buffer): HostileCase[] {
  const { length } = sound;
  const footer = sound.readUInt32LE(length - 8);
  const withLength = (value: number) =>
    Buffer.concat([sound.subarray(0, length - 8), uint32(value), sound.subarray(length - 4)]);
  const cuts = [
    0,
    1,
    4,
    8,
    12,
    100,
    length >> 1,
    length - footer - 8,
    length - footer,
    length - 9,
    length - 8,
    length - 4,
    length - 1,
  ];
  const whole = (title: string, content: Buffer, verdict: Verdict = "rejected", ...says: string[]): HostileCase => ({
    title,
    content,
    verdict,
    says,
  });
  return [
    ...cuts.map((cut) =>
      whole(`a file that is cut after ${cut === length - 1 ? "all but one" : cut} bytes`, sound.subarray(0, cut)),
    ),
    whole("other first bytes", Buffer.concat([Buffer.from("PAR2"), sound.subarray(4)]), "accepted"),
    whole("other last bytes", Buffer.concat([sound.subarray(0, -4), Buffer.from("PAR2")]), "rejected", "magic"),
    whole("the mark of encryption", Buffer.concat([Buffer.from("PARE"), sound.subarray(4, -4), Buffer.from("PARE")])),
    whole("a footer longer than the file", withLength(length)),
    whole("a footer of 4 GB", withLength(2 ** 32 - 1)),
    whole("a footer without length", withLength(0)),
    whole("a footer that begins too late", withLength(footer - 1)),
    whole(
      "a footer of zeros",
      Buffer.concat([sound.subarray(0, length - footer - 8), Buffer.alloc(footer), sound.subarray(-8)]),
    ),
    whole(
      "a footer of ones",
      Buffer.concat([sound.subarray(0, length - footer - 8), Buffer.alloc(footer, 255), sound.subarray(-8)]),
    ),
    whole("garbage behind it", Buffer.concat([sound, Buffer.from("garbage")])),
    whole("garbage before it", Buffer.concat([Buffer.from("garbage"), sound])),
    whole("the same file behind it", Buffer.concat([sound, sound]), "accepted"),
    whole("CSV", Buffer.from("t,s,n,i,b\n2024-01-01,x,1,2,true\n"), "rejected", "magic"),
    whole("gzip around it", gzipSync(sound), "rejected", "gzip"),
    ...Array.from({ length: 30 }, (_, seed) =>
      whole(`eight bytes changed, seed ${seed}`, flip(sound, { seed, from: 4, to: length - 8 }), "any"),
    ),
    ...Array.from({ length: 20 }, (_, seed) =>
      whole(
        `two bytes of its footer changed, seed ${seed}`,
        flip(sound, { seed: 1_000 + seed, from: length - footer - 8, to: length - 8, count: 2 }),
        "any",
      ),
    ),
  ];
}

/** Changes bytes, the same ones for the same seed. */
function flip(
  sound: Buffer,
  { seed, from, to, count = 8 }: { seed: number; from: number; to: number; count?: number },
): Buffer {
  const flipped = Buffer.from(sound);
  let state = seed * 2_654_435_761 + 1;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let index = 0; index < count; index += 1) {
    const at = from + next(to - from);
    flipped[at] = (flipped[at] ?? 0) ^ (1 + next(255));
  }
  return flipped;
}
