import { describe, expect, it } from "vitest";
import { toUnitRow } from "../../framework/experiments/labelled-units.ts";
import type { LabelledRow } from "../../framework/feedback/join-labels.ts";
import { specOf } from "../campaigns/experiments/simulation.ts";

const answered: LabelledRow = {
  id: "a",
  row: 0,
  time: 17,
  variant: "treatment",
  version: "3",
  package: "p",
  unit: "customer-1",
  isShadow: false,
  predictions: [0.8],
  givenValue: 0.8,
  label: true,
};
const spec = specOf({
  metric: "accuracy",
  guardrails: [
    { metric: "label", better: "higher", by: 0.1 },
    { metric: "errors", better: "lower", by: 0.1 },
  ],
});

describe("an answer of an experiment", () => {
  it("says of its unit what it adds to each measure of labels", () => {
    expect(toUnitRow(answered, spec, { task: "binary" })).toEqual({
      unit: "customer-1",
      variant: "treatment",
      at: 17,
      measures: { accuracy: [1, 1], label: [1, 1] },
    });
    expect(toUnitRow({ ...answered, predictions: [0.4] }, spec, { task: "binary" })?.measures).toEqual({
      accuracy: [0, 1],
      label: [1, 1],
    });
  });

  it("adds nothing while its label is not known", () => {
    const { label: _, ...unknown } = answered;
    expect(toUnitRow(unknown, spec, { task: "binary" })?.measures).toEqual({});
  });

  it("is read by the classes of the package that answered", () => {
    const row = { ...answered, predictions: [0.2, 0.5, 0.3], label: "rain" };
    const classesOf = (digest: string) => (digest === "p" ? ["sun", "rain", "snow"] : undefined);
    const measured = (changes: Partial<LabelledRow>) =>
      toUnitRow({ ...row, ...changes }, { metric: "accuracy", guardrails: [] }, { task: "multiclass", classesOf });
    expect(measured({})?.measures).toEqual({ accuracy: [1, 1] });
    expect(measured({ label: "sun" })?.measures).toEqual({ accuracy: [0, 1] });
    expect(measured({ package: "lost" })?.measures["accuracy"]).toEqual(undefined);
    const numbers = { metric: "mae", guardrails: [] };
    expect(toUnitRow({ ...answered, label: 2 }, numbers, { task: "regression" })?.measures["mae"]?.[0]).toBeCloseTo(
      1.2,
    );
  });

  it.each<[string, Partial<LabelledRow> & object]>([
    ["nobody saw it", { isShadow: true }],
    ["it was for nobody in particular", { unit: undefined as never }],
    ["the model stood alone", { variant: undefined as never }],
  ])("is of no unit where %s", (_, changes) => {
    expect(toUnitRow({ ...answered, ...changes }, spec, { task: "binary" })).toBeUndefined();
  });
});
