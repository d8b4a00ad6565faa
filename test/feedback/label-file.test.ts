import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { quoteText } from "../../framework/data/sql.ts";
import type { LabelSpec } from "../../framework/definitions/feedback-spec.ts";
import { type LabelFileColumns, loadLabelFile, streamLabels } from "../../framework/feedback/label-file.ts";
import { failure } from "../support/failure.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-labels-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const now = Date.parse("2026-03-01T12:00:00Z");
const usual: LabelFileColumns = { id: "id", label: "label" };

interface Reading {
  readonly columns?: LabelFileColumns;
  readonly label?: LabelSpec;
  /** @default 1000 */
  readonly most?: number;
  /** @default false */
  readonly hasSubject?: boolean;
}

/** The labels of a file, in the batches in which they are sent. */
function read(
  path: string,
  { columns = usual, label = { type: "boolean" }, most = 1000, hasSubject = false }: Reading = {},
) {
  return withDuckDb(folder, async (db) => {
    const terms = { label, now, hasSubject };
    const count = await loadLabelFile(db, { path, columns }, terms);
    const batches = [];
    for await (const batch of streamLabels(db, terms, most)) batches.push(batch);
    expect(batches.flat()).toHaveLength(count);
    return batches;
  });
}

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function writeParquet(query: string): Promise<string> {
  const path = join(folder, "labels.parquet");
  await withDuckDb(folder, (db) => db.run(`COPY (${query}) TO ${quoteText(path)} (FORMAT parquet)`));
  return path;
}

const columns = { id: "inference", label: "late", row: "place", time: "landed" };
const both = [
  [
    { id: "a", row: 1, label: true, time: "2026-02-28T12:00:00.000Z" },
    { id: "7", row: 0, label: false, time: "2026-02-27T23:00:00.500Z" },
  ],
];

