import { describe, expect, it } from "vitest";
import type { ColumnSpec } from "../../../framework/definitions/spec.ts";
import { parseMoment } from "../../../framework/serving/typed/moment.ts";
import { type ColumnProblem, RefusedColumns } from "../../../framework/serving/typed/refused-columns.ts";
import { type AskedShape, readRequestRows } from "../../../framework/serving/typed/request-rows.ts";

const column = (name: string, type: ColumnSpec["type"], more: Partial<ColumnSpec> = {}): ColumnSpec => ({
  name,
  type,
  nullable: false,
  known: "0 seconds",
  ...more,
});
const shape = {
  eventTime: "time",
  columns: [
    column("time", "timestamp"),
    column("origin", "string", { minLength: 1, maxLength: 3, patterns: ["/^\\p{L}+$/u"] }),
    column("seats", "integer", { min: 1, max: 400 }),
    column("load", "number", { nullable: true }),
    column("open", "boolean"),
    column("booked", "timestamp", { nullable: true }),
    column("taste", "vector", { length: 2, min: -1, max: 1 }),
  ],
};
const now = 1_767_225_600_000_000n;
const row = {
  origin: "ÖRE",
  seats: 7,
  load: null,
  open: true,
  booked: "2026-01-01T00:00:00.123456Z",
  taste: [0.5, -1],
};
const read = (body: unknown, asked: AskedShape = shape) =>
  readRequestRows(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), asked, now);

function refusalOf(body: unknown, asked?: AskedShape): RefusedColumns {
  try {
    read(body, asked);
  } catch (error) {
    if (error instanceof RefusedColumns) return error;
    throw error;
  }
  throw new Error("it was taken");
}

