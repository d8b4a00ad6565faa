/**
 * JSON as it should not be.
 * @module
 */
import type { TestColumn } from "../ingesting.ts";
import type { HostileCase, Verdict } from "./hostile-case.ts";

const good = '{"t":"2024-01-01","s":"x","n":1.5,"i":2,"b":true}';

/** A good row, and one that has this in a column. */
function withValue(column: string, value: string): string {
  const values: Record<string, string> = { t: '"2024-01-02"', s: '"y"', n: "2.5", i: "3", b: "false", [column]: value };
  return `${good}\n{${Object.entries(values)
    .map(([name, text]) => `"${name}":${text}`)
    .join(",")}}\n`;
}

const nouns: Readonly<Record<string, string>> = {
  t: "a time",
  s: "a text",
  n: "a number",
  i: "an integer",
  b: "true or false",
};

function refused(column: string, value: string): HostileCase {
  const says = [`row 2: ${column} is not ${nouns[column]}`];
  return { title: `${value} as ${nouns[column]}`, content: withValue(column, value), verdict: "quarantined", says };
}

function taken(column: string, value: string): HostileCase {
  return { title: `${value} as ${nouns[column]}`, content: withValue(column, value), verdict: "accepted" };
}

function whole(title: string, content: HostileCase["content"], verdict: Verdict, ...says: string[]): HostileCase {
  return { title, content, verdict, says };
}

const many = Array.from({ length: 300 }, (_, index): TestColumn => ({ name: `c${index}`, type: "integer" }));
const manyRow = `{"t":"2024-01-01",${many.map(({ name }, index) => `"${name}":${index}`).join(",")}}\n`;

export const jsonCases: readonly HostileCase[] = [
  whole("an empty file", "", "rejected"),
  whole("an empty array", "[]", "rejected"),
  whole("an object without fields", "{}", "rejected"),
  whole("a number", "5", "rejected"),
  whole("null", "null", "rejected"),
  whole("a text", '"t"', "rejected"),
  whole("an array of numbers", "[1,2,3]", "rejected"),
  whole("an array of arrays", '[["2024-01-01","x",1,2,true]]', "rejected"),
  whole("an array that is not closed", `[${good}`, "rejected"),
  whole("an object that is not closed", `${good}\n{"t":"2024-01-02"`, "rejected"),
  whole("garbage after the rows", `${good}\nxyz\n`, "rejected"),
  whole("garbage after the array", `[${good}] xyz`, "rejected"),
  whole("two arrays, one after the other", `[${good}][${good}]`, "rejected"),
  whole("two objects on a line", `${good}${good}\n`, "accepted"),
  whole("a comma after the last row", `[${good},]`, "rejected"),
  whole("a comment", `// rows\n${good}\n`, "rejected"),
  whole("names without quotes", '{t:"2024-01-01",s:"x",n:1,i:2,b:true}\n', "rejected"),
  whole("single quotes", good.replaceAll('"', "'"), "rejected"),
  whole("a byte order mark", `\uFEFF${good}\n`, "accepted"),
  whole("UTF-16", Buffer.from(`\uFEFF${good}\n`, "utf16le"), "rejected", "UTF-16"),
  whole("Latin-1", Buffer.from(withValue("s", '"Zürich"'), "latin1"), "rejected"),
  whole("a NUL between rows", `${good}\n\0\n${good}\n`, "rejected"),
  whole("Parquet's first bytes", "PAR1", "rejected", "Parquet"),
  whole("the same name twice", '{"t":"2024-01-01","s":"x","n":1,"n":2,"i":2,"b":true}\n', "rejected"),
  whole(
    "the same name twice, by an escape",
    '{"t":"2024-01-01","s":"x","n":1,"\\u006e":2,"i":2,"b":true}\n',
    "rejected",
  ),
  whole("a name in two cases", '{"t":"2024-01-01","s":"x","n":1,"N":2,"i":2,"b":true}\n', "accepted"),
  whole("a field named __proto__", `${good.slice(0, -1)},"__proto__":{"s":"z"}}\n`, "accepted"),
  whole(
    "an object a hundred thousand deep",
    `${good.slice(0, -1)},"x":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}\n`,
    "any",
  ),
  whole("arrays a million deep", `${"[".repeat(1_000_000)}\n`, "rejected"),
  whole("a row of 64 MB", `${good.replace('"x"', JSON.stringify("a".repeat(64 * 2 ** 20)))}\n`, "rejected"),
  { ...whole("three hundred columns", manyRow, "accepted"), columns: many },
  whole("a field that comes late", `${'{"t":"2024-01-01"}\n'.repeat(25_000)}${good}\n`, "accepted"),
  whole("rows without a time", `${good}\n{"s":"y"}\n`, "quarantined", "row 2: t is null"),
  whole("a row that is null", `${good}\nnull\n`, "quarantined", "row 2: t is null"),
  whole("empty lines", `\n\n${good}\n\n\n${good}\n\n`, "accepted"),
  whole("CRLF", `${good}\r\n${good}\r\n`, "accepted"),
  whole("CR alone", `${good}\r${good}\r`, "accepted"),
  ...["01", "+1", ".5", "1.", "0x10", "undefined", "1_000", "'y'", "True", "- 1"].map((value) =>
    whole(`${value}, which is no JSON`, withValue("n", value), "rejected"),
  ),
  whole("a lone surrogate", withValue("s", '"\\ud800"'), "rejected"),
  whole("surrogates in the wrong order", withValue("s", '"\\udc00\\ud800"'), "rejected"),
  whole("an escape that there is not", withValue("s", '"\\x41"'), "rejected"),
  whole("a tab within a text", withValue("s", '"a\tb"'), "rejected", "control character"),
  taken("s", '"a\\u0000b"'),
  taken("s", '"\\ud83d\\ude00"'),
  taken("s", '""'),
  taken("s", "null"),
  taken("n", "1e-999"),
  taken("n", "-0"),
  taken("n", "-0.0"),
  taken("n", "5e-324"),
  taken("n", "0.1000000000000000055511151231257827"),
  taken("n", "123456789012345678901234567890"),
  taken("n", "1.7976931348623157e308"),
  taken("i", "3.0"),
  taken("i", "3e2"),
  taken("i", "3.0000000000000000001"),
  taken("i", "9007199254740991"),
  taken("t", '"2024-01-02T12:00:00+05:30"'),
  ...["NaN", "Infinity", "-Infinity", "nan", "1e999"].map((value) => refused("n", value)),
  refused("n", "-1e999"),
  refused("n", `1${"0".repeat(400)}`),
  refused("n", '"1.5"'),
  refused("n", '"NaN"'),
  refused("n", '""'),
  refused("n", "true"),
  refused("n", "[1]"),
  refused("n", '{"a":1}'),
  refused("i", "9007199254740992"),
  refused("i", "9007199254740993"),
  refused("i", "18446744073709551616"),
  refused("i", "9007199254740991.5"),
  refused("i", "3.5"),
  refused("i", '"3"'),
  refused("b", "1"),
  refused("b", '"true"'),
  refused("s", "5"),
  refused("s", "true"),
  refused("s", '["y"]'),
  refused("s", '{"y":1}'),
  refused("t", "1704153600"),
  refused("t", '"2024-02-30"'),
  refused("t", '"02/03/2024"'),
  refused("t", "true"),
];
