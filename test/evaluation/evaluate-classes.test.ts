import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelSpec } from "../../framework/definitions/spec.ts";
import { evaluate } from "../../framework/evaluation/evaluate.ts";
import { type Evaluation, evaluationSchema } from "../../framework/evaluation/evaluation.ts";
import { measureValidation } from "../../framework/evaluation/measure-validation.ts";
import type { Subject } from "../../framework/evaluation/predict-test-rows.ts";
import type { TrainingSet } from "../../framework/features/training-set.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import { FolderStore } from "../serving/folder-store.ts";
import { createLinearOnnx } from "../serving/linear-onnx.ts";
import { failure } from "../support/failure.ts";

const classes = ["sun", "rain", "snow"];
const rows = 900;
/** Warm days are sunny, wet ones rainy, and the others snowy, but for every tenth. */
const skies = `
  SELECT CAST(CASE WHEN i % 10 = 0 THEN i // 10 % 3 WHEN warm > 0.4 THEN 0 WHEN wet > 0 THEN 1 ELSE 2 END AS DOUBLE) AS __label,
    TIMESTAMP '2024-06-01' + INTERVAL (i) MINUTE AS __time,
    CASE WHEN i % 3 = 0 THEN 'north' ELSE 'south' END AS __slice_region, 'q' || (i // 9) AS __slice_query, warm, wet
  FROM (
    SELECT i, (hash(i) % 1000) / 500.0 - 1 AS warm, (hash(i * 3 + 5) % 1000) / 500.0 - 1 AS wet
    FROM range(${rows}) t(i))`;
/** Wet days sell umbrellas, and the day a week before says how many, but for a trend. */
const sales = `
  SELECT CAST(10 + (i % 7) * 3 + i / 100.0 AS DOUBLE) AS __label, TIMESTAMP '2024-01-01' + INTERVAL (i) DAY AS __time,
    CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END AS __slice_store, 0.0 AS warm, CAST(10 + (i % 7) * 3 AS DOUBLE) AS wet
  FROM range(${rows}) t(i)`;

