import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelSpec } from "../../framework/definitions/spec.ts";
import { evaluate } from "../../framework/evaluation/evaluate.ts";
import { type Evaluation, evaluationSchema } from "../../framework/evaluation/evaluation.ts";
import { formatEvaluation } from "../../framework/evaluation/evaluation-text.ts";
import type { Subject } from "../../framework/evaluation/predict-test-rows.ts";
import type { TrainingSet } from "../../framework/features/training-set.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import { FolderStore } from "../serving/folder-store.ts";
import { createLinearOnnx } from "../serving/linear-onnx.ts";
import { failure } from "../support/failure.ts";

const rows = 5000;
/** Wind moves the label, the kind of day a little, and calm not at all; some wind is missing. */
const table = `
  SELECT (hash(i * 7 + 1) % 1000) / 1000.0 < 1 / (1 + exp(-2 * coalesce(wind, 0) - day)) AS __label,
    TIMESTAMP '2024-06-01' + INTERVAL (i) MINUTE AS __time,
    CASE WHEN i % 10 = 0 THEN NULL WHEN i % 10 < 8 THEN 'north' ELSE 'south' END AS __slice_region,
    wind, calm, CAST(day AS DOUBLE) AS rainy, CASE WHEN day = 1 THEN 'wet' ELSE 'dry' END AS weather
  FROM (
    SELECT i, CASE WHEN i % 50 = 0 THEN NULL ELSE (hash(i) % 1000) / 500.0 - 1 END AS wind,
      (hash(i * 3 + 5) % 1000) / 500.0 - 1 AS calm, i % 2 AS day
    FROM range(${rows}) t(i))`;

const spec: ModelSpec = {
  format: "model/1",
  kind: "model",
  name: "storm",
  owner: "ops",
  risk: "low",
  training: "storm-training",
  metrics: ["auc", "log-loss"],
  baseline: "wind",
  gates: [
    { kind: "atLeast", metric: "auc", value: 0.6 },
    { kind: "noWorseThanProduction", metric: "auc", by: 0.005 },
    { kind: "betterThanBaseline", metric: "log-loss", by: 0.01 },
    { kind: "atLeast", metric: "auc", value: 0.6, slice: { column: "region", min: 600 } },
  ],
  approval: "waived",
};

