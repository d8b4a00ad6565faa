import { describe, expect, it } from "vitest";
import { matchKey, parseKeyPattern } from "../../../../framework/data/sources/s3/matching-keys.ts";

describe("a pattern of keys", () => {
  it.each([
    ["rows/*.csv", "rows/", "rows/"],
    ["rows/2024-*/*.csv", "rows/2024-", "rows/"],
    ["*.csv", "", ""],
    ["a/b/c?.csv", "a/b/c", "a/b/"],
    ["a/{b,c}/x.csv", "a/", "a/"],
    ["a/{b}/*.csv", "a/{b}/", "a/{b}/"],
    ["a\\*/*.csv", "a*/", "a*/"],
    ["a//b/*.csv", "a//b/", "a//b/"],
    ["/a/*.csv", "/a/", "/a/"],
  ])("%s is looked for from %s on, and its names begin after %s", (pattern, prefix, folder) => {
    expect(parseKeyPattern(pattern)).toMatchObject({ prefix, folder });
  });

  it.each([
    ["rows/*.csv", "rows/a.csv", "a.csv"],
    ["rows/*.csv", "rows/.a.csv", undefined],
    ["rows/.*.csv", "rows/.a.csv", ".a.csv"],
    ["rows/*.csv", "rows/a/b.csv", undefined],
    ["rows/*.csv", "rows/", undefined],
    ["rows/*.csv", "row/a.csv", undefined],
    ["rows/**/*.csv", "rows/a.csv", "a.csv"],
    ["rows/**/*.csv", "rows/a/b/c.csv", "a/b/c.csv"],
    ["rows/**/*.csv", "rows/.a/c.csv", undefined],
    ["rows/**", "rows/a/b", "a/b"],
    ["rows/**", "rows/a/", undefined],
    ["{a,b/c}/?.csv", "b/c/x.csv", "b/c/x.csv"],
    ["{a,b/c}/?.csv", "b/x.csv", undefined],
    ["*", "😀", "😀"],
    ["?.csv", "😀.csv", "😀.csv"],
    ["a\\*b/*.csv", "a*b/x.csv", "x.csv"],
    ["/a/*.csv", "/a/x.csv", "x.csv"],
    ["/a/*.csv", "a/x.csv", undefined],
    ["rows/*/x.csv", "rows//x.csv", "/x.csv"],
  ])("%s takes of %s the file %s", (pattern, key, file) => {
    expect(matchKey(parseKeyPattern(pattern), key)).toEqual(file === undefined ? undefined : { file });
  });

  it.each([
    ["rows/*", "rows/2024/a.csv", "rows/2024"],
    ["rows/*", "rows/2024/", "rows/2024"],
    ["*", "rows/2024/a.csv", "rows"],
    ["rows/{*,*/*}", "rows/2024/a.csv", undefined],
  ])("%s takes of %s what has objects below it: %s", (pattern, key, folder) => {
    expect(matchKey(parseKeyPattern(pattern), key)).toEqual(folder ? { folder } : { file: "2024/a.csv" });
  });
});
