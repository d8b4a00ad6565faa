import { describe, expect, it } from "vitest";
import { accuracy, auc, calibrationError, f1, logLoss, precision, recall } from "../../framework/index.ts";
import { findProblems, relist } from "./flight-project.ts";

describe("a gate that compares with the baseline", () => {
  it.each([precision, recall, f1, calibrationError])("is refused where the baseline says nothing: $name", (metric) => {
    const late = { metrics: [metric, auc], gates: [metric.betterThan("baseline")] };
    const problem = ["baseline-says-nothing", "late-arrival.gates[0]"];
    expect(findProblems(relist({ late: late as never }))).toEqual([problem]);
    expect(findProblems(relist({ late: { ...late, baseline: "originDelay" } as never }))).toEqual([problem]);
  });

  it("is taken where the baseline says something, as are other gates on those metrics", () => {
    const gates = [
      auc.betterThan("baseline"),
      logLoss.betterThan("baseline"),
      accuracy.betterThan("baseline"),
      precision.atLeast(0.5),
      precision.noWorseThan("production"),
      calibrationError.atMost(0.05),
    ];
    const metrics = [auc, logLoss, accuracy, precision, calibrationError];
    expect(findProblems(relist({ late: { metrics, gates } as never }))).toEqual([]);
  });
});
