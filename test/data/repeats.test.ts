import { describe, expect, it } from "vitest";
import { copyToParquet } from "../../framework/data/duckdb.ts";
import { describeRepeats, findRepeats } from "../../framework/data/repeats.ts";
import { testSpec, useIngest } from "./ingesting.ts";

const data = useIngest();

/** Writes parts of `flight` and `day`, and looks for repeats in them. */
async function find(files: Readonly<Record<string, readonly string[]>>, limit = 5) {
  return data.duckDb(async (db) => {
    const parted = [];
    for (const [name, parts] of Object.entries(files)) {
      const paths = [];
      for (const [number, rows] of parts.entries()) {
        // A name that a reading function would take for a pattern.
        const path = `${db.folder}/[${name}] *${number}.parquet`;
        await db.run(copyToParquet(`SELECT * FROM (VALUES ${rows}) AS _(flight, day, other)`, path));
        paths.push(path);
      }
      parted.push({ name, paths });
    }
    return findRepeats(db, { files: parted, columns: ["flight", "day"], limit });
  });
}

describe("repeats over files", () => {
  it("are found with the first and the last file that has them", async () => {
    const found = await find({
      "a.csv": ["('x', 1, 10), ('y', 1, 10)", "('z', 1, 10)"],
      "b.csv": ["('x', 2, 10), ('z', 1, 11)"],
      "c.csv": ["('z', 1, 12), ('x', 2, 10)"],
    });
    expect(found).toEqual({
      count: 2,
      examples: [
        { values: ["z", "1"], files: ["a.csv", "c.csv"] },
        { values: ["x", "2"], files: ["b.csv", "c.csv"] },
      ],
    });
  });

  it("are none within a file, which the check has seen to, and none of rows with a null", async () => {
    const files = { "a.csv": ["('x', 1, 1), (NULL, 1, 1)", "('x', 1, 1)"], "b.csv": ["(NULL, 1, 1), ('x', NULL, 1)"] };
    expect(await find(files)).toEqual({ count: 0, examples: [] });
    expect(await find({ "a.csv": [], "b.csv": [] })).toEqual({ count: 0, examples: [] });
  });

  it("are told by some of them and by their count", async () => {
    const rows = ["('x', 1, 1), ('y', 1, 1), ('z', 1, 1)"];
    const found = await find({ "a.csv": rows, "b.csv": rows }, 2);
    const spec = testSpec([], { contract: { violations: "reject", tolerance: 0, unique: ["flight", "day"] } });
    expect(describeRepeats(spec, found, "data/*.csv")).toEqual({
      code: "contract-broken",
      at: "things.contract.unique",
      file: "data/*.csv",
      what: '3 rows are in more than one file, and "unique" allows none to be',
      got: '(flight "x", day "1") in a.csv and b.csv, (flight "y", day "1") in a.csv and b.csv, …',
      expected: "no two rows with the same flight, day",
      fix: "take the rows out of one of the files; which of them is wrong, only what writes them knows",
    });
  });
});
