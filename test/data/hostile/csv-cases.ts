/**
 * CSV as it should not be.
 * @module
 */
import type { TestColumn } from "../ingesting.ts";
import type { HostileCase, Verdict } from "./hostile-case.ts";

const header = "t,s,n,i,b";
const good = "2024-01-01,x,1.5,2,true";

/** A good row, and one that has this in a column. */
function withCell(column: string, cell: string): string {
  const cells = { t: "2024-01-02", s: "y", n: "2.5", i: "3", b: "false", [column]: cell };
  return `${header}\n${good}\n${Object.values(cells).join(",")}\n`;
}

const nouns: Readonly<Record<string, string>> = { t: "a time", n: "a number", i: "an integer", b: "true or false" };

/** A cell that is no value of its column. */
function refused(column: string, cell: string, what: string): HostileCase {
  const says = [`row 2: ${column} is not ${nouns[column]}`];
  return { title: what, content: withCell(column, cell), verdict: "quarantined", says };
}

function taken(column: string, cell: string, what: string): HostileCase {
  return { title: what, content: withCell(column, cell), verdict: "accepted" };
}

function whole(title: string, content: HostileCase["content"], verdict: Verdict, ...says: string[]): HostileCase {
  return { title, content, verdict, says };
}

const many = Array.from({ length: 300 }, (_, index): TestColumn => ({ name: `c${index}`, type: "integer" }));
const manyHeader = `t,${many.map(({ name }) => name).join(",")}`;
const manyCells = many.map((_, index) => index).join(",");
const cell64 = "a".repeat(64 * 2 ** 20);

