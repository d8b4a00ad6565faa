import { describe, expect, it } from "vitest";
import { GrowingValues } from "../../framework/feedback/labelled-values.ts";
import { listMeasurable, measureCohort } from "../../framework/feedback/measure-cohort.ts";

function gather(rows: readonly Parameters<GrowingValues["add"]>[0][]): GrowingValues {
  const values = new GrowingValues();
  for (const row of rows) values.add(row);
  return values;
}

describe("what is measured of a cohort", () => {
  it("is what an evaluation measures, with an interval around it", async () => {
    const rows = Array.from({ length: 200 }, (_, i) => ({
      predictions: [i % 4 === 0 ? 0.2 : 0.8],
      label: i % 2 === 0,
    }));
    const { metrics, strange } = await measureCohort(
      { rows: gather(rows) },
      { task: "binary", metrics: ["accuracy", "auc"] },
    );
    expect(strange).toBe(0);
    const [accuracy, auc] = metrics;
    expect(accuracy).toMatchObject({ metric: "accuracy", value: 0.25, rows: 200 });
    expect(accuracy?.low).toBeLessThan(0.25);
    expect(accuracy?.high).toBeGreaterThan(0.25);
    expect(auc).toMatchObject({ metric: "auc", value: 0.25 });
  });

  it("is by the classes of the version that answered; labels that are none of them are left out and counted", async () => {
    const rows = [
      { predictions: [0.2, 0.8], label: "rain" },
      { predictions: [0.9, 0.1], label: "sun" },
      { predictions: [0.9, 0.1], label: "snow" },
    ];
    const terms = { task: "multiclass", metrics: ["accuracy"], classes: ["sun", "rain"] } as const;
    expect(await measureCohort({ rows: gather(rows) }, terms)).toMatchObject({
      metrics: [{ value: 1, rows: 2 }],
      strange: 1,
    });
    expect(await measureCohort({ rows: gather(rows) }, { ...terms, classes: undefined })).toEqual({
      metrics: [],
      strange: 3,
    });
  });

  it("is the error of numbers", async () => {
    const rows = [
      { predictions: [10], label: 13 },
      { predictions: [1], label: 1 },
    ];
    expect(
      (await measureCohort({ rows: gather(rows) }, { task: "regression", metrics: ["mae"] })).metrics,
    ).toMatchObject([{ value: 1.5 }]);
  });

  it("is nothing without labels, and no metric that is not defined on them", async () => {
    expect(await measureCohort({ rows: gather([]) }, { task: "binary", metrics: ["auc"] })).toEqual({
      metrics: [],
      strange: 0,
    });
    const rows = [{ predictions: [0.4], label: true }];
    expect(
      (await measureCohort({ rows: gather(rows) }, { task: "binary", metrics: ["auc", "brier"] })).metrics,
    ).toMatchObject([{ metric: "brier" }]);
  });

  it("leaves out and counts rows that are answered with another number of numbers", async () => {
    const rows = gather([
      { predictions: [0.2, 0.8], label: "rain" },
      { predictions: [1], label: "rain" },
      { predictions: [0.8, 0.2], label: "rain" },
    ]);
    const terms = { task: "multiclass", metrics: ["accuracy"], classes: ["sun", "rain"] } as const;
    expect(await measureCohort({ rows }, terms)).toMatchObject({ metrics: [{ value: 0.5, rows: 2 }], strange: 1 });
  });

  it("ends early, with the reason", async () => {
    const rows = gather(Array.from({ length: 20_000 }, (_, i) => ({ predictions: [i / 20_000], label: i % 3 === 0 })));
    const terms = { task: "binary", metrics: ["auc"], signal: AbortSignal.abort(new Error("enough")) } as const;
    await expect(measureCohort({ rows }, terms)).rejects.toThrow("enough");
  });

  it("is no metric that needs more than answers and labels", () => {
    expect(listMeasurable(["auc", "ndcg-10 by query", "mase-7", "top-3-accuracy"])).toEqual(["auc", "top-3-accuracy"]);
  });
});
