import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findSourceFiles } from "../../framework/data/find-source-files.ts";
import { failure } from "../support/failure.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), name);
  }
}

const find = async (pattern: string) => (await findSourceFiles(join(folder, pattern))).map(({ name }) => name);

describe("the files of a pattern", () => {
  it.each([
    ["*.csv", ["a.csv", "b.csv"]],
    ["2024/*.csv", ["c.csv"]],
    ["*/*.csv", ["2023/d.csv", "2024/c.csv"]],
    ["**/*.csv", ["2023/d.csv", "2024/c.csv", "2024/q1/e.csv", "a.csv", "b.csv"]],
    ["2024/**", ["c.csv", "q1/e.csv", "q1/f.csv.gz"]],
    ["**/q?/*.csv{,.gz}", ["2024/q1/e.csv", "2024/q1/f.csv.gz"]],
    ["{2023,2024/q1}/*", ["2023/d.csv", "2024/q1/e.csv", "2024/q1/f.csv.gz"]],
    ["{a,b,a}.csv", ["a.csv", "b.csv"]],
    ["**/**/e.csv", ["2024/q1/e.csv"]],
    [".hidden/*", ["g.csv"]],
  ])("of %s", async (pattern, expected) => {
    await put(
      "b.csv",
      "a.csv",
      "2023/d.csv",
      "2024/c.csv",
      "2024/q1/e.csv",
      "2024/q1/f.csv.gz",
      ".hidden/g.csv",
      ".h.csv",
    );
    expect(await find(pattern)).toEqual(expected);
  });

  it("are in the order of code points, which UTF-16 does not have", async () => {
    await put("\u{1f600}.csv", "\uff21.csv", "Z.csv", "a.csv", "a/b.csv", "é.csv", "10.csv", "9.csv");
    const expected = ["10.csv", "9.csv", "Z.csv", "a.csv", "a/b.csv", "é.csv", "\uff21.csv", "\u{1f600}.csv"];
    expect(await find("**/*.csv")).toEqual(expected);
  });

  it("are the one that the location names, whatever characters it has", async () => {
    await put("a*.csv", "ab.csv");
    const path = join(folder, "a*.csv");
    expect(await findSourceFiles(path)).toEqual([{ name: "", path }]);
  });

  it("may lie behind links", async () => {
    await put("elsewhere/deep/a.csv", "elsewhere/b.csv", "rows/c.csv");
    await symlink(join(folder, "elsewhere"), join(folder, "rows", "linked"));
    await symlink(join(folder, "elsewhere", "b.csv"), join(folder, "rows", "d.csv"));
    expect(await find("rows/**/*.csv")).toEqual(["c.csv", "d.csv", "linked/b.csv", "linked/deep/a.csv"]);
  });
});

describe("a pattern that cannot be followed", () => {
  it.each(["*.csv", "absent/*.csv"])("because nothing is there says so: %s", async (pattern) => {
    await put("2024/a.txt");
    const { problems } = await failure(find(pattern));
    expect(problems).toMatchObject([{ code: "source-missing", at: "source.path", file: join(folder, pattern) }]);
    expect(problems[0]?.what).toContain("finds no file");
  });

  it("because it finds folders names them", async () => {
    await put("rows/a.parquet/part-0.parquet", "rows/b.parquet", "rows/c.parquet/part-0.parquet");
    const { problems } = await failure(find("rows/*.parquet"));
    expect(problems).toMatchObject(
      ["a", "c"].map((name) => ({
        code: "source-missing",
        file: join(folder, `rows/${name}.parquet`),
        got: "a folder",
      })),
    );
    expect(await find("rows/**/*.parquet")).toHaveLength(3);
  });

  it("because a link leads back says where", async () => {
    await put("rows/deep/a.csv");
    await symlink(join(folder, "rows"), join(folder, "rows", "deep", "up"));
    const { problems } = await failure(find("rows/**/*.csv"));
    expect(problems).toMatchObject([{ code: "source-missing", file: join(folder, "rows/deep/up") }]);
    expect(await find("rows/*/*.csv")).toEqual(["deep/a.csv"]);
  });
});
