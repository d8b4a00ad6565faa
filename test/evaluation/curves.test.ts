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
  const curves = traceCurves({ task: "binary" }, sampleOf(labels, predictions));
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
    expect(traceCurves({ task: "binary" }, sampleOf([1, 1], [0.2, 0.7]))).toBeUndefined();
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
        const curves = traceCurves({ task: "binary" }, sample);
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

describe("curves of one of several classes", () => {
  const traceClasses = (
    labels: readonly number[],
    rows: readonly (readonly number[])[],
    classes: readonly string[],
  ) => {
    const sample = { ...sampleOf(labels, rows.flat()), width: classes.length };
    const curves = traceCurves({ task: "multiclass", classes: [...classes] }, sample);
    if (curves?.kind !== "multiclass") throw new Error("expected the curves of classes");
    return curvesSchema.parse(curves) as typeof curves;
  };

  it("count rows by what is true and what is said, and tell each class from the others", () => {
    const rows = [
      [0.7, 0.2, 0.1],
      [0.3, 0.6, 0.1],
      [0.2, 0.6, 0.2],
      [0.1, 0.5, 0.4],
    ];
    const { confusion, calibration, confidence, roc } = traceClasses([0, 0, 1, 2], rows, ["sun", "rain", "snow"]);
    expect(confusion).toEqual({
      classes: ["sun", "rain", "snow"],
      counts: [
        [1, 1, 0],
        [0, 1, 0],
        [0, 1, 0],
      ],
    });
    expect(roc.map(({ class: name, rows: count }) => [name, count])).toEqual([
      ["sun", 2],
      ["rain", 1],
      ["snow", 1],
    ]);
    expect(roc[0]?.points).toEqual([
      [0, 0],
      [0, 0.5],
      [0, 1],
      [0.5, 1],
      [1, 1],
    ]);
    expect(calibration).toEqual([
      { predicted: 0.5, actual: 0, rows: 1 },
      { predicted: 0.6, actual: 0.5, rows: 2 },
      { predicted: 0.7, actual: 1, rows: 1 },
    ]);
    expect(confidence.ofRight.counts.reduce((a, b) => a + b)).toBe(2);
  });

  it("keep the classes that most rows have, and count the others together", () => {
    const classes = Array.from({ length: 30 }, (_, place) => `c${place}`);
    const labels = classes.flatMap((_, place) => Array.from({ length: place < 20 ? 1 : 2 }, () => place));
    const rows = labels.map((label) => classes.map((_, place) => (place === (label + 1) % 30 ? 1 : 0)));
    const { confusion, roc } = traceClasses(labels, rows, classes);
    expect(confusion.classes).toEqual([...classes.slice(0, 9), ...classes.slice(20), "(11 others)"]);
    expect(confusion.counts.flat().reduce((a, b) => a + b)).toBe(40);
    expect(confusion.counts.at(-1)?.at(-1)).toBe(10);
    expect(roc.map((each) => each.class)).toEqual(classes.slice(20, 26));
  });

  it("leave out the curve of a class that no row or each has", () => {
    expect(
      traceClasses(
        [0, 0],
        [
          [1, 0],
          [0, 1],
        ],
        ["a", "b"],
      ).roc,
    ).toEqual([]);
  });
});

describe("curves of a number", () => {
  it("have bins of equally many rows and the residuals but the farthest", () => {
    const predictions = Array.from({ length: 1000 }, (_, i) => i);
    const labels = predictions.map((value) => value + (value === 0 ? 1e6 : (value % 5) - 2));
    const curves = traceCurves({ task: "regression" }, sampleOf(labels, predictions));
    if (curves?.kind !== "regression") throw new Error("expected the curves of a number");
    expect(curves.calibration.map(({ rows }) => rows)).toEqual(Array.from({ length: 20 }, () => 50));
    expect(curves.calibration[1]).toEqual({ predicted: 74.5, actual: 74.5, rows: 50 });
    const { edges, counts } = curves.residuals;
    expect([edges[0], edges.at(-1)]).toEqual([-2, 2]);
    expect(counts.filter((count) => count > 0)).toHaveLength(5);
  });

  it("are drawn of a single row", () => {
    expect(traceCurves({ task: "regression" }, sampleOf([3], [2]))).toMatchObject({
      calibration: [{ predicted: 2, actual: 3, rows: 1 }],
    });
  });
});
