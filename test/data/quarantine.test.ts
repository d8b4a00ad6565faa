import { beforeAll, describe, expect, it } from "vitest";
import type { DatasetVersion, VersionFile } from "../../framework/data/dataset-version.ts";
import { findReasonColumns, type QuarantineQuery, readQuarantine } from "../../framework/data/quarantine.ts";
import { type TestColumn, testSpec, useIngest } from "./ingesting.ts";

const data = useIngest();
const columns: TestColumn[] = [
  { name: "amount", type: "integer", min: 0, nullable: true },
  { name: "code", type: "string", maxLength: 2, nullable: true },
];
const spec = testSpec(columns, { contract: { violations: "quarantine", tolerance: 1, unique: ["code"] } });

let version: DatasetVersion;
let whole: VersionFile[] = [];
beforeAll(async () => {
  const take = async (...lines: readonly string[]) => {
    const path = await data.write(`t,amount,code\n${lines.map((line) => `2024-01-01,${line}\n`).join("")}`);
    return data.ingest(spec, path);
  };
  const versions = [
    await take("-1,a", "1,b", "-2,abc", ",b"),
    await take("1,a", "2,b"),
    await take("-3,", 'x,""', "1,a", "1,a"),
  ].map((taken) => taken.version);
  // A version of three files, as one of a folder is.
  const [first] = versions;
  if (!first) throw new Error("nothing was ingested");
  whole = versions.flatMap(({ files = [] }, index) => files.map((file) => ({ ...file, name: `${index}.csv` })));
  version = { ...first, files: whole };
});

const fetched: string[] = [];
const read = async (query: Partial<QuarantineQuery> = {}) => {
  fetched.length = 0;
  const store = {
    getJson: data.store.getJson,
    fetchFile: (reference: { readonly sha256: string }) => {
      fetched.push(whole.find(({ quarantine }) => quarantine?.object.sha256 === reference.sha256)?.name ?? "");
      return Promise.resolve(data.path(`objects/${reference.sha256}`));
    },
  };
  const { rows, isMore } = await readQuarantine({ store, version, limit: 20, workFolder: data.path("work"), ...query });
  return { at: rows.map(({ file, position }) => `${file}:${position}`), rows, isMore };
};

describe("the quarantine of a version", () => {
  it("is read in the order of the files, each row as it came, with all of its reasons", async () => {
    const { at, rows, isMore } = await read();
    expect(at).toEqual(["0.csv:1", "0.csv:3", "0.csv:4", "2.csv:1", "2.csv:2", "2.csv:4"]);
    expect(isMore).toBe(false);
    expect(rows[1]).toEqual({
      file: "0.csv",
      position: 3,
      reasons: ["amount is below 0", "code is longer than 2"],
      values: { t: "2024-01-01", amount: "-2", code: "abc" },
    });
    expect(rows[4]).toMatchObject({ reasons: ["amount is not an integer"], values: { amount: "x", code: "" } });
    expect(rows[2]).toMatchObject({ reasons: ["code repeats row 2"], values: { amount: null } });
  });

  it("is read page by page, and a file only when a page needs it", async () => {
    expect(await read({ limit: 2 })).toMatchObject({ at: ["0.csv:1", "0.csv:3"], isMore: true });
    expect(fetched).toEqual(["0.csv"]);
    expect(await read({ limit: 2, skip: 2 })).toMatchObject({ at: ["0.csv:4", "2.csv:1"], isMore: true });
    expect(await read({ limit: 2, skip: 3 })).toMatchObject({ at: ["2.csv:1", "2.csv:2"], isMore: true });
    expect(fetched).toEqual(["2.csv"]);
    expect(await read({ limit: 2, skip: 4 })).toMatchObject({ at: ["2.csv:2", "2.csv:4"], isMore: false });
    expect(await read({ skip: 6 })).toMatchObject({ at: [], isMore: false });
  });

  it("is searched by a part of a reason, in any case, without files that have none", async () => {
    expect((await read({ reason: "BELOW" })).at).toEqual(["0.csv:1", "0.csv:3", "2.csv:1"]);
    expect((await read({ reason: "below", skip: 2 })).at).toEqual(["2.csv:1"]);
    expect((await read({ reason: "repeats row 3" })).at).toEqual(["2.csv:4"]);
    expect((await read({ reason: "not an integer" })).at).toEqual(["2.csv:2"]);
    expect((await read({ reason: "it's" })).at).toEqual([]);
  });

  it("is searched by the column that a reason is about", async () => {
    expect((await read({ column: "code" })).at).toEqual(["0.csv:3", "0.csv:4", "2.csv:4"]);
    expect((await read({ column: "code", reason: "below" })).at).toEqual([]);
    expect((await read({ column: "cod" })).at).toEqual([]);
    expect(fetched).toEqual([]);
  });
});

describe("the columns of a reason", () => {
  const names = ["a", "a b", "b"];
  it.each([
    ["a is null", ["a"]],
    ["a b is null", ["a b"]],
    ["a, b repeats row 12", ["a", "b"]],
    ["b repeats row 1", ["b"]],
    ["arrives after it leaves", []],
  ])("are those that it begins with: %s", (reason, expected) => {
    expect(findReasonColumns(reason, names)).toEqual(expected);
  });
});