let folder: string;
let store: FolderStore;
let sky: TrainingSet;
let umbrellas: TrainingSet;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-classes-"));
  store = new FolderStore(join(folder, "objects"));
  const common = {
    format: "training-set/2",
    identity: "a",
    features: [
      { name: "warm", type: "number" },
      { name: "wet", type: "number" },
    ],
    categories: {},
  } as const;
  const split = async (query: string) => {
    return { object: await store.putFile(await write(query)), rows, from: "2024-06-01", to: "2024-06-04" };
  };
  const [ofSkies, ofSales] = [await split(skies), await split(sales)];
  sky = {
    ...common,
    features: [...common.features],
    task: "multiclass",
    classes,
    prior: 0.5,
    priors: [0.5, 0.3, 0.2],
    splits: { train: ofSkies, validation: ofSkies, test: ofSkies },
    slices: ["region", "query"],
  };
  umbrellas = {
    ...common,
    features: [...common.features],
    task: "regression",
    prior: 20,
    splits: { train: ofSales, validation: ofSales, test: ofSales },
    slices: ["store"],
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

const spec: ModelSpec = {
  format: "model/1",
  kind: "model",
  name: "sky",
  owner: "ops",
  risk: "low",
  training: "sky-training",
  metrics: ["log-loss", "accuracy", "macro-f1", "top-2-accuracy", "macro-auc"],
  gates: [
    { kind: "atLeast", metric: "accuracy", value: 0.7 },
    { kind: "betterThanBaseline", metric: "log-loss", by: 0.1 },
    { kind: "noWorseThanProduction", metric: "macro-f1", by: 0 },
    { kind: "atLeast", metric: "macro-f1", value: 0.6, slice: { column: "region", min: 100 } },
  ],
  tests: [
    { kind: "answers-each-row" },
    { kind: "deterministic" },
    { kind: "simplex", tolerance: 0 },
    { kind: "invariant", feature: "wet", tolerance: 0.01, share: 0 },
  ],
  approval: "waived",
};

/** Warm speaks for sun; wet for rain and against snow. */
const knowing = [6, 0, -1, 0, 4, -4];
const guessing = [0, 0, 0, 0, 0, 0];

async function createSubject(weights: readonly number[], from = sky): Promise<Subject> {
  const onnx =
    from.task === "multiclass"
      ? createLinearOnnx({ task: "multiclass", weights, classes: from.classes?.length ?? 0 })
      : createLinearOnnx({ task: from.task, weights });
  const made = {
    format: "model-package/3" as const,
    model: spec.name,
    onnx: await store.putBytes(onnx),
    task: from.task,
    ...(from.classes && { classes: from.classes }),
    inputs: from.features,
    output: "probabilities",
    categories: {},
    run: "r",
    trainingSet: digestOf(from),
    example: {},
  };
  return { package: made, packageDigest: digestOf(made), trainingSet: from };
}

async function run(subject: Subject, change: { model?: ModelSpec; production?: Subject } = {}): Promise<Evaluation> {
  const trainingSetDigest = digestOf(subject.trainingSet);
  const { evaluation } = await evaluate({ model: spec, ...subject, trainingSetDigest, store, ...change });
  return evaluationSchema.parse(evaluation) as Evaluation;
}

const measuredOf = (measured: Evaluation["metrics"], name: string) =>
  measured.find(({ metric }) => metric === name)?.value;

describe("an evaluation of several classes", () => {
  it("measures, compares with the shares of the classes, and decides gates, slices and tests", async () => {
    const found = await run(await createSubject(knowing));
    expect(found.metrics.map(({ metric }) => metric)).toEqual(spec.metrics);
    expect(measuredOf(found.metrics, "accuracy")).toBeGreaterThan(0.7);
    for (const { value, low, high } of found.metrics) expect([low <= value, value <= high]).toEqual([true, true]);
    expect(found.baseline.map(({ by }) => by)).toEqual(spec.metrics.map(() => "prior"));
    // The first class is said of every row, and the rows of the two most frequent are right within two.
    expect(measuredOf(found.baseline, "macro-auc")).toBe(0.5);
    expect(found.gates.map(({ verdict }) => verdict)).toEqual(["pass", "pass", "first-version", "pass"]);
    expect(found.tests?.map(({ verdict }) => verdict)).toEqual(["pass", "pass", "pass", "fail"]);
    expect(found.slices.map(({ value, rows: count }) => [value, count])).toEqual([
      ["south", 600],
      ["north", 300],
    ]);
    expect(found.curves?.kind).toBe("multiclass");
  });

  it("has the accuracy that SQL has, on all rows and on a slice", async () => {
    const found = await run(await createSubject(knowing));
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(`
      WITH s AS (SELECT *, 6 * warm AS sun, 4 * wet AS rain, -warm - 4 * wet AS snow FROM (${skies})),
        a AS (SELECT *, CASE WHEN sun >= rain AND sun >= snow THEN 0 WHEN rain >= snow THEN 1 ELSE 2 END AS said FROM s)
      SELECT avg((said = __label)::INT), avg((said = __label)::INT) FILTER (__slice_region = 'north') FROM a`);
    instance.closeSync();
    const [all = 0, north = 0] = (reader.getRows()[0] ?? []).map(Number);
    expect(measuredOf(found.metrics, "accuracy")).toBeCloseTo(all, 12);
    expect(measuredOf(found.slices.find(({ value }) => value === "north")?.metrics ?? [], "accuracy")).toBeCloseTo(
      north,
      12,
    );
  });

  it("is held against production of the same classes, and not of others", async () => {
    const candidate = await createSubject(guessing);
    const production = await createSubject(knowing);
    const worse = await run(candidate, { production });
    expect(worse.production?.metrics.map(({ metric }) => metric)).toEqual(spec.metrics);
    expect(worse.production?.curves?.kind).toBe("multiclass");
    expect(worse.gates[2]?.verdict).toBe("fail");
    const other = await createTrainingSetWith(["sun", "snow", "rain"]);
    const apart = await run(candidate, { production: await createSubject(knowing, other) });
    expect(apart.gates[2]).toMatchObject({
      verdict: "inconclusive",
      reason: "macro-f1 cannot be compared with production: it answers with other classes",
    });
  });

  it.each([
    ["one that no row has is new", ["sun", "rain", "snow", "hail"]],
    ["they are in another order", ["rain", "sun", "snow"]],
  ])(
    "is not held against production of other classes where the test rows are the same file: %s",
    async (_title, named) => {
      const candidate = await createSubject(
        named.flatMap(() => [0, 0]),
        {
          ...sky,
          classes: named,
          priors: named.map(() => 1 / named.length),
        },
      );
      const model: ModelSpec = { ...spec, metrics: ["accuracy", "macro-f1"], gates: spec.gates.slice(2, 3), tests: [] };
      const found = await run(candidate, { model, production: await createSubject(knowing) });
      expect(found.gates[0]).toMatchObject({
        verdict: "inconclusive",
        reason: "macro-f1 cannot be compared with production: it answers with other classes",
      });
    },
  );

  async function createTrainingSetWith(named: string[]): Promise<TrainingSet> {
    const object = await store.putFile(await write(`SELECT * FROM (${skies}) WHERE true`));
    const split = { ...sky.splits.test, object };
    const moved = await store.putFile(await write(`SELECT *, 1 AS extra FROM (${skies})`));
    return { ...sky, classes: named, splits: { ...sky.splits, test: { ...split, object: moved } } };
  }

  it("refuses metrics of other tasks and of no groups, and says what there is", async () => {
    const model: ModelSpec = { ...spec, metrics: ["auc", "rmse", "ndcg by nobody"], gates: [] };
    const { message } = await failure(run(await createSubject(knowing), { model }));
    expect(message).toContain("at sky.metrics[0] [metric-unfit]");
    expect(message).toContain('(got "rmse", expected one of log-loss, accuracy, ');
    expect(message).toContain('(got "nobody", expected one of region, query)');
  });

  it.each([
    ["numbers that are no probabilities", "regression", /got 900 rows, the first with -?\d/],
    [
      "probabilities that do not add up",
      "binary",
      /got 900 rows, the first with probabilities that add up to [0-9.]+,/,
    ],
  ] as const)("refuses a model that answers with %s", async (_, task, reason) => {
    const subject = await createSubject(knowing);
    const onnx = await store.putBytes(createLinearOnnx({ task, classes: 3, weights: knowing }));
    const { message } = await failure(run({ ...subject, package: { ...subject.package, onnx } }));
    expect(message).toMatch(reason);
  });

  it("refuses labels that are no places of classes", async () => {
    const file = await write(
      `SELECT * REPLACE (CASE WHEN __label = 2 THEN 3 ELSE __label END AS __label) FROM (${skies})`,
    );
    const split = { ...sky.splits.test, object: await store.putFile(file) };
    const damaged = { ...sky, splits: { ...sky.splits, test: split } };
    const { message } = await failure(run(await createSubject(knowing, damaged)));
    expect(message).toMatch(/test rows have labels that are none .*expected the places of classes/);
  });
});

describe("an evaluation of rankings and forecasts", () => {
  const metrics = ["mae", "mase-7", "mase-7 by store", "ndcg by store", "mean-reciprocal-rank by store"];
  const model: ModelSpec = { ...spec, metrics, baseline: "wet", gates: [], tests: undefined };

  it("measures errors against the naive forecast on the training rows, and orders within groups", async () => {
    const found = await run(await createSubject([0, 1], umbrellas), { model });
    expect(found.metrics.map(({ metric }) => metric)).toEqual(metrics);
    const error = measuredOf(found.metrics, "mae") ?? Number.NaN;
    // A week before, the label was the same but for the trend; in a store of every other day the week is two.
    expect(measuredOf(found.metrics, "mase-7")).toBeCloseTo(error / 0.07, 9);
    expect(measuredOf(found.metrics, "mase-7 by store")).toBeCloseTo(error / 0.14, 9);
    expect(measuredOf(found.metrics, "ndcg by store")).toBeGreaterThan(0.9);
    expect(found.baseline.find(({ metric }) => metric === "ndcg by store")?.by).toBe("wet");
  });

  it("turns a baseline round that ranks backwards within its groups", async () => {
    const backwards = await store.putFile(await write(`SELECT * REPLACE (-wet AS wet) FROM (${sales})`));
    const splits = { ...umbrellas.splits, test: { ...umbrellas.splits.test, object: backwards } };
    const found = await run(await createSubject([0, -1], { ...umbrellas, splits }), { model });
    expect(found.baseline.find(({ metric }) => metric === "ndcg by store")?.by).toBe("wet, reversed");
  });
});

describe("a measurement of validation rows", () => {
  it("is of several classes, of groups and of forecasts too", async () => {
    const fetchFile = store.fetchFile.bind(store);
    const { package: made } = await createSubject(knowing);
    const asked = {
      name: "sky",
      onnx: made.onnx,
      trainingSet: sky,
      metrics: ["accuracy", "top-3-accuracy"],
      fetchFile,
    };
    const [accuracy = 0, all] = await measureValidation(asked);
    expect([accuracy > 0.7, all]).toEqual([true, 1]);
    const { package: forecast } = await createSubject([0, 1], umbrellas);
    const metrics = ["mase-7", "ndcg by store"];
    const [scaled = 0, ordered = 0] = await measureValidation({
      name: "umbrellas",
      onnx: forecast.onnx,
      trainingSet: umbrellas,
      metrics,
      fetchFile,
    });
    expect([scaled > 1, ordered > 0.9]).toEqual([true, true]);
  });
});
