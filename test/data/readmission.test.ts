import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { formatVersion } from "../../framework/cli/version-text.ts";
import { chooseReadmitted, type RowChoice } from "../../framework/data/choose-readmitted.ts";
import type { DatasetVersion, VersionFile } from "../../framework/data/dataset-version.ts";
import type { Ingested } from "../../framework/data/ingest.ts";
import { listBaseFiles } from "../../framework/data/list-base-files.ts";
import {
  addDecision,
  findAdded,
  identifyReadmitted,
  listReadmitted,
  type Readmissions,
  takeBackDecision,
} from "../../framework/data/readmission.ts";
import { describeVersion } from "../../framework/data/show-version.ts";
import { quotePath } from "../../framework/data/sql.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import type { Store } from "../../framework/store/store.ts";
import { failure } from "../support/failure.ts";
import { testSpec, useIngest } from "./ingesting.ts";

const given = useIngest();
const actor = { id: "ann", via: "cli" };
const at = "2024-05-01T00:00:00.000Z";

function decide(before: Readmissions | undefined, rows: Readmissions["decisions"][number]["rows"]): Readmissions {
  return addDecision("things", before, { at, actor, because: "checked by hand", rows });
}

describe("decisions", () => {
  const first = decide(undefined, [{ file: "b", positions: [3, 5] }]);
  const second = decide(first, [
    { file: "b", positions: [1, 3] },
    { file: "a", positions: [2] },
  ]);

  it("are numbered, and what is taken back is what any of them takes back", () => {
    expect(second.decisions.map(({ number }) => number)).toEqual([1, 2]);
    expect([...listReadmitted(second)]).toEqual([
      ["a", [2]],
      ["b", [1, 3, 5]],
    ]);
  });

  it("can be taken back in any order, and their numbers are not given again", () => {
    const left = takeBackDecision("things", second, 1);
    expect([...listReadmitted(left)]).toEqual([
      ["a", [2]],
      ["b", [1, 3]],
    ]);
    expect(decide(takeBackDecision("things", left, 2), [{ file: "c", positions: [1] }])).toMatchObject({
      last: 3,
      decisions: [{ number: 3 }],
    });
    expect(() => takeBackDecision("things", left, 1)).toThrow("no decision 1 on rows of dataset");
    expect(() => takeBackDecision("things", undefined, 1)).toThrow("expected one that is; none is");
  });

  it("are the same in a version's identity where they take the same rows back, whoever decided when", () => {
    const other = addDecision("things", undefined, {
      at: "2025-01-01T00:00:00Z",
      actor: { id: "bob", via: "cli" },
      because: "other words",
      rows: [{ file: "b", positions: [3, 5] }],
    });
    expect(identifyReadmitted(listReadmitted(other))).toBe(identifyReadmitted(listReadmitted(first)));
    expect(identifyReadmitted(listReadmitted(second))).not.toBe(identifyReadmitted(listReadmitted(first)));
    expect(identifyReadmitted(listReadmitted(takeBackDecision("things", first, 1)))).toBeUndefined();
  });

  it.each([
    [[1, 2, 3], [1], [2, 3]],
    [[1], [1], []],
    [[1, 2], [3], undefined],
  ])("of %j with %j there leave %j to be done", (wanted, there, added) => {
    expect(findAdded(wanted, there)).toEqual(added);
  });
});

const spec = testSpec([
  { name: "amount", type: "integer", max: 10 },
  { name: "note", type: "string", nullable: true },
]);
const csv = [
  "t,amount,note",
  "2024-01-01,1,a",
  "2024-01-02,11,b",
  "2024-01-03,3,c",
  "2024-01-04,many,d",
  "2024-01-05,12,",
  ",4,e",
  "",
].join("\n");

const amountRow = z.object({ amount: z.coerce.number() });

/** The rows of a version of one file, as `amount`s in their order. */
async function amounts({ version }: Pick<Ingested, "version">): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (const { object } of version.files?.[0]?.parts ?? []) {
    const path = await given.store.fetchFile(object);
    const read = await given.duckDb((db) => db.rows(`FROM read_parquet(${quotePath(path)})`, amountRow));
    rows.push(...read.map(({ amount }) => amount));
  }
  return rows;
}

