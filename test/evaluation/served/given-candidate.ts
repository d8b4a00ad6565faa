/**
 * A candidate whose model weighs wind, rain and weather, in a store in a folder, with the rows of its splits.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { formatOf } from "../../../framework/definitions/format.ts";
import type { Subject } from "../../../framework/evaluation/predict-test-rows.ts";
import type { TrainingSet } from "../../../framework/features/training-set.ts";
import type { ModelPackage } from "../../../framework/models/model-package.ts";
import { FolderStore } from "../../serving/folder-store.ts";
import { createLinearOnnx } from "../../serving/linear-onnx.ts";

const rows = 1_500;
const table = `SELECT i % 2 = 0 AS __label, TIMESTAMP '2024-06-01' + INTERVAL (i) MINUTE AS __time,
  CASE WHEN i % 50 = 0 THEN NULL ELSE (i % 97) / 97.0 END AS wind, CAST(i % 2 AS DOUBLE) AS rainy,
  CASE WHEN i % 4 = 0 THEN 'wet' ELSE 'dry' END AS weather FROM range(${rows}) t(i)`;

export class GivenCandidates implements AsyncDisposable {
  readonly folder: string;
  readonly store: FolderStore;
  readonly trainingSet: TrainingSet;

  private constructor(parts: Pick<GivenCandidates, "folder" | "store" | "trainingSet">) {
    this.folder = parts.folder;
    this.store = parts.store;
    this.trainingSet = parts.trainingSet;
  }

  static async create(): Promise<GivenCandidates> {
    const folder = await mkdtemp(join(tmpdir(), "steward-test-"));
    const store = new FolderStore(join(folder, "objects"));
    const file = join(folder, "test.parquet");
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    await (await instance.connect()).run(`COPY (${table}) TO '${file}' (FORMAT parquet)`);
    instance.closeSync();
    const split = { object: await store.putFile(file), rows, from: "2024-06-01", to: "2024-06-02" };
    const trainingSet: TrainingSet = {
      format: formatOf("training-set"),
      identity: "a",
      task: "binary",
      features: [
        { name: "wind", type: "number" },
        { name: "rainy", type: "boolean" },
        { name: "weather", type: "category" },
      ],
      categories: { weather: ["dry", "wet"] },
      prior: 0.5,
      splits: { train: split, validation: split, test: split },
      slices: [],
    };
    return new GivenCandidates({ folder, store, trainingSet });
  }

  /** A candidate with these weights of wind, rainy and the code of weather, and changes of its package. */
  async candidate(
    weights: readonly number[],
    { task = "binary", ...changes }: Partial<ModelPackage> & { readonly task?: ModelPackage["task"] } = {},
  ): Promise<Subject> {
    const { store, trainingSet } = this;
    const made: ModelPackage = {
      format: formatOf("model-package"),
      model: "storm",
      onnx: await store.putBytes(createLinearOnnx({ task, weights })),
      task,
      inputs: trainingSet.features,
      output: task === "binary" ? "probability" : "value",
      categories: trainingSet.categories,
      run: "r",
      trainingSet: "t",
      example: { wind: 0.5, rainy: true, weather: "wet" },
      ...changes,
    };
    return { package: made, packageDigest: (await store.putJson(made)).sha256, trainingSet };
  }

  readonly fetchFile: FolderStore["fetchFile"] = (reference) => this.store.fetchFile(reference);

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
