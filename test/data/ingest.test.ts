import { existsSync, renameSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Progress } from "../../framework/data/progress.ts";
import { problemCatalogue } from "../../framework/definitions/problem-catalogue.ts";
import type { SourceFormat } from "../../framework/definitions/source-format.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import { failure } from "../support/failure.ts";
import { type TestColumn, testSpec, useIngest } from "./ingesting.ts";
import { flights, flightsSpec } from "./real-flights.ts";

const data = useIngest();

const amount: TestColumn = { name: "amount", type: "integer", min: 0 };
const contract = (violations: DatasetSpec["contract"]["violations"], tolerance = 0) => ({
  contract: { violations, tolerance },
});
const format = (format: SourceFormat) => ({ source: { kind: "file" as const, format, path: "x" } });

/** A file of ten rows; the numbers say which have an amount that breaks the contract. */
function csvWithBad(...bad: number[]): string {
  const rows = Array.from(
    { length: 10 },
    (_, index) => `2024-01-${10 + index},${bad.includes(index + 1) ? -1 : index}`,
  );
  return `t,amount\n${rows.join("\n")}\n`;
}

describe("a version", () => {
  it("holds the good rows in the order of time and then of the other columns, duplicates and all", async () => {
    const path = await data.write("amount,t\n3,2024-01-02\n1,2024-01-02\n9,2024-01-01T12:00:00.25\n1,2024-01-02\n");
    const { rows, version, root, quarantined } = await data.take(testSpec([amount]), path);
    expect(rows).toEqual([
      { t: "2024-01-01 12:00:00.25", amount: "9" },
      { t: "2024-01-02 00:00:00", amount: "1" },
      { t: "2024-01-02 00:00:00", amount: "1" },
      { t: "2024-01-02 00:00:00", amount: "3" },
    ]);
    expect(version).toMatchObject({ rows: 4, from: "2024-01-01T12:00:00.25Z", to: "2024-01-02T00:00:00Z" });
    expect(root).toBe(digestOf(version));
    expect(version).not.toHaveProperty("quarantine");
    expect(quarantined).toEqual([]);
  });

  it("sets bad rows apart as they came, with their positions and all their reasons", async () => {
    const columns: TestColumn[] = [amount, { name: "code", type: "string", maxLength: 2 }];
    const path = await data.write('t,amount,code\n2024-01-01,-5,long\n2024-01-02,1,ok\nsoon,x,""\n2024-01-03,-7,ok\n');
    const { version, quarantined } = await data.take(testSpec(columns), path);
    expect(quarantined).toEqual([
      {
        t: "2024-01-01",
        amount: "-5",
        code: "long",
        __position: "1",
        __reasons: ["amount is below 0", "code is longer than 2"],
      },
      { t: "soon", amount: "x", code: "", __position: "3", __reasons: ["t is not a time", "amount is not an integer"] },
      { t: "2024-01-03", amount: "-7", code: "ok", __position: "4", __reasons: ["amount is below 0"] },
    ]);
    expect(version.quarantined).toMatchObject({
      rows: 3,
      reasons: [
        { column: "amount", reason: "is below 0", rows: 2 },
        { column: "t", reason: "is not a time", rows: 1 },
        { column: "amount", reason: "is not an integer", rows: 1 },
        { column: "code", reason: "is longer than 2", rows: 1 },
      ],
    });
  });

  it("has the same root for the same source, and another for another", async () => {
    const lines = Array.from(
      { length: 5000 },
      (_, index) => `2024-01-01T00:00:${String(index % 60).padStart(2, "0")},${index % 97}`,
    );
    const path = await data.write(`t,amount\n${lines.join("\n")}\n`);
    const shuffled = await data.write(`t,amount\n${lines.toReversed().join("\n")}\n`);
    const [first, second, third] = [
      await data.take(testSpec([amount]), path),
      await data.take(testSpec([amount]), path),
      await data.take(testSpec([amount]), shuffled),
    ];
    expect(second.root).toBe(first.root);
    expect(third.version.files?.[0]?.parts).toEqual(first.version.files?.[0]?.parts);
    expect(third.root).not.toBe(first.root);
  });

  it("does not know −0, which would make two files of equal rows", async () => {
    const number: TestColumn = { name: "x", type: "number" };
    const [one, other] = await Promise.all(
      ["0,-0,0", "-0,0,0"].map((text) =>
        data.write(
          `t,x\n${text
            .split(",")
            .map((x) => `2024-01-01,${x}`)
            .join("\n")}\n`,
        ),
      ),
    );
    const roots = await Promise.all([one, other].map((path) => data.take(testSpec([number]), path ?? "")));
    expect(roots[0]?.version.files?.[0]?.parts).toEqual(roots[1]?.version.files?.[0]?.parts);
  });

  it("lacks the columns that the schema lacks, and says which", async () => {
    const path = await data.write(
      '{"t":"2024-01-01","amount":1,"note":"x"}\n{"t":"2024-01-02","amount":1,"late":{"deep":[1]}}\n',
    );
    const { rows, dropped } = await data.take(testSpec([amount], format("json")), path);
    expect(dropped).toEqual(["note", "late"]);
    expect(rows.map((row) => Object.keys(row))).toEqual([
      ["t", "amount"],
      ["t", "amount"],
    ]);
  });

  it("comes from a compressed CSV, from a JSON array, and from any path", async () => {
    const csv = data.path("we*ird [1] 'y=2'?.csv.gz");
    await writeFile(csv, gzipSync("\uFEFFt,amount\r\n2024-01-01,1\r\n"));
    const json = await data.write('[{"t":"2024-01-01","amount":1}]');
    expect((await data.take(testSpec([amount]), csv)).rows).toEqual([{ t: "2024-01-01 00:00:00", amount: "1" }]);
    expect((await data.take(testSpec([amount], format("json")), json)).rows).toHaveLength(1);
  });

  it("comes from a CSV whose first and last columns have no name, as some tools write them", async () => {
    const path = await data.write(",t,amount,\n0,2024-01-01,1,\n1,2024-01-02,2,x\n");
    const { rows, dropped } = await data.take(testSpec([amount]), path);
    expect(rows.map((row) => row["amount"])).toEqual(["1", "2"]);
    expect(dropped).toEqual(["", ""]);
  });

  it("may have columns with any name", async () => {
    const name = `it's "odd", isn't it; DROP TABLE checked`;
    const path = await data.write(`t,"${name.replaceAll('"', '""')}"\n2024-01-01,1\n`);
    expect((await data.take(testSpec([{ name, type: "integer" }]), path)).rows).toEqual([
      { t: "2024-01-01 00:00:00", [name]: "1" },
    ]);
  });
});