async function readmit(location: string, base: Ingested, positions: readonly number[], of: DatasetSpec = spec) {
  const list = decide(undefined, [{ file: fileOf(base).fingerprint, positions: [...positions] }]);
  const readmitted = { list: await given.store.putJson(list), rows: listReadmitted(list) };
  return given.ingest(of, location, { base: base.root, readmitted });
}

function fileOf({ version }: { readonly version: DatasetVersion }): VersionFile {
  const [file] = version.files ?? [];
  if (!file) throw new Error("the version has no file");
  return file;
}

const store = given.store as unknown as Pick<Store, "getJson" | "fetchFile">;

describe("rows that are taken back", () => {
  it("are among the good ones in their order, the others stay in quarantine with their reasons", async () => {
    const location = await given.write(csv);
    const before = await given.ingest(spec, location);
    expect(before.version.quarantined?.rows).toBe(4);
    const after = await readmit(location, before, [2, 5]);
    expect(await amounts(after)).toEqual([1, 11, 3, 12]);
    expect(after.version).toMatchObject({ rows: 4, to: "2024-01-05T00:00:00Z", quarantined: { rows: 2 } });
    expect(after.version.quarantined?.reasons.map(({ column, rows }) => [column, rows]).sort()).toEqual([
      ["amount", 1],
      ["t", 1],
    ]);
    const left = await given.readQuarantine(after.version);
    expect(left.map(({ __position }) => Number(__position))).toEqual([4, 6]);
    expect(await given.leftovers()).toEqual([]);
    const text = formatVersion(await describeVersion(store, after.version, 1), { root: after.root });
    expect(text).toMatch(
      /taken back out of quarantine\n +1 +2024-05-01 00:00:00 +2 rows +by ann \(cli\) +checked by hand/,
    );
  });

  it("give the same version from a base as from the source, in one step as in two", async () => {
    const location = await given.write(csv);
    const before = await given.ingest(spec, location);
    const once = await readmit(location, before, [2, 5]);
    const list = decide(undefined, [{ file: fileOf(before).fingerprint, positions: [2, 5] }]);
    const readmitted = { list: await given.store.putJson(list), rows: listReadmitted(list) };
    expect((await given.ingest(spec, location, { readmitted })).root).toBe(once.root);
    const half = await readmit(location, before, [5]);
    expect((await given.ingest(spec, location, { base: half.root, readmitted })).root).toBe(once.root);
  });

  it("are kept unread while their file is the same, and say nothing of a file that has changed", async () => {
    const folder = given.path("readmitted/many");
    const [first, second] = [`${folder}/a.csv`, `${folder}/b.csv`];
    await mkdir(dirname(first), { recursive: true });
    await writeFile(first, csv);
    await writeFile(second, csv.replaceAll("2024", "2023"));
    const location = `${folder}/*.csv`;
    const before = await given.ingest(spec, location);
    const file = (of: Ingested, name: string) => of.version.files?.find((one) => one.name === name);
    const list = decide(undefined, [
      { file: file(before, "a.csv")?.fingerprint ?? "", positions: [2] },
      { file: file(before, "b.csv")?.fingerprint ?? "", positions: [2] },
    ]);
    const readmitted = { list: await given.store.putJson(list), rows: listReadmitted(list) };
    const after = await given.ingest(spec, location, { base: before.root, readmitted });
    expect([file(after, "a.csv")?.rows, file(after, "b.csv")?.rows]).toEqual([3, 3]);
    await writeFile(second, `${csv.replaceAll("2024", "2023")}2023-02-01,7,f\n`);
    const next = await given.ingest(spec, location, { base: after.root, readmitted });
    expect(file(next, "a.csv")).toEqual(file(after, "a.csv"));
    expect(file(next, "b.csv")).toMatchObject({ rows: 3, quarantine: { rows: 4 } });
    await rm(folder, { recursive: true });
  });

  it("need no source while they are only added, and need it as it was when one is left out again", async () => {
    const location = await given.write(csv);
    const before = await given.ingest(spec, location);
    const after = await readmit(location, before, [2, 5]);
    const gone = async () => {
      throw new Error("the source was listed");
    };
    const fingerprint = before.version.fingerprint;
    const more = decide(undefined, [{ file: fileOf(before).fingerprint, positions: [2, 5] }]);
    const readmitted = { list: await given.store.putJson(more), rows: listReadmitted(more) };
    const added = await given.ingest(spec, location, {
      base: before.root,
      readmitted,
      fingerprint,
      list: () => listBaseFiles(store, before.root, gone),
    });
    expect(added.root).toBe(after.root);
    const changed = async () => ({ fingerprint: "other", files: [] });
    const refused = await failure(
      given.ingest(spec, location, {
        base: after.root,
        fingerprint,
        list: () => listBaseFiles(store, after.root, changed),
      }),
    );
    expect(refused.problems).toMatchObject([
      { code: "source-changed", fix: expect.stringContaining("steward ingest things") },
    ]);
    const now = async () => ({
      fingerprint,
      files: [{ name: "", path: location, fingerprint: fileOf(before).fingerprint, size: 1 }],
    });
    const undone = await given.ingest(spec, location, {
      base: after.root,
      fingerprint,
      list: () => listBaseFiles(store, after.root, now),
    });
    expect(undone.root).toBe(before.root);
  });

  it("count no more against what is tolerated", async () => {
    const location = await given.write(csv);
    const before = await given.ingest(spec, location);
    const strict = { ...spec, contract: { violations: "quarantine", tolerance: 0.4 } } as const;
    await failure(given.ingest(strict, location));
    const list = decide(undefined, [{ file: fileOf(before).fingerprint, positions: [2, 5] }]);
    const readmitted = { list: await given.store.putJson(list), rows: listReadmitted(list) };
    expect((await given.ingest(strict, location, { readmitted })).version.rows).toBe(4);
  });

  it("that are none of their columns' types, or have no event time, are refused all at once", async () => {
    const location = await given.write(csv);
    const before = await given.ingest(spec, location);
    const { problems } = await failure(readmit(location, before, [2, 4, 6]));
    expect(problems.map(({ code, at: place, what, got }) => [code, place, what, got])).toEqual([
      ["readmission-refused", "things.t", 'Row 6 has no "t", which every row has to have', "null"],
      ["readmission-refused", "things.amount", 'Row 4 has a "amount" that is no integer', '"many"'],
    ]);
    expect(await given.leftovers()).toEqual([]);
  });

  it("that would be there twice are refused where none may be", async () => {
    const unique: DatasetSpec = { ...spec, contract: { violations: "quarantine", tolerance: 1, unique: ["t"] } };
    const location = await given.write("t,amount,note\n2024-01-01,1,a\n2024-01-01,2,b\n2024-01-02,11,c\n");
    const before = await given.ingest(unique, location);
    expect(before.version.quarantined?.rows).toBe(2);
    const { problems } = await failure(readmit(location, before, [2], unique));
    expect(problems).toMatchObject([{ code: "readmission-refused", at: "things.contract.unique" }]);
    const after = await readmit(location, before, [3], unique);
    expect(after.version.quarantined?.reasons).toEqual([{ column: "t", reason: "repeats an earlier row", rows: 1 }]);
  });
});

