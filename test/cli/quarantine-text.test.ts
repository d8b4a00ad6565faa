import { describe, expect, it } from "vitest";
import { formatQuarantine, formatQuarantineCsv, type ShownQuarantine } from "../../framework/cli/quarantine-text.ts";

const shown: ShownQuarantine = {
  dataset: "flights",
  version: {
    rows: 1_999_997,
    quarantined: {
      rows: 3,
      reasons: [
        { column: "delay", reason: "is above 1440", rows: 2 },
        { column: "", reason: "arrives after it leaves", rows: 1 },
      ],
    },
  },
  rows: [
    {
      file: "2024/01.csv",
      position: 1234,
      reasons: ["delay is above 1440", "origin is null"],
      values: { origin: null, delay: "2000", note: "x" },
    },
    {
      file: "2024/02.csv",
      position: 7,
      reasons: ["arrives after it leaves"],
      values: { origin: "JFK", delay: "1", note: "z".repeat(60) },
    },
  ],
  isMore: true,
  isFiltered: false,
  skip: 0,
};

describe("a quarantine for a terminal", () => {
  it("shows the counts by reason, the rows with what is wrong in them, and what to do", () => {
    expect(formatQuarantine(shown).split("\n")).toEqual([
      "dataset flights: 3 of 2,000,000 rows quarantined",
      "  2 rows  delay is above 1440",
      '  1 row   the rule "arrives after it leaves" does not hold',
      "",
      "  file         row    reasons                              values",
      '  2024/01.csv  1,234  delay is above 1440; origin is null  origin null, delay "2000"',
      `  2024/02.csv  7      arrives after it leaves              origin "JFK", delay "1", note "${"z".repeat(39)}…"`,
      "  and more: --skip 2 shows the next",
      "",
      "A row that is wrong is mended in the source; one that is right asks for another schema or contract. Then run npx pulumi up.",
    ]);
  });

  it("names no file where the source is one", () => {
    const rows = shown.rows.map((row) => ({ ...row, file: "" }));
    expect(formatQuarantine({ ...shown, rows }).split("\n")[4]).toMatch(/^ {2}row {4}reasons/);
  });

  it("says that there is nothing, of all or of what was asked for", () => {
    expect(formatQuarantine({ ...shown, version: { rows: 1 } })).toBe("dataset flights: no row is quarantined");
    const none = { ...shown, rows: [], isMore: false };
    expect(formatQuarantine({ ...none, isFiltered: true })).toContain("\nno row has such a reason\n");
    expect(formatQuarantine({ ...none, skip: 9 })).toContain("\nthere are no more rows\n");
  });
});

describe("a quarantine as CSV", () => {
  it("has all values as they came, a null apart from an empty text", () => {
    const rows = [
      { file: "", position: 1, reasons: ["a is null", "b is not a text"], values: { a: null, b: "" } },
      { file: 'x,"y".csv', position: 2, reasons: ["b is not a text"], values: { a: "two\nlines", b: "1" } },
    ];
    expect(formatQuarantineCsv(rows)).toBe(
      '__file,__position,__reasons,a,b\r\n"",1,a is null; b is not a text,,""\r\n"x,""y"".csv",2,b is not a text,"two\nlines",1',
    );
  });
});
