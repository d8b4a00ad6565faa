/**
 * Typed requests whose columns are none: each type with each wrong value, and what is around the rows.
 * @module
 */

export interface TypedCase {
  readonly name: string;
  readonly body: string | Buffer;
  readonly says: string;
  /** @default 400 */
  readonly status?: number;
  /** What stands behind the path. @default nothing */
  readonly query?: string;
}

const row: Readonly<Record<string, string>> = {
  nights: "2",
  rate: "80.5",
  breakfast: "true",
  room: '"street"',
  guest: '"Åsa"',
  booked: '"2026-01-01T10:30:00Z"',
  taste: "[0.5,-1]",
};

function write(columns: Readonly<Record<string, string>>): string {
  const members = Object.entries(columns).map(([name, value]) => `${JSON.stringify(name)}:${value}`);
  return `{${members.join(",")}}`;
}

/** A sound row, whose value is 5.5. */
export const soundRow = write(row);

/** What is wrong for every type, and what for each; as it stands in the text. */
const wrong: Readonly<Record<string, readonly string[]>> = {
  nights: [
    ..."null true false {} [] [2] 1.5 0 31 -1 1e3 1e400 2.0000000000000000001 1.99999999999999999 9007199254740993 4503599627370497.5".split(
      " ",
    ),
    '"2"',
    '""',
    '"two"',
  ],
  rate: [..."true {} [] [80] -0.01 -1 -1e400 1e400".split(" "), '"80"', '""', '"NaN"'],
  breakfast: [..."null 0 1 {} [] [true]".split(" "), '"true"', '""', '"yes"'],
  room: [..."null 1 true {} []".split(" "), '""', '"Garden"', '"garden "', '"attic"', '["garden"]', '"gard\\u0435n"'],
  guest: [
    ..."null 1 true {} []".split(" "),
    '""',
    '"Anna"',
    '"A1"',
    '"A b"',
    '"\\ud800"',
    '"\\ud83c\\udf0a"',
    '"a\\u0000"',
    '"<b>"',
  ],
  booked: [
    ..."null 0 1767225600 true {} []".split(" "),
    '""',
    '"now"',
    '"2026-01-01"',
    '"2026-01-01T10:30:00"',
    '"2026-02-30T10:30:00Z"',
    '"2026-01-01T24:00:00Z"',
    '"2026-01-01T10:60:00Z"',
    '"2026-01-01T10:30:60Z"',
    '"2026-01-01T10:30:00.1234567Z"',
    '"2026-01-01T10:30:00+25:00"',
    '"26-01-01T10:30:00Z"',
    '"+002026-01-01T10:30:00Z"',
    '"2026-01-01T10:30:00Z "',
    '"Thu, 01 Jan 2026 10:30:00 GMT"',
  ],
  taste: [
    ..."null 1 true {} [] [0.5] [0.5,1,1] [0.5,null] [0.5,true] [0.5,[1]] [0.5,{}] [0.5,1.5] [-1.01,0] [1e400,0]".split(
      " ",
    ),
    '"0.5,1"',
    '[0.5,"1"]',
    '{"0":0.5,"1":1,"length":2}',
  ],
};

const values = Object.entries(wrong).flatMap(([name, all]) =>
  all.map(
    (value): TypedCase => ({
      name: `with ${value} for ${name}`,
      body: write({ ...row, [name]: value }),
      says: `"${name}": the value does not fit`,
    }),
  ),
);

const missing = Object.keys(row).map((name): TypedCase => {
  const { [name]: _left, ...others } = row;
  return { name: `without ${name}`, body: write(others), says: `"${name}": the column is missing` };
});

const unknown = ["Nights", "spent", "", "__proto__", "constructor", "rows ", "n".repeat(5000)].map(
  (name): TypedCase => ({
    name: `with a column ${JSON.stringify(name.slice(0, 20))}`,
    body: write({ ...row, [name]: "1" }),
    says: `"${name.slice(0, 80)}`,
  }),
);

const lists: readonly TypedCase[] = [
  { name: "of no rows", body: '{"rows":[]}', says: '"rows" is empty' },
  { name: "with something beside its rows", body: `{"rows":[${soundRow}],"nights":2}`, says: 'stands beside "rows"' },
  {
    name: "with something long beside its rows",
    body: `{"rows":[${soundRow}],"${"n".repeat(100_000)}":2}`,
    says: 'stands beside "rows"',
  },
  { name: "of one row in an object", body: `{"rows":${soundRow}}`, says: '"rows": there is no such column' },
  ...["null", "1", '"a"', "[]", "true"].map((one) => ({
    name: `with ${one} for a row`,
    body: `{"rows":[${soundRow},${one}]}`,
    says: 'row 1, "": the row is no object',
  })),
  {
    name: "with a wrong row among right ones",
    body: `{"rows":[${soundRow},${write({ ...row, nights: "1.00000000000000000001" })}]}`,
    says: 'row 1, "nights": the value does not fit (got 1.00000000000000000001',
  },
  {
    name: "of 10,001 rows",
    body: `{"rows":[${new Array(10_001).fill("{}").join(",")}]}`,
    says: "the request has 10001 rows",
  },
  {
    name: "of 10,000 rows that lack everything",
    body: `{"rows":[${new Array(10_000).fill("{}").join(",")}]}`,
    says: "more",
  },
  {
    name: "of a row of 10,000 columns that there are not",
    body: write({ ...row, ...Object.fromEntries(Array.from({ length: 9900 }, (_, i) => [`c${i}`, "1"])) }),
    says: "there is no such column",
  },
  {
    name: "of a row of 20,000 columns",
    body: write(Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`c${i}`, "1"]))),
    says: "an object has more than 10000 keys",
  },
];

const documents: readonly TypedCase[] = [
  ...["null", "1", '"a"', "true", "[]", `[${soundRow}]`].map((body) => ({
    name: `of ${body.slice(0, 10)} alone`,
    body,
    says: "expected an object of columns",
  })),
  { name: "of nothing", body: "", says: "the body is not JSON" },
  { name: "that breaks off", body: soundRow.slice(0, -1), says: "the body is not JSON" },
  { name: "with a column twice", body: soundRow.replace("{", '{"nights":1,'), says: "a key twice" },
  { name: "of lists in one another", body: `{"nights":${"[".repeat(50)}${"]".repeat(50)}}`, says: "more than 32 deep" },
  { name: "that is not UTF-8", body: Buffer.from(soundRow, "latin1"), says: "the body is not JSON" },
];

const queries = [
  "explain=all",
  "explain",
  "attributions=1",
  "debug=true",
  "explain=features&x=1",
  "__proto__=1",
  "explain=%zz",
].map(
  (query): TypedCase => ({
    name: `with the query ${query}`,
    body: soundRow,
    says: "the query of this path is",
    query: `?${query}`,
  }),
);

/** Each is refused with the row and the column. */
export const typedCases: readonly TypedCase[] = [...values, ...missing, ...unknown, ...lists, ...documents, ...queries];