describe("choosing rows", () => {
  async function choose(choice: RowChoice) {
    const { version } = await given.ingest(spec, await given.write(csv));
    const workFolder = given.path("work");
    return chooseReadmitted({ spec, version, choice, store, workFolder }).then((rows) =>
      rows.map(({ positions }) => positions),
    );
  }

  it.each<[string, RowChoice, number[][]]>([
    [
      "by their places",
      {
        by: "place",
        rows: [
          { file: "", position: 5 },
          { file: "", position: 2 },
        ],
      },
      [[2, 5]],
    ],
    ["by a reason", { by: "reason", reason: "AMOUNT is above" }, [[2, 5]]],
  ])("%s", async (_title, choice, positions) => {
    expect(await choose(choice)).toEqual(positions);
  });

  it.each<[string, RowChoice, RegExp]>([
    [
      "that are not there",
      {
        by: "place",
        rows: [
          { file: "", position: 1 },
          { file: "x.csv", position: 2 },
        ],
      },
      /got 1, x\.csv:2/,
    ],
    ["with a reason that none has", { by: "reason", reason: "nonsense" }, /No row in quarantine is as it was named/],
    [
      "of which some cannot be taken back",
      { by: "all" },
      /Row 4 has a "amount".*\n.*\n?.*Row 6 has no "t"|Row 6 has no "t"[\s\S]*Row 4 has a "amount"/,
    ],
  ])("refuses those %s", async (_title, choice, message) => {
    expect((await failure(choose(choice))).message).toMatch(message);
    expect(await given.leftovers()).toEqual([]);
  });
});