describe("a file of labels", () => {
  it("may be CSV, with times with a zone or in UTC", async () => {
    const text =
      "inference,late,place,landed,note\na,true,1,2026-02-28T13:00:00+01:00,x\n7,0,0,2026-02-27 23:00:00.5,\n";
    expect(await read(await write("labels.csv", text), { columns })).toEqual(both);
  });

  it("may be JSON, a list or a line each", async () => {
    const rows = [
      { inference: "a", late: true, place: 1, landed: "2026-02-28T12:00:00Z" },
      { inference: "7", late: false, place: 0, landed: "2026-02-27T23:00:00.500Z" },
    ];
    expect(await read(await write("labels.json", JSON.stringify(rows)), { columns })).toEqual(both);
    const lines = rows.map((row) => JSON.stringify(row)).join("\n");
    expect(await read(await write("labels.jsonl", lines), { columns })).toEqual(both);
  });

  it("may be Parquet", async () => {
    const path = await writeParquet(`SELECT * FROM (VALUES
      ('a', true, 1, TIMESTAMPTZ '2026-02-28 12:00:00+00'), ('7', false, 0, TIMESTAMPTZ '2026-02-27 23:00:00.5+00')
    ) t(inference, late, place, landed)`);
    expect(await read(path, { columns })).toEqual(both);
  });

  it("says whom a label says something of, where the endpoint encrypts labels", async () => {
    const path = await write("labels.csv", "id,label,who\na,true,customer-1\nb,false,\n");
    const named = { ...usual, subject: "who" };
    const { problems } = await failure(read(path, { columns: named, hasSubject: true }));
    expect(problems.map(({ at, what }) => [at, what.includes('"subject"')])).toEqual([["row 2", true]]);
    const right = await write("right.csv", "id,label,who\na,true,customer-1\n");
    expect(await read(right, { columns: named, hasSubject: true })).toMatchObject([[{ subject: "customer-1" }]]);
    // An endpoint that does not encrypt them would throw it away.
    expect((await failure(read(right, { columns: named }))).problems[0]?.what).toContain("no such field");
  });

  it("has classes and numbers as they are", async () => {
    const sky = await write("sky.csv", "id,label\na,sun\nb,rain\n");
    const [classes] = await read(sky, { label: { type: "string", values: ["sun", "rain"] } });
    expect(classes?.map(({ label }) => label)).toEqual(["sun", "rain"]);
    const minutes = await write("minutes.csv", "id,label\na,12.5\nb,-3\n");
    const [numbers] = await read(minutes, { label: { type: "number" } });
    expect(numbers?.map(({ label, row, time }) => [label, row, time])).toEqual([
      [12.5, 0, "2026-03-01T12:00:00.000Z"],
      [-3, 0, "2026-03-01T12:00:00.000Z"],
    ]);
  });

  it("has ids as they are written, whatever they look like", async () => {
    for (const ids of [
      ["A2B4C6D8-1111-4222-8333-ABCDEFABCDEF", "B2B4C6D8-1111-4222-8333-ABCDEFABCDEF"],
      ["2026-03-01T09:30:00Z", "2026-03-02T09:30:00Z"],
      ["007", "1e5"],
    ]) {
      const path = await write("ids.jsonl", ids.map((id) => JSON.stringify({ id, label: true })).join("\n"));
      expect((await read(path)).flat().map(({ id }) => id)).toEqual(ids);
    }
  });

  it("says true or false by 1 and 0, and by no other number", async () => {
    const numbers = (values: string) =>
      writeParquet(`SELECT 'id-' || label AS id, CAST(label AS DOUBLE) AS label FROM (VALUES ${values}) t(label)`);
    expect((await read(await numbers("(0), (1)"))).flat().map(({ label }) => label)).toEqual([false, true]);
    const { problems } = await failure(read(await numbers("(0.3), (2)")));
    expect(problems.map(({ at, what }) => [at, /got ("[\d.]+")/.exec(what)?.[1]])).toEqual([
      ["row 1", '"0.3"'],
      ["row 2", '"2.0"'],
    ]);
  });

  it("is read in batches, in its order", async () => {
    const path = await write(
      "many.csv",
      `id,label\n${Array.from({ length: 25 }, (_, i) => `id-${i},true`).join("\n")}\n`,
    );
    const batches = await read(path, { most: 10 });
    expect(batches.map((batch) => batch.length)).toEqual([10, 10, 5]);
    expect(batches.flat().map(({ id }) => id)).toEqual(Array.from({ length: 25 }, (_, i) => `id-${i}`));
  });

  it("is refused with every row that is wrong, before any of it is sent", async () => {
    const text =
      "inference,late,place,landed\na,maybe,0,2026-02-28\n,true,0,2026-02-28\nc,true,x,2026-02-28\nd,true,0,soon\ne,true,0,\nf,true,0,2026-03-02\ng,,0,2026-02-28\nh,true,0,2026-02-28\n";
    const problems = (await failure(read(await write("labels.csv", text), { columns }))).problems;
    expect(problems.map(({ code, at, what }) => [code, at, /"(\w+)"/.exec(what)?.[1]])).toEqual([
      ["feedback-refused", "row 1", "label"],
      ["feedback-refused", "row 2", "id"],
      ["feedback-refused", "row 3", "row"],
      ["feedback-refused", "row 4", "time"],
      ["feedback-refused", "row 5", "time"],
      ["feedback-refused", "row 6", "time"],
      ["feedback-refused", "row 7", "label"],
    ]);
    const many = await write("many.csv", `id,label\n${"a,maybe\n".repeat(50)}`);
    const told = (await failure(read(many))).problems;
    expect(told).toHaveLength(21);
    expect(told.at(-1)?.what).toBe("30 more rows of the file are wrong");
  });

  it.each<[string, string, string, LabelFileColumns, RegExp]>([
    ["another kind of file", "labels.txt", "id,label\n", usual, /told by its name/],
    ["a file that is none of its kind", "labels.parquet", "id,label\n", usual, /cannot be read/],
    ["columns that it does not have", "labels.csv", "uid,label\na,true\n", { ...usual, time: "at" }, /no column "id"/],
  ])("is no %s", async (_title, name, text, named, message) => {
    const { problems } = await failure(read(await write(name, text), { columns: named }));
    expect(problems.map(({ code }) => code)).toContain("feedback-refused");
    expect(problems.map(({ what }) => what).join()).toMatch(message);
  });

  it("is there", async () => {
    expect((await failure(read(join(folder, "none.csv")))).problems).toMatchObject([
      { what: "there is no such file", fix: "mend the path" },
    ]);
  });
});
