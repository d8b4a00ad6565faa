import { describe, expect, it } from "vitest";
import { escapePattern, isPattern, parsePattern } from "../../framework/definitions/source-pattern.ts";

describe("a path", () => {
  it.each([
    ["rows/*.parquet", true],
    ["rows/part-?.csv", true],
    ["2024/**/x.csv", true],
    ["{a,b}.csv", true],
    ["{a,{b,c}}.csv", true],
    ["rows.csv", false],
    ["{a}.csv", false],
    ["{a,b.csv", false],
    ["rows [1].csv", false],
    ["what\\?.csv", false],
    ["\\{a,b}.csv", false],
    ["a\\\\*.csv", true],
  ])("%s is a pattern: %s", (path, expected) => {
    expect(isPattern(path)).toBe(expected);
  });

  it("is no pattern once it is escaped, and means itself as the folder of one", () => {
    const path = "/data {a,b}/we*ird?\\/[x]";
    expect(isPattern(escapePattern(path))).toBe(false);
    expect(parsePattern(`${escapePattern(path)}/*.csv`).folder).toBe(path);
  });
});

describe("a pattern", () => {
  it.each([
    ["/data/rows/*.csv", "/data/rows", 1],
    ["/*.csv", "/", 1],
    ["/data/{a,b}/x.csv", "/data", 2],
    ["/data/{a/b,c}/x.csv", "/data", 2],
    ["/data/{a,b{c,d}}-{e,f}/*", "/data", 6],
    ["/data/{a}/*.csv", "/data/{a}", 1],
  ])("%s begins in %s and has %i alternatives", (pattern, folder, alternatives) => {
    const parsed = parsePattern(pattern);
    expect(parsed.folder).toBe(folder);
    expect(parsed.alternatives).toHaveLength(alternatives);
  });

  it.each([
    ["*.csv", ["a.csv", "é.csv", "a\n.csv"], [".csv", ".a.csv", "a.csv.gz", "acsv"]],
    ["?.csv", ["a.csv", "😀.csv"], ["ab.csv", "..csv"]],
    ["a*b*c", ["abc", "axbxc"], ["ab", "abcd"]],
    ["(a+b)|[c].csv*", ["(a+b)|[c].csv"], ["aab.csv"]],
    [".*", [".hidden"], ["seen"]],
    ["\\*?", ["*a"], ["aa"]],
    ["{x}*", ["{x}", "{x}y"], ["x"]],
  ])("holds names against %s", (pattern, matching, others) => {
    const [name] = parsePattern(`/${pattern}`).alternatives[0] ?? [];
    if (!(name instanceof RegExp)) throw new Error("no pattern of a name");
    expect([...matching, ...others].filter((candidate) => name.test(candidate))).toEqual(matching);
  });
});
