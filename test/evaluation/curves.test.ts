import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { curvesSchema, traceCurves } from "../../framework/evaluation/curves.ts";
import { findMetric } from "../../framework/evaluation/metrics.ts";

const sampleOf = (labels: readonly number[], predictions: readonly number[]) => ({
  labels: Float64Array.from(labels),
  predictions: Float64Array.from(predictions),
});

/** The area under points, by trapezoids. */
function areaUnder(points: readonly (readonly [number, number])[]): number {
  return points.slice(1).reduce((sum, [x, y], i) => {
    const [before = 0, level = 0] = points[i] ?? [];
    return sum + (x - before) * ((y + level) / 2);
  }, 0);
}

function trace(labels: readonly number[], predictions: readonly number[]) {
  const curves = traceCurves("binary", sampleOf(labels, predictions));
  if (curves?.kind !== "binary") throw new Error("expected the curves of a boolean");
  return curves;
}

describe("curves of a boolean label", () => {
  it("go by falling score, rows of one score together", () => {
    const { roc, precisionRecall, confusion, calibration } = trace([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.1]);
    expect(roc).toEqual([
      [0, 0],
      [0, 0.5],
      [0.5, 1],
      [1, 1],
    ]);
    expect(precisionRecall.map(([, precision]) => precision)).toEqual([1, 0.666667, 0.5]);
    expect(confusion).toEqual({ truePositives: 2, falsePositives: 1, trueNegatives: 1, falseNegatives: 0 });
    expect(calibration).toEqual([
      { predicted: 0.1, actual: 0, rows: 1 },
      { predicted: 0.5, actual: 0.5, rows: 2 },
      { predicted: 0.9, actual: 1, rows: 1 },
    ]);
  });

  it("are not there where all labels are the same", () => {
    expect(traceCurves("binary", sampleOf([1, 1], [0.2, 0.7]))).toBeUndefined();
  });

  const rows = fc.array(
    fc.record({ label: fc.integer({ min: 0, max: 1 }), score: fc.double({ min: 0, max: 1, noNaN: true }) }),
    {
      minLength: 2,
      maxLength: 2000,
      size: "max",
    },
  );
  it("keep few points, both ends, and the area under the whole curve", () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        const sample = sampleOf(
          drawn.map(({ label }) => label),
          drawn.map(({ score }) => score),
        );
        const curves = traceCurves("binary", sample);
        fc.pre(curves?.kind === "binary");
        if (curves?.kind !== "binary") return;
        const { roc, scores } = curves;
        expect(curvesSchema.parse(curves)).toEqual(curves);
        expect(roc.length).toBeLessThanOrEqual(160);
        expect([roc[0], roc.at(-1)]).toEqual([
          [0, 0],
          [1, 1],
        ]);
        const auc = findMetric("auc")?.prepare(sample)(new Uint8Array(drawn.length).fill(1)) ?? Number.NaN;
        expect(Math.abs(areaUnder(roc) - auc)).toBeLessThan(0.01);
        const counted = [scores.ofTrue, scores.ofFalse].flatMap(({ counts }) => counts).reduce((a, b) => a + b, 0);
        expect(counted).toBe(drawn.length);
      }),
      { numRuns: 60 },
    );
  });
});

describe("curves of a number", () => {
  it("have bins of equally many rows and the residuals but the farthest", () => {
    const predictions = Array.from({ length: 1000 }, (_, i) => i);
    const labels = predictions.map((value) => value + (value === 0 ? 1e6 : (value % 5) - 2));
    const curves = traceCurves("regression", sampleOf(labels, predictions));
    if (curves?.kind !== "regression") throw new Error("expected the curves of a number");
    expect(curves.calibration.map(({ rows }) => rows)).toEqual(Array.from({ length: 20 }, () => 50));
    expect(curves.calibration[1]).toEqual({ predicted: 74.5, actual: 74.5, rows: 50 });
    const { edges, counts } = curves.residuals;
    expect([edges[0], edges.at(-1)]).toEqual([-2, 2]);
    expect(counts.filter((count) => count > 0)).toHaveLength(5);
  });

  it("are drawn of a single row", () => {
    expect(traceCurves("regression", sampleOf([3], [2]))).toMatchObject({
      calibration: [{ predicted: 2, actual: 3, rows: 1 }],
    });
  });
});