export const csvCases: readonly HostileCase[] = [
  whole("an empty file", "", "rejected", "no columns"),
  whole("a byte order mark alone", "\uFEFF", "rejected", "lacks"),
  whole("line ends alone", "\n\n\n", "rejected", "no columns"),
  whole("a header without rows", `${header}\n`, "rejected", "has no rows"),
  whole("a header without a line end", header, "rejected", "has no rows"),
  whole("a row without a line end", `${header}\n${good}`, "accepted"),
  whole("a row with a cell too few", `${header}\n${good}\n2024-01-02,y,1,2\n`, "rejected", "Line: 3"),
  whole("a row with a cell too many", `${header}\n${good}\n2024-01-02,y,1,2,true,9\n`, "rejected", "Line: 3"),
  whole("an empty line among the rows", `${header}\n${good}\n\n${good}\n`, "accepted"),
  whole(
    "a header of another delimiter",
    `${header.replaceAll(",", ";")}\n${good.replaceAll(",", ";")}\n`,
    "rejected",
    "lacks",
  ),
  whole("a header of tabs", `${header.replaceAll(",", "\t")}\n${good.replaceAll(",", "\t")}\n`, "rejected", "lacks"),
  whole("the same header twice", `t,s,s,n,i,b\n2024-01-01,x,y,1,2,true\n`, "rejected", 'more than one column "s"'),
  whole("a header in another case", `T,S,N,I,B\n${good}\n`, "rejected", "lacks"),
  whole("a header with spaces", `t, s, n, i, b\n${good}\n`, "rejected", "lacks"),
  whole("a header with a line end in it", `t,s,n,i,b,"odd\nname"\n${good},1\n`, "accepted"),
  whole("a header named __proto__", `${header},__proto__\n${good},1\n`, "accepted"),
  whole("a header named constructor", `${header},constructor\n${good},1\n`, "accepted"),
  whole("columns without names", `,${header},\n0,${good},\n`, "accepted"),
  { ...whole("three hundred columns", `${manyHeader}\n2024-01-01,${manyCells}\n`, "accepted"), columns: many },
  {
    ...whole(
      "ten thousand columns that the schema lacks",
      `${header},${manyHeader.slice(2)}\n${good},${manyCells}\n`,
      "accepted",
    ),
  },
  whole("a quote that is never closed", `${header}\n${good}\n2024-01-02,"y,1,2,true\n`, "rejected", "Line: 3"),
  whole("a quote within a cell", withCell("s", 'y"z'), "accepted"),
  whole("text after a closing quote", withCell("s", '"y"z'), "rejected", "Line: 3"),
  whole("quotes that are doubled", withCell("s", '"say ""y"""'), "accepted"),
  whole("a line end within quotes", withCell("s", '"y\nz"'), "accepted"),
  whole("a CRLF within quotes", withCell("s", '"y\r\nz"'), "accepted"),
  whole("a NUL in a text", withCell("s", "y\0z"), "accepted"),
  whole("a NUL in a number", withCell("n", "1\0"), "quarantined", "row 2: n is not a number"),
  whole("a NUL alone", withCell("n", "\0"), "quarantined", "row 2: n is not a number"),
  whole("CRLF", `${header}\r\n${good}\r\n`, "accepted"),
  whole("CR alone", `${header}\r${good}\r`, "accepted"),
  whole("LF and CRLF in turn", `${header}\n${good}\r\n${good}\n`, "rejected"),
  whole("a byte order mark", `\uFEFF${header}\n${good}\n`, "accepted"),
  whole("two byte order marks", `\uFEFF\uFEFF${header}\n${good}\n`, "accepted"),
  whole("UTF-16, little end first", Buffer.from(`\uFEFF${header}\n${good}\n`, "utf16le"), "rejected", "UTF-16"),
  whole("UTF-16, big end first", Buffer.from(`\uFEFF${header}\n${good}\n`, "utf16le").swap16(), "rejected", "UTF-16"),
  whole("UTF-16 without a mark", Buffer.from(`${header}\n${good}\n`, "utf16le"), "rejected", "lacks"),
  whole("Latin-1", Buffer.from(withCell("s", "Zürich"), "latin1"), "rejected", "utf-8"),
  whole(
    "Latin-1 in a column that the schema lacks",
    Buffer.from(`${header},x\n${good},Zürich\n`, "latin1"),
    "rejected",
    "utf-8",
  ),
  whole(
    "UTF-8 that is cut",
    Buffer.concat([
      Buffer.from(`${header}\n${good}\n2024-01-02,`),
      Buffer.from([0xe2, 0x82]),
      Buffer.from(",1,2,true\n"),
    ]),
    "rejected",
    "utf-8",
  ),
  whole(
    "UTF-8 that is longer than it need be",
    Buffer.concat([Buffer.from(`${header}\n2024-01-02,`), Buffer.from([0xc0, 0xaf]), Buffer.from(",1,2,true\n")]),
    "rejected",
    "utf-8",
  ),
  whole(
    "a surrogate in UTF-8",
    Buffer.concat([Buffer.from(`${header}\n2024-01-02,`), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from(",1,2,true\n")]),
    "rejected",
    "utf-8",
  ),
  whole("a line of 64 MB", `${header}\n2024-01-02,${cell64},1,2,true\n`, "rejected", "line"),
  whole("a header of 64 MB", `${header},${cell64}\n`, "rejected", "line"),
  whole("a last line of 64 MB", `${header}\n${good}\n2024-01-02,${cell64}`, "rejected", "line"),
  whole(
    "lines of 64 MB within quotes",
    `${header}\n${good}\n2024-01-02,"${`${"a".repeat(1000)}\n`.repeat(65_000)}",1,2,true`,
    "rejected",
  ),
  whole("a line of 1 MB", `${header}\n2024-01-02,${"a".repeat(2 ** 20)},1,2,true\n`, "accepted"),
  whole("Parquet's first bytes", "PAR1,s\n", "rejected", "Parquet"),
  whole("JSON", '{"t":"2024-01-01"}\n', "rejected", "lacks"),
  whole("gzip without its name", Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), "rejected", "gzip"),
  whole("a spreadsheet", Buffer.from("PK\u0003\u0004abc", "latin1"), "rejected", "ZIP"),
  taken("s", "=cmd|'/c calc'!A1", "a formula"),
  taken("s", "@SUM(A1)", "a formula by another name"),
  taken("s", "NULL", "the word NULL in a text"),
  taken("s", "NaN", "the word NaN in a text"),
  taken("s", '""', "an empty text, which is no null"),
  taken("s", " y ", "spaces around a text"),
  taken("s", "007", "leading zeros in a text"),
  taken("s", "\u202Eabc", "a text that turns its direction"),
  taken("s", "e\u0301", "a text that could be composed"),
  taken("n", "", "nothing, which is null"),
  taken("n", "1E5", "an exponent"),
  taken("n", "-0", "minus zero"),
  taken("n", "5e-324", "the smallest number"),
  taken("n", "1e-999", "a number that is too small to tell from zero"),
  taken("n", "0.1000000000000000055511151231257827", "more digits than a number has"),
  taken("i", "3.0", "an integer with a fraction of zeros"),
  taken("i", "9007199254740991", "the largest integer"),
  taken("b", "TRUE", "a boolean in capitals"),
  ...["1,5"].map((cell) => refused("n", `"${cell}"`, "a decimal comma")),
  ...[
    "1e999",
    "-1e999",
    "NaN",
    "nan",
    "Inf",
    "-Infinity",
    "NA",
    "N/A",
    "None",
    "null",
    "-",
    "--1",
    "+1",
    "1.",
    ".5",
    "0x1F",
    "1_000",
    "1'000",
    "١٢",
    "1 000",
    "01.5",
    "$5",
    "5%",
    "1d",
    "#DIV/0!",
    " 1",
    "1 ",
    '""',
  ].map((cell) => refused("n", cell, `${cell} for a number`)),
  ...['"1,000"', "1e3", "3.5", "007", "9007199254740992", "99999999999999999999999", "true", "0b1", "-"].map((cell) =>
    refused("i", cell, `${cell} for an integer`),
  ),
  ...["1", "0", "yes", "t", "True ", "wahr"].map((cell) => refused("b", cell, `${cell} for a boolean`)),
  ...[
    "2024-02-30",
    "2023-02-29",
    "31/02/2024",
    "02/03/2024",
    "24-01-02",
    "2024-1-2",
    "2024-13-01",
    "0000-01-01",
    "10000-01-01",
    "2024-01-02T24:00",
    "2024-01-02T12:60",
    "2024-01-02T23:59:60",
    "20240102",
    "1704153600",
    "now",
    "infinity",
    "epoch",
    "2024-01-02 12:00 Europe/Zurich",
    "2024-01-02T12:00:00 +01:00",
    "2024-01-02T12:00+24:00",
    "2024-W01-1",
    "2024-001",
    "Jan 2 2024",
  ].map((cell) => refused("t", cell, `${cell} for a time`)),
  { ...whole("no time", withCell("t", ""), "quarantined", "row 2: t is null") },
  ...[
    "2024-01-02T12:00:00Z",
    "2024-01-02T12:00:00+05:30",
    "2024-01-02 12:00",
    "2024-02-29",
    "0001-01-01",
    "9999-12-31T23:59:59.999999",
    "2024-01-02T12:00:00.123456789",
    "2024-03-31T02:30:00",
  ].map((cell) => taken("t", cell, `${cell} for a time`)),
];
