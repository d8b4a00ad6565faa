import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareServed, decideServed } from "../../../framework/cli/served-answers.ts";
import { formatOf } from "../../../framework/definitions/format.ts";
import type { ModelTestSpec } from "../../../framework/definitions/model-test-spec.ts";
import { runModelTests } from "../../../framework/evaluation/model-tests/run-model-tests.ts";
import type { Subject } from "../../../framework/evaluation/predict-test-rows.ts";
import type { TrainingSet } from "../../../framework/features/training-set.ts";
import type { ModelPackage } from "../../../framework/models/model-package.ts";
import { FolderStore } from "../../serving/folder-store.ts";
import { createLinearOnnx } from "../../serving/linear-onnx.ts";

const rows = 1_500;
const table = `SELECT i % 2 = 0 AS __label, TIMESTAMP '2024-06-01' + INTERVAL (i) MINUTE AS __time,
  CASE WHEN i % 50 = 0 THEN NULL ELSE (i % 97) / 97.0 END AS wind, CAST(i % 2 AS DOUBLE) AS rainy,
  CASE WHEN i % 4 = 0 THEN 'wet' ELSE 'dry' END AS weather FROM range(${rows}) t(i)`;

let folder: string;
let store: FolderStore;
let trainingSet: TrainingSet;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-test-"));
  store = new FolderStore(join(folder, "objects"));
  const file = join(folder, "test.parquet");
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  await (await instance.connect()).run(`COPY (${table}) TO '${file}' (FORMAT parquet)`);
  instance.closeSync();
  const split = { object: await store.putFile(file), rows, from: "2024-06-01", to: "2024-06-02" };
  trainingSet = {
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
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A model that weighs wind, rainy and the code of weather. */
async function createSubject(weights: readonly number[], task: "binary" | "regression" = "binary"): Promise<Subject> {
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
  };
  return { package: made, packageDigest: (await store.putJson(made)).sha256, trainingSet };
}

async function run(subject: Subject, tests: readonly ModelTestSpec[], production?: Subject) {
  const fetchFile = store.fetchFile.bind(store);
  return await runModelTests({ tests, candidate: subject, ...(production && { production }), fetchFile });
}

const leeway = { tolerance: 0, share: 0 };
const all: readonly ModelTestSpec[] = [
  { kind: "answers-each-row" },
  { kind: "deterministic" },
  { kind: "simplex", tolerance: 1e-6 },
  { kind: "in-range", low: 0.2, high: 0.95, share: 0 },
  { kind: "golden", rows: [{ features: { wind: 0, weather: "dry" }, answer: 0.5 }], within: 1e-5 },
  { kind: "monotone", feature: "wind", direction: "up", ...leeway },
  { kind: "directional", feature: "wind", by: 0.1, direction: "up", ...leeway },
  { kind: "invariant", feature: "weather", ...leeway },
];

describe("runModelTests", () => {
  it("passes a model that does what all its tests ask, on a sample of its test rows", async () => {
    const verdicts = await run(await createSubject([2, 0.5, 0]), all);
    expect(verdicts.map(({ verdict, reason }) => (verdict === "pass" ? verdict : reason))).toEqual(
      all.map(() => "pass"),
    );
    expect(verdicts.map(({ rows: asked }) => asked)).toEqual([1000, 1000, 1000, 1000, 1, 250, 250, 250]);
  });

  it("fails a model that does otherwise, with what it did", async () => {
    const verdicts = await run(await createSubject([-2, 0.5, 1]), all);
    const failed = verdicts.filter(({ verdict }) => verdict === "fail").map(({ test }) => test.kind);
    expect(failed).toEqual(["in-range", "monotone", "directional", "invariant"]);
    // The answer to no wind and dry weather is the same whatever is weighed.
    expect(verdicts.find(({ test }) => test.kind === "golden")?.verdict).toBe("pass");
    expect(verdicts.find(({ test }) => test.kind === "monotone")).toMatchObject({ exceeding: 250, rows: 250 });
  });

  it("fails a golden row that is answered otherwise", async () => {
    const rowsOf = [{ features: { wind: 1 }, answer: 0.5 }];
    const [verdict] = await run(await createSubject([2, 0, 0]), [{ kind: "golden", rows: rowsOf, within: 1e-5 }]);
    expect(verdict).toMatchObject({ verdict: "fail", exceeding: 1 });
    expect(verdict?.reason).toMatch(/^golden row 0 is answered 0\.881/);
  });

  it("times single rows beside production, and without it records the first version", async () => {
    const subject = await createSubject([2, 0, 0]);
    const test: ModelTestSpec = { kind: "latency", rate: 1000, ratio: 1000 };
    const [first] = await run(subject, [test]);
    expect(first).toMatchObject({ verdict: "first-version" });
    const [second] = await run(subject, [test], await createSubject([1, 0, 0]));
    expect(second).toMatchObject({ verdict: "pass" });
    expect(second?.reason).toMatch(/300 rows at 1000 a second are answered in \d.* ms, production in/);
  });

  it("ends with its signal", async () => {
    const subject = await createSubject([2, 0, 0]);
    const signal = AbortSignal.abort(new Error("enough"));
    const options = { tests: all, candidate: subject, fetchFile: store.fetchFile.bind(store), signal };
    await expect(runModelTests(options)).rejects.toThrow("enough");
  });
});

describe("compareServed", () => {
  it.each(["binary", "regression"] as const)(
    "finds that a real server answers a %s model as it is evaluated",
    async (task) => {
      expect(await compareServed(await createSubject([2, 0.5, 0.25], task), store)).toEqual({
        verdict: "pass",
        reason: "served: 20 rows are answered within 0.00001 of the model",
        rows: 20,
        exceeding: 0,
      });
    },
  );

  it("asks no row that a server would refuse", async () => {
    const subject = await createSubject([2, 0.5, 0.25]);
    const made = {
      ...subject.package,
      categories: { weather: ["dry"] },
      fitted: { weather: [{ op: "category", unseen: "error" } as const] },
    };
    const { sha256 } = await store.putJson({ ...made, example: { ...made.example, weather: "dry" } });
    const verdict = await compareServed({ ...subject, package: made, packageDigest: sha256 }, store);
    expect(verdict).toMatchObject({ verdict: "pass" });
    expect(verdict.rows).toBeLessThan(20);
  });

  it.each([
    [
      "an answer that is apart",
      [0.5, 0.25],
      [0.5, 0.26],
      "fail",
      "served: row 1 is answered 0.26, and the model answers 0.25; 1 of 2 rows differ",
    ],
    [
      "an answer that is none",
      [0.5],
      ["NaN"],
      "fail",
      "served: row 0 is answered NaN, and the model answers 0.5; 1 of 1 row differ",
    ],
    ["no rows", [], [], "inconclusive", "served: no row can be asked"],
  ] as const)("judges %s", (_, expected, answers, verdict, reason) => {
    expect(decideServed(expected, answers)).toMatchObject({ verdict, reason });
  });
});
