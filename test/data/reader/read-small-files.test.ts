/**
 * Small files that are read at once: each becomes what it becomes by itself.
 */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyToParquet, withDuckDb } from "../../../framework/data/duckdb.ts";
import { profilePart } from "../../../framework/data/profile/profile-part.ts";
import type { FileReading } from "../../../framework/data/read-source-files.ts";
import { type Reader, startReader } from "../../../framework/data/reader/start-reader.ts";
import { StewardError } from "../../../framework/definitions/problem.ts";
import type { DatasetSpec } from "../../../framework/definitions/spec.ts";
import { digestFile } from "../../../framework/store/digest-file.ts";
import { takeCount } from "../../support/drawn.ts";
import { Dice } from "../dice.ts";
import { type TestColumn, testSpec } from "../ingesting.ts";

let root = "";
let turn = 0;
let reader: Reader;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "steward-small-"));
  await mkdir(join(root, "read"));
  reader = await startReader({ folder: join(root, "read") });
});
afterAll(async () => {
  await reader.close();
  await rm(root, { recursive: true, force: true });
});

interface NamedFile {
  readonly name: string;
  readonly path: string;
}

async function put(content: string | Uint8Array, extension: string): Promise<NamedFile> {
  const name = `f${++turn}${extension}`;
  const path = join(root, name);
  await writeFile(path, content);
  return { name, path };
}

/** What became of a file, without where it lies. */
async function describeReading(spec: DatasetSpec, { parts, quarantine, ...found }: FileReading) {
  const written = parts.map(async ({ path, rows, profile }) => ({
    rows,
    sha256: (await digestFile(path)).sha256,
    profile: profile ?? (await profilePart(path, spec.columns)),
  }));
  const apart = quarantine && { rows: quarantine.rows, sha256: (await digestFile(quarantine.path)).sha256 };
  return { ...found, parts: await Promise.all(written), quarantine: apart };
}