describe("the contract", () => {
  it.each<[string, Partial<DatasetSpec>, number[], "taken" | "refused"]>([
    ["quarantines up to its tolerance", contract("quarantine", 0.2), [3, 7], "taken"],
    ["refuses more than its tolerance", contract("quarantine", 0.2), [3, 7, 8], "refused"],
    ["that rejects takes a source without bad rows", contract("reject", 0.5), [], "taken"],
    ["that rejects refuses a single bad row", contract("reject", 0.5), [3], "refused"],
  ])("%s", async (_, change, bad, expected) => {
    const path = await data.write(csvWithBad(...bad));
    const outcome = data.take(testSpec([amount], change), path);
    if (expected === "taken") expect((await outcome).version.rows).toBe(10 - bad.length);
    else expect((await failure(outcome)).problems[0]).toMatchObject({ code: "contract-broken", at: "things.contract" });
  });

  it("that accepts keeps rows out of bounds and nulls, but none that is not of its types or has no time", async () => {
    const path = await data.write("t,amount\n2024-01-01,-1\n2024-01-02,\n2024-01-03,many\n,4\n2024-01-05,5\n");
    const { rows, quarantined } = await data.take(testSpec([amount], contract("accept", 0.4)), path);
    expect(rows.map((row) => row["amount"])).toEqual(["-1", null, "5"]);
    expect(quarantined.map((row) => row["__reasons"])).toEqual([["amount is not an integer"], ["t is null"]]);
    expect((await failure(data.ingest(testSpec([amount], contract("accept", 0.3)), path))).message).toContain(
      "2 of 5 rows",
    );
  });

  it("says on a refusal what was broken, how often, and where it shows", async () => {
    const path = await data.write(
      "t,amount\n2024-01-01,-1\n2024-01-02,-2\n2024-01-03,\n2024-01-04,-4\n2024-01-05,-5\n2024-01-06,6\n",
    );
    const { message } = await failure(data.ingest(testSpec([amount], contract("quarantine", 0.01)), path));
    const { fix } = problemCatalogue["contract-broken"];
    expect(message.split("\n")).toEqual([
      '✖ 5 of 6 rows break the contract (got 83.3 %, expected at most 1 %, the "tolerance") — mend the source; or change the schema where it is too strict, or the contract',
      `  → at things.contract (${path}) [contract-broken]`,
      `✖ "amount" is below 0 in 4 rows (got "-1" in row 1, "-2" in row 2, "-4" in row 4) — ${fix}`,
      "  → at things.columns.amount [contract-broken]",
      `✖ "amount" is null in 1 row (got null in row 3) — ${fix}`,
      "  → at things.columns.amount [contract-broken]",
    ]);
  });
});

