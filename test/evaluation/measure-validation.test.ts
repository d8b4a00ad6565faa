import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measureValidation } from "../../framework/evaluation/measure-validation.ts";
import type { TrainingSet } from "../../framework/features/training-set.ts";
import type { Reference } from "../../framework/store/reference.ts";
import { FolderStore } from "../serving/folder-store.ts";
import { createLinearOnnx } from "../serving/linear-onnx.ts";

/** Wind says it all on the validation rows, and the contrary on the test rows. */
const rowsOf = (sign: number, count: number) => `
  SELECT ${sign} * wind > 0 AS __label, TIMESTAMP '2024-06-01' + INTERVAL (i) MINUTE AS __time, wind
  FROM (SELECT i, i - ${(count - 1) / 2} AS wind FROM range(${count}) t(i))`;

let folder: string;
let store: FolderStore;
let trainingSet: TrainingSet;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-validation-"));
  store = new FolderStore(join(folder, "objects"));
  const split = async (query: string, rows: number) => {
    return { object: await store.putFile(await write(query)), rows, from: "2024-06-01", to: "2024-06-02" };
  };
  const [validation, test] = [await split(rowsOf(1, 6), 6), await split(rowsOf(-1, 4), 4)];
  trainingSet = {
    format: "training-set/2",
    identity: "a",
    task: "binary",
    features: [{ name: "wind", type: "number" }],
    categories: {},
    prior: 0.5,
    splits: { train: test, validation, test },
    slices: [],
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(query: string): Promise<string> {
  const file = join(folder, "rows.parquet");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${file}' (FORMAT parquet)`);
  instance.closeSync();
  return file;
}

async function measure(metrics: readonly string[], set = trainingSet): Promise<readonly number[]> {
  const onnx: Reference = await store.putBytes(createLinearOnnx({ task: "binary", weights: [1] }));
  return measureValidation({
    name: "storm",
    onnx,
    trainingSet: set,
    metrics,
    fetchFile: (object) => {
      expect(object.sha256).not.toBe(set.splits.test.object.sha256);
      return store.fetchFile(object);
    },
  });
}

describe("a measurement on the validation rows", () => {
  it("is of these rows, in the order of the metrics, and never fetches the test rows", async () => {
    const [logLoss = 0, auc, accuracy] = await measure(["log-loss", "auc", "accuracy"]);
    expect([auc, accuracy]).toEqual([1, 1]);
    const losses = [0.5, 1.5, 2.5].map((wind) => Math.log1p(Math.exp(-wind)));
    expect(logLoss).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / losses.length, 6);
  });

  it("is not a number where a metric is not defined", async () => {
    const { splits } = trainingSet;
    const same = await store.putFile(await write(`SELECT * REPLACE (true AS __label) FROM (${rowsOf(1, 6)})`));
    const set = { ...trainingSet, splits: { ...splits, validation: { ...splits.validation, object: same } } };
    expect(await measure(["auc"], set)).toEqual([Number.NaN]);
  });

  it("is refused rows that are not those the training set declares", async () => {
    const { splits } = trainingSet;
    const set = { ...trainingSet, splits: { ...splits, validation: { ...splits.validation, rows: 7 } } };
    await expect(measure(["auc"], set)).rejects.toThrow("7 rows");
  });
});