/** Holds files that are read at once against the same files, each by itself. @returns the rows of all */
async function compare(spec: DatasetSpec, files: readonly NamedFile[]): Promise<number> {
  const atOnce = await reader.readSmall(spec, files);
  expect(atOnce?.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
  for (const [index, file] of files.entries()) {
    const together = atOnce?.[index];
    if (!together) throw new Error("a reading is missing");
    for (const part of together.parts) expect(part.profile).toBeDefined();
    const alone = await reader.read({ spec, ...file });
    expect(await describeReading(spec, together)).toEqual(await describeReading(spec, alone));
  }
  return (atOnce ?? []).reduce((sum, { rows }) => sum + rows, 0);
}

const columns: readonly TestColumn[] = [
  { name: "s", type: "string", nullable: true, maxLength: 400 },
  { name: "n", type: "number", nullable: true, min: -900 },
  { name: "i", type: "integer", max: 990 },
  { name: "b", type: "boolean", nullable: true },
];
const unusual: Partial<DatasetSpec["contract"]> = {
  unique: ["i", "s"],
  rules: [
    {
      name: "small together",
      expression: { op: "lt", left: { op: "column", name: "n" }, right: { op: "literal", value: 950 } },
    },
  ],
};

/** The values of a row, most of them sound, of several shapes. */
function rollRow(dice: Dice): readonly (string | null)[] {
  const day = String(dice.whole(1, 28)).padStart(2, "0");
  const time = dice.chance(0.01) ? "someday" : `2024-0${dice.whole(1, 9)}-${day}T0${dice.whole(0, 9)}:00:00`;
  const text = dice.pick(["red", "green", 'a "b", c', "two\nlines", "ä𝄞", "long".repeat(dice.whole(1, 90))]);
  return [
    time,
    dice.chance(0.2) ? null : text + (dice.chance(0.5) ? String(dice.whole(0, 2000)) : ""),
    dice.chance(0.1) ? null : String(dice.whole(-1000, 1000) / 8),
    dice.chance(0.02) ? "1.5" : String(dice.whole(0, 1000)),
    dice.pick([null, "true", "false"]),
  ];
}

const names = ["t", ...columns.map(({ name }) => name)];
const quoteCell = (cell: string | null): string =>
  cell === null ? "" : /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

function rollCsv(dice: Dice, rows: number): string {
  const end = dice.pick(["\n", "\r\n"]);
  const order = dice.chance(0.3) ? [4, 2, 0, 3, 1] : [0, 1, 2, 3, 4];
  const more = dice.chance(0.2) ? ["extra"] : [];
  const header = [...order.map((at) => names[at] ?? ""), ...more];
  const lines = Array.from({ length: rows }, () => {
    const row = rollRow(dice);
    return [...order.map((at) => quoteCell(row[at] ?? null)), ...more].join(",");
  });
  const text = [dice.chance(0.2) ? header.map((name) => `"${name}"`) : header, ...lines].join(end);
  return `${dice.chance(0.1) ? "\uFEFF" : ""}${text}${dice.chance(0.8) ? end : ""}`;
}

function rollJson(dice: Dice, rows: number): string {
  const objects = Array.from({ length: rows }, () => {
    const [t, s, n, i, b] = rollRow(dice);
    const row = { t, s, n: n && Number(n), i: Number(i), b: b && b === "true" };
    return JSON.stringify(dice.chance(0.1) ? { t, i: row.i, s, n: row.n, b: row.b, odd: [1] } : row);
  });
  return dice.chance(0.3) ? `[${objects.join(",\n")}]` : `${objects.join("\n")}\n`;
}

describe("small files that are read at once become what each becomes by itself:", () => {
  const contracts: readonly (readonly [string, Partial<DatasetSpec["contract"]>])[] = [
    ["", {}],
    [" whose rows must not repeat, nor break a rule", unusual],
  ];
  it.each(contracts)("CSV of any kind%s", async (_, contract) => {
    const spec = testSpec(columns, { contract: { violations: "quarantine", tolerance: 1, ...contract } });
    const dice = new Dice(1);
    const files = [];
    for (let file = 0; file < takeCount(24, 8); file++)
      files.push(await put(rollCsv(dice, dice.pick([1, 3, 20, 300])), ".csv"));
    for (let file = 0; file < 2; file++) files.push(await put(rollCsv(dice, 2_500), ".csv"));
    files.push(await put(`${names.join(",")}\n`, ".csv"));
    expect(await compare(spec, files)).toBeGreaterThan(5_000);
  });

  it("JSON of any kind", async () => {
    const source = { kind: "file" as const, format: "json" as const, path: "x" };
    const dice = new Dice(2);
    const files = [];
    for (let file = 0; file < takeCount(12, 6); file++)
      files.push(await put(rollJson(dice, dice.pick([1, 20, 300])), ".json"));
    expect(await compare(testSpec(columns, { source }), files)).toBeGreaterThan(300);
  });

  it("JSON and Parquet with vectors", async () => {
    const vectors = [...columns.slice(2, 3), { name: "v", type: "vector", length: 3, nullable: true, max: 9 } as const];
    const dice = new Dice(3);
    const roll = () =>
      dice.chance(0.1) ? null : Array.from({ length: dice.chance(0.1) ? 2 : 3 }, () => dice.roll() * 9.2);
    const texts = Array.from({ length: 6 }, (_, file) =>
      Array.from({ length: 1 + file * 40 }, (_, i) => JSON.stringify({ t: "2024-01-01", i, v: roll() })).join("\n"),
    );
    const json = await Promise.all(texts.map((text) => put(text, ".json")));
    const parquet: NamedFile[] = [];
    await withDuckDb(root, async (db) => {
      for (const { name, path } of json) {
        const to = join(root, `${name}.parquet`);
        const types = "t: 'TIMESTAMP', i: 'BIGINT', v: 'FLOAT[]'";
        await db.run(copyToParquet(`FROM read_json('${path}', columns = {${types}})`, to));
        parquet.push({ name: `${name}.parquet`, path: to });
      }
    });
    const contract = { violations: "quarantine" as const, tolerance: 1 };
    for (const [format, files] of [
      ["json", json],
      ["parquet", parquet],
    ] as const)
      expect(
        await compare(testSpec(vectors, { source: { kind: "file", format, path: "x" }, contract }), files),
      ).toBeGreaterThan(300);
  });

  it("Parquet, with columns of several types", async () => {
    const source = { kind: "file" as const, format: "parquet" as const, path: "x" };
    const files: NamedFile[] = [];
    await withDuckDb(root, async (db) => {
      for (let file = 0; file < 12; file++) {
        const path = join(root, `p${file}.parquet`);
        const n = file % 3 === 0 ? "CAST(i AS INTEGER)" : "i / 3";
        await db.run(
          copyToParquet(
            `SELECT TIMESTAMP '2024-01-01' + to_seconds(i * 7 % 50) AS t, 's' || (i * 31 % 700) AS s, ${n} AS n,
               CASE WHEN i % 9 > 0 THEN i % 1000 END AS i, i % 3 = 0 AS b FROM range(${1 + file * 400}) r(i)`,
            path,
          ),
        );
        files.push({ name: `p${file}.parquet`, path });
      }
    });
    expect(await compare(testSpec(columns, { source }), files)).toBeGreaterThan(20_000);
  });

  it.each<[string, string | Uint8Array]>([
    [
      "a text that is not UTF-8 in a column that is not read",
      Buffer.from("t,s,n,i,b,x\n2024-01-01,x,1,2,true,Z\xfcrich\n", "latin1"),
    ],
    ["a row with too many cells", "t,s,n,i,b\n2024-01-01,x,1,2,true,more\n"],
    ["a quote that does not end", 't,s,n,i,b\n2024-01-01,"x,1,2,true\n'],
    ["no columns", "nothing\n"],
    ["nothing", ""],
    ["Parquet", "PAR1"],
  ])("none is read beside one of %s, which is told by itself, and those after it are", async (_, content) => {
    const spec = testSpec(columns);
    const sound = await put(`${names.join(",")}\n2024-01-01,x,1,2,true\n`, ".csv");
    const other = await put(`${names.join(",")}\n2024-01-01,x,1,2,true\n`, ".csv");
    const odd = await put(content, ".csv");
    for (const files of [
      [sound, odd],
      [odd, sound],
    ])
      expect(await reader.readSmall(spec, files)).toBeUndefined();
    const alone = await reader.read({ spec, ...odd }).catch((error: unknown) => error);
    if (content !== "") expect(alone).toBeInstanceOf(StewardError);
    expect(await reader.readSmall(spec, [sound, other])).toHaveLength(2);
  });

  it("a process that is lost over some of them is followed by another", async () => {
    const spec = testSpec(columns);
    const limited = await startReader({ folder: join(root, "read"), limits: { stallSeconds: 0.000_001 } });
    const files = [await put(rollCsv(new Dice(3), 2_000), ".csv"), await put(rollCsv(new Dice(4), 2_000), ".csv")];
    expect(await limited.readSmall(spec, files)).toBeUndefined();
    expect(await limited.readSmall(spec, files)).toBeUndefined();
    await limited.close();
  });
});
