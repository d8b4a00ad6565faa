import { describe, expect, it } from "vitest";
import { fairness, rmse } from "../../framework/index.ts";
import { findProblems, flights, relist, training } from "./flight-project.ts";

describe("fairness gates", () => {
  it.each<[string, object, [string, string][]]>([
    [
      "fairness by no column of the examples",
      { gates: [fairness({ by: "airport", metric: "calibration", maxGap: 0.1, min: 5 })] },
      [["slice-unknown", "late-arrival.gates[0]"]],
    ],
    [
      "fairness of groups that may be further apart than they can be",
      { gates: [fairness({ by: "origin", metric: "calibration", maxGap: 1.5, min: 5 })] },
      [["definition-invalid", "late-arrival.gates[0].maxGap"]],
    ],
    [
      "fairness by a measure there is none of",
      { gates: [fairness({ by: "origin", metric: "parity" as never, maxGap: 0.1, min: 5 })] },
      [["definition-invalid", "late-arrival.gates[0].metric"]],
    ],
  ])("are refused: %s", (_, changes, problems) => {
    expect(findProblems(relist({ late: changes }))).toEqual(problems);
  });

  const guarded = fairness({ by: "origin", metric: "equal-opportunity", maxGap: 0.1, min: 5 });
  it.each<[string, object, [string, string][]]>([
    ["of high risk without a fairness gate by it", { risk: "high" }, [["fairness-missing", "late-arrival.gates"]]],
    ["of high risk with one", { risk: "high", gates: [guarded] }, []],
    ["of low risk without one", { risk: "low" }, []],
  ])("of a model whose examples have a protected column: %s", (_, changes, problems) => {
    const schema = flights.schema.extend({ origin: flights.schema.shape["origin"]?.meta({ protected: true }) });
    const found = findProblems(relist({ flights: { ...flights, schema }, late: changes }));
    expect(found).toEqual(problems);
  });

  it("are refused for a label that is a number", () => {
    const regression = { ...training, label: { op: "column", name: "delay" } as const };
    const found = findProblems(relist({ training: regression, late: { metrics: [rmse], gates: [guarded] } }));
    expect(found).toContainEqual(["metric-unfit", "late-arrival.gates[0]"]);
  });
});
