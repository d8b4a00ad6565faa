import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { quotePath } from "../../framework/data/sql.ts";
import { predictTestRows } from "../../framework/evaluation/predict-test-rows.ts";
import type { BuiltTrainingSet } from "../../framework/features/build-training-set.ts";
import type { TrainingSet } from "../../framework/features/training-set.ts";
import { type PackagedModel, packageModel } from "../../framework/models/package-model.ts";
import { openSession } from "../../framework/models/session.ts";
import { loadModel } from "../../framework/serving/live-model.ts";
import { createJobFolder } from "../../framework/training/job-folder.ts";
import { createFolderStore, type FolderStore } from "../features/folder-store.ts";
import { build, routes, tenDays } from "../features/orders.ts";
import { createLinearOnnx } from "../serving/linear-onnx.ts";

const onnx = createLinearOnnx({ task: "regression", weights: [3, 5, 0.25, 1], bias: 0.5 });
const columns = routes.columns.map((column) => {
  switch (column.name) {
    case "price":
      return { ...column, preprocessing: [{ op: "scaled", by: "robust" } as const] };
    case "city":
      return { ...column, preprocessing: [{ op: "category", unseen: "other", min: 29 } as const] };
    case "ratings":
      return {
        ...column,
        preprocessing: [{ op: "imputed", by: "mean" } as const, { op: "scaled", by: "standard" } as const],
      };
    default:
      return column;
  }
});

let store: FolderStore;
let built: BuiltTrainingSet;
let packaged: PackagedModel;
beforeEach(async () => {
  store = await createFolderStore();
  // Cities that are no category of their own are in every split; one is in the last alone.
  const rows = `${tenDays} UNION ALL SELECT TIMESTAMP '2024-03-10 12:30:00', 'late', true, 1e6, 4`;
  built = await build(store, { parts: [rows], features: { orders: { ...routes, columns } } });
  const path = join(store.folder, "model.onnx");
  await writeFile(path, onnx);
  const object = await store.putFile(path);
  const trainer = {
    format: "trainer/1",
    kind: "python",
    entry: "train.py",
    files: [{ path: "requirements.lock", object }],
    lock: "requirements.lock",
  };
  packaged = await packageModel({
    model: "stars",
    run: {
      format: "run/1",
      identity: "run",
      trainingSet: built.reference.sha256,
      trainer: await store.putJson(trainer),
      onnx: object,
      params: {},
      seed: 1,
      metrics: {},
      log: object,
      seconds: 1,
      python: "3.12",
    },
    trainingSet: built.trainingSet,
    trainingSetDigest: built.reference.sha256,
    store,
  });
});
afterEach(() => store[Symbol.asyncDispose]());

type Row = Readonly<Record<string, number | string | null>>;

/** The features of a Parquet file's rows, in its order. */
function read(path: string, { features }: TrainingSet): Promise<Row[]> {
  const names = features.map(({ name }) => name).join(", ");
  const row = z.record(z.string(), z.union([z.number(), z.string()]).nullable());
  return withDuckDb(store.folder, (db) => db.rows(`SELECT ${names} FROM read_parquet(${quotePath(path)})`, row));
}

/** The answers to rows as a trainer reads them, encoded as its library does: numbers as they are, categories as places. */
async function predictPrepared(rows: readonly Row[], { features, categories }: TrainingSet): Promise<number[]> {
  const matrix = rows.flatMap((row) =>
    features.map(({ name, type }) => {
      const value = row[name] ?? null;
      return type === "category" ? (categories[name] ?? []).indexOf(String(value)) : Number(value ?? Number.NaN);
    }),
  );
  const session = await openSession(onnx, features.length);
  try {
    return [...(await session.predict(Float32Array.from(matrix), rows.length))];
  } finally {
    await session.close();
  }
}

/** What a server of the package answers to rows as a caller sends them. */
async function answer(rows: readonly Row[]): Promise<number[]> {
  const loaded = { getJson: async () => packaged.package, fetchFile: store.fetchFile };
  const release = { format: "production/1", generation: 1, version: 1, package: "p", evaluation: "e" } as const;
  const live = await loadModel(loaded, "stars", release);
  try {
    const asked = packaged.package.inputs.map(({ name, type }) => {
      const values = rows.map((row) => row[name] ?? null);
      return [
        name,
        type === "boolean" ? values.map((value) => (value === null ? null : value === 1)) : values,
      ] as const;
    });
    return await live.answer(Object.fromEntries(asked), rows.length);
  } finally {
    await live.release();
  }
}

function layOut() {
  return createJobFolder({
    name: "stars",
    identity: "a".repeat(64),
    trainingSet: built.trainingSet,
    trainer: {
      format: "trainer/1",
      kind: "python",
      entry: "train.py",
      lock: "lock",
      files: ["train.py", "lock"].map((path) => ({ path, object: packaged.package.onnx })),
    },
    params: {},
    seed: 1,
    workFolder: store.folder,
    objects: store,
  });
}

describe("a package with fitted preprocessing", () => {
  it("answers a caller's values as the model answers the rows that its trainer read", async () => {
    const { trainingSet } = built;
    const folder = await layOut();
    for (const split of ["train", "validation"] as const) {
      const raw = await read(store.pathOf(trainingSet.splits[split].object), trainingSet);
      const prepared = await read(folder.job.inputs[split], trainingSet);
      expect(prepared).not.toEqual(raw);
      expect(prepared.map(({ gift }) => gift)).toEqual(raw.map(({ gift }) => gift));
      expect(new Set(prepared.map(({ city }) => city))).toContain("(other)");
      expect(prepared.every(({ ratings }) => ratings !== null)).toBe(true);
      expect(await answer(raw)).toEqual(await predictPrepared(prepared, trainingSet));
    }
    await folder.remove();
  });

  it("is evaluated as it answers", async () => {
    const { trainingSet } = built;
    const raw = await read(store.pathOf(trainingSet.splits.test.object), trainingSet);
    expect(raw.map(({ city }) => city)).toContain("late");
    const subject = { package: packaged.package, packageDigest: packaged.reference.sha256, trainingSet };
    const { candidate } = await predictTestRows({ candidate: subject, fetchFile: store.fetchFile, slices: [] });
    expect([...candidate]).toEqual(await answer(raw));
  });

  it("is evaluated on rows that a server would refuse, as if the text were missing", async () => {
    const { trainingSet } = built;
    const fitted = { ...trainingSet.fitted, city: [{ op: "category", unseen: "error" } as const] };
    const subject = { package: { ...packaged.package, fitted }, packageDigest: "p", trainingSet };
    const { candidate } = await predictTestRows({ candidate: subject, fetchFile: store.fetchFile, slices: [] });
    const { categories } = trainingSet;
    const raw = await read(store.pathOf(trainingSet.splits.test.object), trainingSet);
    const known = raw.map((row) => ({
      ...row,
      city: categories["city"]?.includes(String(row["city"])) ? row["city"] : null,
    }));
    expect(known.some(({ city }, i) => city !== raw[i]?.["city"])).toBe(true);
    expect([...candidate]).toEqual(await answer(known as Row[]));
  });

  it("has an example as a caller would send it, and the constants of its training set", async () => {
    const { fitted, categories } = built.trainingSet;
    expect(packaged.package).toMatchObject({ fitted, categories });
    const raw = await read(store.pathOf(built.trainingSet.splits.validation.object), built.trainingSet);
    expect(raw.map(({ price }) => price)).toContain(packaged.package.example["price"]);
  });
});
