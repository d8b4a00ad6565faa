import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRowLines } from "../../../framework/data/intake/row-lines.ts";
import { Refusal } from "../../../framework/http/refusal.ts";

const read = (text: string, format: "array" | "lines" = "array", most = 10) => readRowLines(text, format, most);

function refusal(text: string, format: "array" | "lines" = "array"): Refusal {
  try {
    read(text, format);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

describe("rows of a batch", () => {
  it("keep each value as it was written, one row a line", () => {
    const text = ` [ {"a" : 12345678901234567890.10, "b":"x, [y]\\" }\\n" } ,\n{"a":1e400,\t"b": [ 1 , {"c":null} ]},{} ] `;
    expect(read(text)).toEqual([
      '{"a":12345678901234567890.10,"b":"x, [y]\\" }\\n"}',
      '{"a":1e400,"b":[1,{"c":null}]}',
      "{}",
    ]);
    expect(read('{"a": 1.0}\r\n\n {"b":"\\u00e4 ä"}\n', "lines")).toEqual(['{"a":1.0}', '{"b":"\\u00e4 ä"}']);
  });

  it("are the same whether they are sent as an array or as lines", () => {
    const rows = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 0, max: 3 }), (sent, indent) => {
        const array = read(JSON.stringify(sent, null, indent));
        expect(array.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(sent)));
        expect(array.every((line) => !line.includes("\n"))).toBe(true);
        expect(read(sent.map((row) => JSON.stringify(row)).join("\n"), "lines")).toEqual(array);
      }),
    );
  });

  it.each([
    ["array", "", 400, "no JSON"],
    ["array", '{"a":1}', 400, "no array"],
    ["array", "[]", 400, "no rows"],
    ["array", "[ ]", 400, "no rows"],
    ["array", '[{"a":1},2]', 400, "row 2 is no JSON object"],
    ["array", "[[1]]", 400, "row 1"],
    ["array", "[null]", 400, "row 1"],
    ["array", '[{"a":1,"b":{"a":1}},{"a":1,"\\u0061":[2]}]', 400, "row 2 has a key twice"],
    ["lines", '{"a":1,"a":2}', 400, "row 1 has a key twice"],
    ["array", '[{"a":"\\ud800"}]', 400, "surrogate"],
    ["lines", "", 400, "no rows"],
    ["lines", '{"a":1}\n{"a":', 400, "row 2 is no JSON"],
    ["lines", '{"a":1}{"a":2}', 400, "row 1 is no JSON"],
    ["lines", '"a"', 400, "row 1"],
    ["lines", '{"\\udfff":1}', 400, "surrogate"],
    ["lines", "{}\n".repeat(11), 413, "more than 10 rows"],
    // Parsed before they are counted, this would be the row that is no JSON.
    ["lines", `${"{}\n".repeat(11)}no`, 413, "more than 10 rows"],
  ] as const)("as %s are refused where they are %j", (format, text, status, said) => {
    const refused = refusal(text, format);
    expect(refused.status).toBe(status);
    expect(refused.message).toContain(said);
  });

  const nest = (depth: number) => `{"a":"\\ud83d\\ude00","b":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
  const widen = (keys: number) => `{${Array.from({ length: keys }, (_, at) => `"k${at}":1`).join(",")}}`;

  it("are refused where they would end whoever reads them, for good", () => {
    for (const format of ["array", "lines"] as const) {
      const write = (...rows: string[]) => (format === "array" ? `[${rows.join()}]` : rows.join("\n"));
      expect(read(write(nest(1_000), widen(9_000)), format)).toHaveLength(2);
      expect(refusal(write("{}", nest(1_001)), format).message).toContain(
        "row 2 has more than 1000 values in each other",
      );
      expect(refusal(write(nest(1_000_000)), format).status).toBe(400);
      expect(read(write(widen(10_000), widen(10_000)), format)).toHaveLength(2);
      const other = refusal(write(widen(10_000), '{"one":1}'), format);
      expect(other.message).toContain("row 2 is the one with which the batch has more than 10000 different keys");
    }
  });
});