describe("a source that cannot be taken", () => {
  it.each<[string, SourceFormat, string, object]>([
    [
      "lacks columns",
      "csv",
      "t;amount\n2024-01-01;1\n",
      { code: "source-columns-missing", what: 'The source lacks "t", "amount"', got: '"t;amount"' },
    ],
    [
      "has them in another case",
      "json",
      '{"T":"2024-01-01","amount":1}',
      { code: "source-columns-missing", what: 'The source lacks "t"', got: '"T", "amount"' },
    ],
    [
      "has a column twice",
      "csv",
      "t,amount,amount\n2024-01-01,1,2\n",
      { code: "source-unreadable", what: 'The source has more than one column "amount"' },
    ],
    ["has no rows", "csv", "t,amount\n", { code: "source-empty", what: "The source has no rows" }],
    ["is an empty file", "csv", "", { code: "source-columns-missing", got: "no columns" }],
    [
      "has no good row",
      "csv",
      "t,amount\n2024-01-01,-1\n",
      { code: "source-empty", what: "None of the 1 rows of the source keeps the contract" },
    ],
    [
      "has a line with too many cells",
      "csv",
      "t,amount\n2024-01-01,1\n2024-01-01,1,2\n",
      { code: "source-unreadable", got: expect.stringContaining("Line: 3") },
    ],
    ["has a quote that never ends", "csv", 't,amount\n2024-01-01,"1\n', { code: "source-unreadable" }],
    [
      "breaks off",
      "json",
      '{"t":"2024-01-01","amount":1}\n{"t":"2024-0',
      { code: "source-unreadable", got: expect.stringContaining("Malformed JSON") },
    ],
    [
      "has half a character",
      "json",
      '{"t":"2024-01-01","amount":"\\ud800"}\n',
      { code: "source-unreadable", got: expect.stringContaining("no low surrogate") },
    ],
    [
      "is of another format",
      "parquet",
      "t,amount\n2024-01-01,1\n",
      { code: "source-unreadable", got: expect.stringContaining("No magic bytes") },
    ],
  ])("because it %s says so, and leaves nothing behind", async (_, kind, content, problem) => {
    const path = await data.write(content);
    const { problems } = await failure(data.ingest(testSpec([amount], format(kind)), path));
    expect(problems[0]).toMatchObject({ file: path, ...problem });
    expect(problems[0]?.at).toBe("things.source");
    expect(await data.leftovers()).toEqual([]);
  });

  it("because it is not there, says so", async () => {
    const { problems } = await failure(data.ingest(testSpec([amount]), data.path("absent.csv"), { fingerprint: "0" }));
    expect(problems).toMatchObject([{ code: "source-missing", got: "ENOENT" }]);
  });

  it("because another file was fingerprinted, says so", async () => {
    const path = await data.write(csvWithBad());
    const { problems } = await failure(data.ingest(testSpec([amount]), path, { fingerprint: "0".repeat(64) }));
    expect(problems).toMatchObject([{ code: "source-changed", at: "things.source" }]);
  });

  it("because it is exchanged while it is read, says so", async () => {
    const path = await data.write(csvWithBad());
    const other = await data.write(csvWithBad(1));
    const onProgress = ({ phase }: Progress) => {
      if (phase === "reading" && existsSync(other)) renameSync(other, path);
    };
    const { problems } = await failure(data.ingest(testSpec([amount]), path, { onProgress }));
    expect(problems).toMatchObject([{ code: "source-changed" }]);
  });
});

describe("3 million real flights", () => {
  it("are given up when the work is called off", async () => {
    const controller = new AbortController();
    const reason = new Error("called off");
    const ingesting = data.ingest(flightsSpec, flights, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 300);
    await expect(ingesting).rejects.toBe(reason);
    expect(await data.leftovers()).toEqual([]);
    expect((await stat(flights)).size).toBe((await readFile(flights)).length);
  }, 60_000);
});