let folder: string;
let store: FolderStore;
let trainingSet: TrainingSet;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-evaluate-"));
  store = new FolderStore(join(folder, "objects"));
  trainingSet = await createTrainingSet(table);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function createTrainingSet(query: string): Promise<TrainingSet> {
  const file = join(folder, "test.parquet");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const count = await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM (${query})`);
  await connection.run(`COPY (${query}) TO '${file}' (FORMAT parquet)`);
  instance.closeSync();
  const object = await store.putFile(file);
  const split = { object, rows: Number(count.getRows()[0]?.[0]), from: "2024-06-01", to: "2024-06-04" };
  return {
    format: "training-set/2",
    identity: "a",
    task: "binary",
    features: [
      { name: "wind", type: "number" },
      { name: "calm", type: "number" },
      { name: "rainy", type: "boolean" },
      { name: "weather", type: "category" },
    ],
    categories: { weather: ["dry", "wet"] },
    prior: 0.6,
    splits: { train: split, validation: split, test: split },
    slices: ["region"],
  };
}

/** A model that weighs wind, calm, rainy and the code of weather. */
async function createSubject(weights: readonly [number, number, number, number], from = trainingSet): Promise<Subject> {
  const modelPackage = {
    format: "model-package/3" as const,
    model: spec.name,
    onnx: await store.putBytes(createLinearOnnx({ task: "binary", weights })),
    task: "binary" as const,
    inputs: from.features,
    output: "probability",
    categories: from.categories,
    run: "r",
    trainingSet: digestOf(from),
    example: {},
  };
  return { package: modelPackage, packageDigest: digestOf(modelPackage), trainingSet: from };
}

async function run(
  subject: Subject,
  change: { model?: ModelSpec; production?: Subject; signal?: AbortSignal } = {},
): Promise<Evaluation> {
  const { evaluation } = await evaluate({
    model: spec,
    ...subject,
    trainingSetDigest: digestOf(subject.trainingSet),
    store,
    ...change,
  });
  return evaluation;
}

const good = [2, 0, 0.5, 0.5] as const;
const poor = [0.3, 1, 0, 0] as const;

describe("evaluate", () => {
  it("holds a candidate back for a test that fails, with its numbers, whatever its gates say", async () => {
    const test = { kind: "monotone", feature: "wind", tolerance: 0, share: 0 } as const;
    const subject = await createSubject(good);
    const up = await run(subject, { model: { ...spec, tests: [{ ...test, direction: "up" }] } });
    expect([up.tests?.[0]?.verdict, up.decision]).toEqual(["pass", "pass"]);
    const down = await run(subject, { model: { ...spec, tests: [{ ...test, direction: "down" }] } });
    expect(down.gates).toEqual(up.gates);
    expect(down.decision).toBe("fail");
    expect(down.tests?.[0]?.reason).toMatch(/250 of 250 rows/);
    expect(formatEvaluation(down).at(-1)).toMatch(/✖ monotone down in "wind"/);
  });

  it("judges the first version against the baseline and stores what it found", async () => {
    const subject = await createSubject(good);
    const lines: string[] = [];
    const { evaluation, reference } = await evaluate({
      model: spec,
      ...subject,
      trainingSetDigest: "t",
      store,
      onProgress: (line) => lines.push(line),
    });
    expect(await store.getJson(reference, evaluationSchema)).toEqual(evaluation);
    expect(evaluation.rows).toBe(rows);
    expect(evaluation.metrics.map(({ metric }) => metric)).toEqual(["auc", "log-loss"]);
    expect(evaluation.baseline.map(({ by }) => by)).toEqual(["wind", "prior"]);
    expect(evaluation.production).toBeUndefined();
    expect(evaluation.gates.map(({ verdict }) => verdict)).toEqual(["pass", "first-version", "pass", "pass"]);
    expect(evaluation.decision).toBe("pass");
    const at = lines.indexOf("measuring on 5,000 rows");
    expect(lines[at - 1]).toBe("predicted 5,000 rows of 5,000 test rows");
    expect(lines.at(-1)).toBe("exchanged the values of 4 features of 4");
  });

  it("says how much each feature counts, on rows that it reads once", async () => {
    const { attributions } = await run(await createSubject([2, 0, 0.5, 0]));
    expect(attributions).toMatchObject({ method: "permutation", rows: 2000, left: 0 });
    expect(attributions?.features.map(({ feature }) => feature)).toEqual(["wind", "rainy", "calm", "weather"]);
    expect(attributions?.features[0]?.direction).toBeGreaterThan(0.9);
    expect(attributions?.features[2]).toEqual({ feature: "calm", importance: 0, spread: 0 });
  });

  it("gets the numbers that SQL gets", async () => {
    const evaluation = await run(await createSubject([2, 0, 0, 0]));
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(`
      WITH t AS (SELECT __label AS y, 1 / (1 + exp(-2 * coalesce(wind, 0))) AS p, coalesce(wind, w) AS b
                 FROM (${table}), (SELECT avg(wind) AS w FROM (${table}))),
        r AS (SELECT y, p, rank() OVER (ORDER BY p) + (count(*) OVER (PARTITION BY p) - 1) / 2.0 AS rank_p,
          rank() OVER (ORDER BY b) + (count(*) OVER (PARTITION BY b) - 1) / 2.0 AS rank_b FROM t),
        n AS (SELECT sum(y::INT) AS n1, sum(1 - y::INT) AS n0 FROM t)
      SELECT ((sum(rank_p) FILTER (y)) - any_value(n1) * (any_value(n1) + 1) / 2) / (any_value(n1) * any_value(n0)),
        ((sum(rank_b) FILTER (y)) - any_value(n1) * (any_value(n1) + 1) / 2) / (any_value(n1) * any_value(n0)),
        avg(CASE WHEN y THEN -ln(p) ELSE -ln(1 - p) END)
      FROM r, n`);
    instance.closeSync();
    const [auc, baseline, logLoss] = (reader.getRows()[0] ?? []).map(Number);
    expect(evaluation.metrics[0]?.value).toBeCloseTo(auc ?? 0, 6);
    expect(evaluation.metrics[1]?.value).toBeCloseTo(logLoss ?? 0, 6);
    expect(evaluation.baseline[0]?.value).toBeCloseTo(baseline ?? 0, 9);
  });

  it("gives the same evaluation twice", async () => {
    const subject = await createSubject(good);
    expect(await run(subject)).toEqual(await run(subject));
  });

  it("compares groups by what is measured of them, which is no metric of the model", async () => {
    const slice = { column: "region", min: 600 };
    const gates = [
      { kind: "fairness", metric: "demographic-parity", maxGap: 1, slice },
      { kind: "fairness", metric: "equal-opportunity", maxGap: 0, slice },
    ] as const;
    const found = await run(await createSubject(good), { model: { ...spec, gates: [...gates] } });
    expect(found.gates.map(({ verdict }) => verdict)).toEqual(["pass", "fail"]);
    expect(found.metrics.map(({ metric }) => metric)).toEqual(spec.metrics);
    const measured = found.slices.find(({ counted }) => counted)?.metrics.map(({ metric }) => metric);
    expect(measured).toEqual([...spec.metrics, "selection-rate", "recall"]);
  });

  it("lists small and missing values of a slice without counting the small", async () => {
    const { slices } = await run(await createSubject(good));
    expect(slices.map(({ value, rows, counted }) => [value, rows, counted])).toEqual([
      ["north", 3500, true],
      ["south", 1000, true],
      ["(missing)", 500, false],
    ]);
    expect(slices.map(({ metrics }) => metrics.length)).toEqual([2, 2, 0]);
  });

  it("holds the candidate against production on the same file", async () => {
    const [production, candidate] = [await createSubject(good), await createSubject(poor)];
    const evaluation = await run(candidate, { production });
    expect(evaluation.production?.package).toBe(production.packageDigest);
    expect(evaluation.production?.metrics).toEqual((await run(production)).metrics);
    expect(evaluation.gates[1]).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("worse than production's"),
    });
    expect(evaluation.decision).toBe("fail");
  });

  it("holds it against production that has the same rows in another file with other features", async () => {
    const other = await createTrainingSet(`SELECT *, calm * 2 AS extra FROM (${table})`);
    const production = await createSubject([0, 0, 1, 0], other);
    const evaluation = await run(await createSubject(good), { production });
    expect(evaluation.gates[1]?.verdict).toBe("pass");
    expect(evaluation.production?.metrics).toHaveLength(2);
  });

  it.each([
    [
      "fewer rows",
      `SELECT * FROM (${table}) LIMIT 4000`,
      "it was kept from 4,000 test rows, not these 5,000 test rows",
    ],
    [
      "other labels",
      `SELECT * REPLACE (NOT __label AS __label) FROM (${table})`,
      "its test rows have other labels or times",
    ],
    [
      "other times",
      `SELECT * REPLACE (__time + INTERVAL 1 DAY AS __time) FROM (${table})`,
      "its test rows have other labels or times",
    ],
  ])("does not compare with production that was kept from %s", async (_title, query, why) => {
    const production = await createSubject(good, await createTrainingSet(query));
    const evaluation = await run(await createSubject(good), { production });
    expect(evaluation.production).toBeUndefined();
    expect(evaluation.gates[1]).toMatchObject({
      verdict: "inconclusive",
      reason: `auc cannot be compared with production: ${why}`,
    });
    expect(evaluation.decision).toBe("fail");
  });

  it.each([
    ["in another order", `SELECT * REPLACE (reverse(__slice_region) AS __slice_region) FROM (${table})`, ["region"]],
    ["not at all", `SELECT * EXCLUDE (__slice_region) FROM (${table})`, []],
  ])("compares slices with production only where it has them row by row: %s", async (_title, query, slices) => {
    const production = await createSubject(good, { ...(await createTrainingSet(query)), slices });
    const candidate = await createSubject(good);
    expect((await run(candidate, { production })).gates[1]?.verdict).toBe("pass");
    const gates: ModelSpec["gates"] = [
      { kind: "noWorseThanProduction", metric: "auc", by: 0.005, slice: { column: "region", min: 600 } },
    ];
    const { gates: verdicts } = await run(candidate, { production, model: { ...spec, gates } });
    expect(verdicts[0]).toMatchObject({ verdict: "inconclusive", reason: expect.stringContaining('"region"') });
  });

  it("holds slices against production that has the same rows in another file", async () => {
    const production = await createSubject(good, await createTrainingSet(`SELECT *, 1 AS extra FROM (${table})`));
    const gates: ModelSpec["gates"] = [
      { kind: "noWorseThanProduction", metric: "auc", by: 0.005, slice: { column: "region", min: 600 } },
    ];
    const { gates: verdicts } = await run(await createSubject(good), { production, model: { ...spec, gates } });
    expect(verdicts[0]?.verdict).toBe("pass");
  });

  it("decides nothing on rows of a single class", async () => {
    const single = await createTrainingSet(`SELECT * FROM (${table}) WHERE __label`);
    const evaluation = await run(await createSubject(good, single));
    expect(evaluation.metrics.map(({ metric }) => metric)).toEqual(["log-loss"]);
    expect(evaluation.gates.map(({ verdict }) => verdict)).toEqual([
      "inconclusive",
      "first-version",
      "inconclusive",
      "inconclusive",
    ]);
  });

  it("says all at once what cannot be measured", async () => {
    const model: ModelSpec = { ...spec, metrics: ["auc", "rmse", "gini"], baseline: "weather" };
    const { message } = await failure(run(await createSubject(good), { model }));
    expect(message).toContain("at storm.metrics[1] [metric-unfit]");
    expect(message).toContain('(got "gini", expected one of auc, log-loss, brier, accuracy, ');
    expect(message).toContain('(got "weather", a category, expected one of wind, calm, rainy)');
  });

  it("refuses a model whose answers are no probabilities", async () => {
    const subject = await createSubject(good);
    const onnx = await store.putBytes(createLinearOnnx({ task: "regression", weights: good }));
    const { message } = await failure(run({ ...subject, package: { ...subject.package, onnx } }));
    expect(message).toContain("[prediction-unfit]");
  });

  it("refuses a test split with other rows than declared", async () => {
    const { splits } = trainingSet;
    for (const declared of [rows - 1, rows + 1]) {
      const damaged = { ...trainingSet, splits: { ...splits, test: { ...splits.test, rows: declared } } };
      const { message } = await failure(run(await createSubject(good, damaged)));
      expect(message).toContain("[test-split-damaged]");
    }
  });

  it("ends early when told to", async () => {
    const subject = await createSubject(good);
    await expect(run(subject, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});

describe("an evaluation as text", () => {
  it("sets metrics beside baseline and production, and marks the gates", async () => {
    const production = {
      package: "3f8a0c11d2e4".padEnd(64, "0"),
      metrics: [{ metric: "auc", value: 0.7, low: 0.69, high: 0.71, rows }],
    };
    const [auc, fail, unsure] = spec.gates;
    if (!auc || !fail || !unsure) throw new Error("the spec has gates");
    const evaluation: Evaluation = {
      format: "evaluation/2",
      package: "p",
      trainingSet: "t",
      rows,
      from: "2024-06-01",
      to: "2024-06-04",
      metrics: [
        { metric: "auc", value: 0.751, low: 0.74, high: 0.76, rows },
        { metric: "log-loss", value: 0.0412, low: 0.0401, high: 0.0425, rows },
      ],
      baseline: [{ metric: "auc", value: 0.7, low: 0.69, high: 0.71, rows, by: "wind" }],
      production,
      slices: [],
      gates: [
        { gate: auc, verdict: "pass", reason: "one" },
        { gate: fail, verdict: "fail", reason: "two" },
        { gate: unsure, verdict: "inconclusive", reason: "three" },
      ],
      decision: "fail",
    };
    expect(formatEvaluation(evaluation)).toEqual([
      "5,000 test rows, 2024-06-01 to 2024-06-04",
      "  metric    candidate                baseline                     production 3f8a0c11d2e4",
      "  auc       0.751 [0.740, 0.760]     0.700 [0.690, 0.710] (wind)  0.700 [0.690, 0.710]",
      "  log-loss  0.0412 [0.0401, 0.0425]  –                            –",
      "",
      "  ✔ one",
      "  ✖ two",
      "  ? three",
    ]);
  });
});
