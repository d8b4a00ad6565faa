import { describe, expect, it } from "vitest";
import { predictBaseline } from "../../framework/evaluation/baseline.ts";

const labels = Float64Array.of(0, 0, 1, 1);

function predict(metric: string, values?: readonly number[]) {
  const feature = values === undefined ? {} : { feature: { name: "delay", values: Float64Array.from(values) } };
  const { predictions, by } = predictBaseline({ metric, labels, prior: 0.25, ...feature });
  return { by, predictions: [...predictions] };
}

describe("baseline", () => {
  const prior = { by: "prior", predictions: [0.25, 0.25, 0.25, 0.25] };
  it("is the prior where no feature is declared", () => {
    expect(predict("auc")).toEqual(prior);
    expect(predict("rmse")).toEqual(prior);
  });
  it("is the prior for a metric of probabilities, which a feature's value is not", () => {
    expect(predict("log-loss", [1, 2, 3, 4])).toEqual(prior);
  });
  it("ranks by the feature, a missing value among the others' mean", () => {
    expect(predict("auc", [1, Number.NaN, 3, 5])).toEqual({ by: "delay", predictions: [1, 3, 3, 5] });
  });
  it("is turned round where it ranks backwards", () => {
    expect(predict("auc", [4, 3, 2, 1])).toEqual({ by: "delay, reversed", predictions: [-4, -3, -2, -1] });
  });
  it("predicts the feature's value itself, the prior where it is missing", () => {
    expect(predict("rmse", [4, Number.NaN, 2, 1])).toEqual({ by: "delay", predictions: [4, 0.25, 2, 1] });
  });
  it("says nothing special of a feature that is always missing", () => {
    expect(predict("auc", [Number.NaN, Number.NaN, Number.NaN, Number.NaN]).predictions).toEqual([0, 0, 0, 0]);
  });
});