describe("a typed request", () => {
  it("is one row, which happens now unless it says when", () => {
    const { rows, isList } = read(row);
    expect(isList).toBe(false);
    expect(rows).toEqual([
      {
        values: { ...row, time: new Date("2026-01-01T00:00:00Z"), booked: new Date("2026-01-01T00:00:00.123Z") },
        moments: { time: now, booked: now + 123_456n },
        eventTime: now,
      },
    ]);
    expect(read({ ...row, time: "2026-01-01T01:00:00+02:00" }).rows[0]?.eventTime).toBe(now - 3_600_000_000n);
  });

  it("is a list of rows", () => {
    const { rows, isList } = read({ rows: [row, { ...row, seats: 8 }] });
    expect([isList, rows.map(({ values }) => values["seats"])]).toEqual([true, [7, 8]]);
  });

  it.each<[string, object, Omit<ColumnProblem, "row">]>([
    ["a column that there is not", { gate: 1 }, { column: "gate", what: "there is no such column" }],
    ["a missing column", { seats: undefined }, { column: "seats", what: "the column is missing" }],
    [
      "too long a text",
      { origin: "SEAT" },
      {
        column: "origin",
        what: "the value does not fit",
        got: '"SEAT"',
        expected: "a text of 1 to 3 characters like /^\\p{L}+$/u",
      },
    ],
    ["a null", { open: null }, { column: "open", what: "the value does not fit", got: "null", expected: "a boolean" }],
    ["a fraction", { seats: 1.5 }, { column: "seats", what: "the value does not fit", got: "1.5" }],
    ["a number below its bound", { seats: 0 }, { column: "seats", what: "the value does not fit" }],
    ["a number above its bound", { seats: 401 }, { column: "seats", what: "the value does not fit" }],
    ["a text of a number", { load: "1" }, { column: "load", what: "the value does not fit", got: '"1"' }],
    ["a text that is too long", { origin: "ABCD" }, { column: "origin", what: "the value does not fit" }],
    ["a text that no pattern has", { origin: "A1" }, { column: "origin", what: "the value does not fit" }],
    ["half a character", { origin: "\ud83d" }, { column: "origin", what: "the value does not fit" }],
    [
      "a day that there is not",
      { booked: "2026-02-30T00:00:00Z" },
      { column: "booked", what: "the value does not fit" },
    ],
    [
      "a vector that is too short",
      { taste: [1] },
      { column: "taste", what: "the value does not fit", got: "a list of 1" },
    ],
    ["a vector that is too long", { taste: [0, 0, 0] }, { column: "taste", what: "the value does not fit" }],
    ["a vector with a null", { taste: [0, null] }, { column: "taste", what: "the value does not fit" }],
    ["a vector with a text", { taste: [0, "1"] }, { column: "taste", what: "the value does not fit" }],
    ["a vector in a vector", { taste: [0, [1]] }, { column: "taste", what: "the value does not fit" }],
    [
      "a vector beyond its bounds",
      { taste: [0, 1.5] },
      { column: "taste", what: "the value does not fit", expected: "an array of 2 numbers from -1 to 1" },
    ],
    ["a number for a vector", { taste: 1 }, { column: "taste", what: "the value does not fit", got: "1" }],
    ["a time without a zone", { time: "2026-02-03T00:00:00" }, { column: "time", what: "the value does not fit" }],
  ])("is refused for %s", (_name, change, problem) => {
    expect(refusalOf({ ...row, ...change }).problems).toEqual([expect.objectContaining(problem)]);
    expect(refusalOf({ rows: [row, { ...row, ...change }] }).problems).toEqual([
      expect.objectContaining({ row: 1, ...problem }),
    ]);
  });

  it("is refused for all that is wrong with it at once, and not for more than can be read", () => {
    expect(refusalOf({ seats: "x", gate: 1 }).problems.map((one) => one.column)).toEqual([
      "gate",
      "origin",
      "seats",
      "load",
      "open",
      "booked",
      "taste",
    ]);
    const { problems, message } = refusalOf({ rows: Array.from({ length: 30 }, () => ({ ...row, seats: 0 })) });
    expect(problems).toHaveLength(20);
    expect(message).toMatch(/; and 10 more$/);
    expect(refusalOf({ ...row, ["x".repeat(5000)]: 1 }).message.length).toBeLessThan(300);
  });

  it.each<[string, AskedShape]>([
    ["the endpoint", { ...shape, recorded: { time: "plain", seats: "plain", load: "hash", taste: "redact" } }],
    [
      "the dataset",
      {
        ...shape,
        columns: shape.columns.map((one) => (one.name === "seats" ? one : { ...one, pii: "encrypt" as const })),
      },
    ],
  ])("does not hear back what says something of persons, as %s says", (_who, asked) => {
    const sent = { ...row, origin: "secret-1", seats: 1.5, load: "secret-2", taste: [1, 2, 3] };
    const { problems, message } = refusalOf({ rows: [sent, "secret-3"] }, asked);
    expect(problems.map(({ column: name, got }) => [name, got])).toEqual([
      ["origin", undefined],
      ["seats", "1.5"],
      ["load", undefined],
      ["taste", undefined],
      ["", undefined],
    ]);
    expect(problems[0]?.expected).toMatch(/^a text/);
    expect(message).not.toContain("secret");
    expect(() => read('"secret-4"', asked)).toThrow("the body is no object, expected");
  });

  it.each<[string, unknown, RegExp]>([
    ["no JSON", "{", /not JSON/],
    ["a list", [row], /a list, expected an object/],
    ["no rows", { rows: [] }, /"rows" is empty/],
    ["too many rows", { rows: Array.from({ length: 10_001 }, () => 1) }, /10001 rows, at most 10000/],
  ])("is refused for %s", (_name, body, message) => {
    expect(() => read(body)).toThrow(message);
  });

  it("is refused for what stands beside a list of rows", () => {
    expect(refusalOf({ rows: [row], explain: true }).problems).toEqual([
      expect.objectContaining({ column: "explain", what: 'stands beside "rows"' }),
    ]);
    expect(refusalOf({ rows: [7] }).problems).toEqual([{ row: 0, column: "", what: "the row is no object", got: "7" }]);
  });
});

describe("a moment", () => {
  it.each([
    ["2026-03-01T09:30:00Z", 1_772_357_400_000_000n],
    ["2026-03-01 10:30:00.25+01:00", 1_772_357_400_250_000n],
    ["1969-12-31T23:59:59.999999Z", -1n],
  ])("%s is read to the microsecond", (text, microseconds) => {
    const moment = parseMoment(text);
    expect(moment?.microseconds).toBe(microseconds);
    expect(BigInt(moment?.date.getTime() ?? 0)).toBeLessThanOrEqual(microseconds / 1000n);
  });

  it.each(["", "2026-03-01", "2026-13-01T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T00:00:00.1234567Z"])(
    "is not %j",
    (text) => {
      expect(parseMoment(text)).toBeUndefined();
    },
  );
});
