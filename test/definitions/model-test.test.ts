import { describe, expect, it } from "vitest";
import { specifyModel } from "../../framework/definitions/model-spec.ts";
import { directional, golden, inRange, invariant, monotone, rmse, simplex } from "../../framework/index.ts";
import { evaluationIdentity } from "../../framework/plan/identity.ts";
import { findProblems, late, relist, training } from "./flight-project.ts";

const silent = () => undefined;

describe("tests of a model", () => {
  it.each<[string, unknown, [string, string][]]>([
    ["that fit", monotone("originDelay", { direction: "up" }), []],
    ["of a feature there is none of", invariant("airport"), [["model-test-unfit", "late-arrival.tests[0]"]]],
    ["that move a category", monotone("origin", { direction: "up" }), [["model-test-unfit", "late-arrival.tests[0]"]]],
    [
      "that change nothing",
      directional("hour", { by: 0, direction: "up" }),
      [["model-test-unfit", "late-arrival.tests[0]"]],
    ],
    ["of a range of nothing", inRange(1, 0), [["model-test-unfit", "late-arrival.tests[0]"]]],
    [
      "of golden rows with what is no feature",
      golden([{ features: { airport: "SEA" }, answer: 0.5 }]),
      [["model-test-unfit", "late-arrival.tests[0]"]],
    ],
    [
      "of golden rows with values of other types",
      golden([{ features: { hour: true as never, origin: "SEA", originDelay: null }, answer: 0.5 }]),
      [["model-test-unfit", "late-arrival.tests[0]"]],
    ],
  ])("are judged: %s", (_, test, problems) => {
    expect(findProblems(relist({ late: { tests: [test] } }))).toEqual(problems);
  });

  it("of probabilities are refused for a label that is a number", () => {
    const regression = { ...training, label: { op: "column", name: "delay" } as const };
    const found = findProblems(
      relist({ training: regression, late: { metrics: [rmse], gates: [], tests: [simplex()] } }),
    );
    expect(found).toContainEqual(["model-test-unfit", "late-arrival.tests[0]"]);
  });

  it("stand in the spec with their defaults, and in the identity of the evaluation; without any nothing changes", () => {
    const plain = specifyModel(late as never, silent);
    const empty = specifyModel({ ...late, tests: [] } as never, silent);
    const tested = specifyModel({ ...late, tests: [invariant("origin", { share: 0.1 })] } as never, silent);
    expect(plain).not.toHaveProperty("tests");
    expect(empty).toEqual(plain);
    expect(tested.tests).toEqual([{ kind: "invariant", feature: "origin", tolerance: 0, share: 0.1 }]);
    const parts = { package: "p" } as never;
    expect(evaluationIdentity(tested, parts)).not.toBe(evaluationIdentity(plain, parts));
  });
});
