import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TrainingSet } from "../../framework/features/training-set.ts";
import { packageModel, readExample } from "../../framework/models/package-model.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import type { Reference } from "../../framework/store/reference.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const features: TrainingSet["features"] = [
  { name: 'wind "east"', type: "number" },
  { name: "open", type: "boolean" },
  { name: "city", type: "category" },
];

/** Writes rows of wind, open, city and time. */
async function writeRows(rows: readonly string[]): Promise<string> {
  const path = join(folder, "rows.parquet");
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  await connection.run('create table t ("wind ""east""" double, "open" double, city varchar, "__time" timestamp)');
  await connection.run(`insert into t values ${rows.join(", ")}`);
  await connection.run(`copy t to '${path}' (format parquet)`);
  instance.closeSync();
  return path;
}

const first = "(9.5, 1, 'Bonn', '2001-06-01')";
const second = "(2.5, 0, 'Köln', '2001-06-02')";

describe("readExample", () => {
  it.each([
    ["the first row by time", [second, first], { 'wind "east"': 9.5, open: true, city: "Bonn" }],
    [
      "a later row when it misses less",
      ["(null, 1, 'Bonn', '2001-01-01')", second],
      { 'wind "east"': 2.5, open: false, city: "Köln" },
    ],
    [
      "missing values where every row has some",
      ["(null, null, null, '2001-01-01')"],
      { 'wind "east"': null, open: null, city: null },
    ],
    [
      "a number that JSON cannot carry as missing",
      ["('NaN', 1, 'Bonn', '2001-01-01')"],
      { 'wind "east"': null, open: true, city: "Bonn" },
    ],
    [
      "the least of rows of one time",
      ["(3, 1, 'B', '2001-01-01')", "(2, 1, 'C', '2001-01-01')"],
      { 'wind "east"': 2, open: true, city: "C" },
    ],
  ])("takes %s", async (_, rows, expected) => {
    expect(await readExample(await writeRows(rows), { features, categories: {} })).toEqual(expected);
  });
});

describe("readExample of a feature that refuses what is unseen", () => {
  it.each([
    ["a row whose text the training rows had", [first, second], { 'wind "east"': 2.5, open: false, city: "Köln" }],
    ["none where no row has one", [first], { 'wind "east"': 9.5, open: true, city: null }],
  ])("takes %s", async (_, rows, expected) => {
    const fitted = { city: [{ op: "category", unseen: "error" } as const] };
    const example = await readExample(await writeRows(rows), { features, categories: { city: ["Köln"] }, fitted });
    expect(example).toEqual(expected);
  });
});

const trainer = { sha256: "9".repeat(64), size: 3 };
const signature = {
  onnxruntime: "1.30.0",
  opsets: { "ai.onnx": 15 },
  nodes: 2,
  input: { name: "features", type: "float32", shape: ["rows", 3] },
  output: { name: "value", type: "float32", shape: ["rows", 1] },
};

/** A trainer whose lock is the second of its files. */
function trainerOf(lock: string) {
  const files = [
    { path: "train.py", object: { sha256: "8".repeat(64), size: 1 } },
    { path: "requirements.lock", object: { sha256: "b".repeat(64), size: 1 } },
  ];
  return { format: "trainer/1", kind: "python", entry: "train.py", files, lock };
}

describe("packageModel", () => {
  it.each([
    ["validation rows", 2],
    ["training rows where no others are set apart", 0],
  ])("names everything an answer depends on, with an example of the %s", async (_, validationRows) => {
    const path = await writeRows([first, second]);
    const stored: unknown[] = [];
    const closure = join(folder, "trainer.json");
    await writeFile(closure, JSON.stringify(trainerOf("requirements.lock")));
    const store = {
      fetchFile: async ({ sha256 }: Reference) => {
        if (sha256 === trainer.sha256) return closure;
        expect(sha256).toBe((validationRows > 0 ? validation : split).object.sha256);
        return path;
      },
      putJson: async (value: unknown) => {
        stored.push(value);
        return { sha256: digestOf(value), size: 1 };
      },
    };
    const object = { sha256: "d".repeat(64), size: 9 };
    const split = { object, rows: 2, from: "2001-06-01T00:00:00Z", to: "2001-06-02T00:00:00Z" };
    const validation = { ...split, object: { ...object, sha256: "c".repeat(64) }, rows: validationRows };
    const trainingSet: TrainingSet = {
      format: "training-set/2",
      identity: "set",
      task: "regression",
      features,
      categories: { city: ["Bonn", "Köln"] },
      fitted: { 'wind "east"': [{ op: "scaled", center: 1, scale: 2 }] },
      prior: 3,
      splits: { train: split, validation, test: split },
      slices: [],
    };
    const onnx = { sha256: "e".repeat(64), size: 5 };
    const run = {
      format: "run/1",
      identity: "f".repeat(64),
      trainingSet: "a".repeat(64),
      trainer,
      onnx,
      answers: { sha256: "7".repeat(64), size: 2 },
      params: {},
      seed: 1,
      metrics: {},
      log: object,
      admission: { signature, peakBytes: 9, p99Milliseconds: 0.5 },
      seconds: 2,
      python: "3.12.1",
    } as const;
    const packaged = await packageModel({ model: "wind", run, trainingSet, trainingSetDigest: "a".repeat(64), store });
    expect(packaged.package).toEqual({
      format: "model-package/3",
      model: "wind",
      onnx,
      answers: run.answers,
      task: "regression",
      inputs: features,
      output: "value",
      categories: { city: ["Bonn", "Köln"] },
      fitted: { 'wind "east"': [{ op: "scaled", center: 1, scale: 2 }] },
      run: "f".repeat(64),
      trainingSet: "a".repeat(64),
      environment: { lock: "b".repeat(64), python: "3.12.1" },
      signature,
      example: { 'wind "east"': 9.5, open: true, city: "Bonn" },
    });
    expect(stored).toEqual([packaged.package]);
    expect(packaged.reference.sha256).toBe(digestOf(packaged.package));
  });
});
