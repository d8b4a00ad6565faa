import { describe, expect, it } from "vitest";
import {
  findOutputProblem,
  findRoutingProblem,
  orderInputs,
  reorder,
} from "../../../framework/serving/variants/variant-fit.ts";
import { type GivenVariant, variant } from "./given-routing.ts";

const [wind, rain, region] = [
  { name: "wind", type: "number" },
  { name: "rain", type: "boolean" },
  { name: "region", type: "category" },
] as const;

describe("the inputs of a version beside another's", () => {
  it.each([
    ["the same", [wind, rain], "same"],
    ["the same in another order", [rain, wind], [1, 0]],
    ["fewer", [wind], "none"],
    ["more", [wind, rain, region], "none"],
    ["of another type", [wind, { ...rain, type: "number" as const }], "none"],
    ["of another name", [wind, { ...rain, name: "snow" }], "none"],
  ])("are %s", (_title, own, expected) => {
    expect(orderInputs(own, [wind, rain])).toEqual(expected);
  });

  it("are put in their order, row by row", () => {
    expect(reorder(["a", "b", "c", "d", "e", "f"], [2, 0, 1])).toEqual(["c", "a", "b", "f", "d", "e"]);
    const order = orderInputs([region, wind, rain], [wind, rain, region]);
    expect(order).toEqual([2, 0, 1]);
  });
});

describe("a routing", () => {
  it.each<[string, readonly Omit<GivenVariant, "package">[], string | undefined]>([
    ["of one", [{ weight: 10_000 }], undefined],
    ["of several", [{ weight: 9000 }, { weight: 1000, name: "canary" }], undefined],
    ["whose weights are too few", [{ weight: 9000 }, { weight: 500, name: "canary" }], "are 9500 together"],
    ["whose weights are too many", [{ weight: 10_000 }, { weight: 500, name: "canary" }], "are 10500 together"],
    ["that has a name twice", [{ weight: 9000 }, { weight: 1000 }], 'two of its variants are called "champion"'],
    ["that has a name that no header could say", [{ weight: 10_000, name: "a\r\nb" }], 'is called "a\\r\\nb"'],
  ])("%s is taken or refused", (_title, variants, said) => {
    const problem = findRoutingProblem(variants.map((one) => variant({ package: "p", ...one })));
    if (said === undefined) expect(problem).toBeUndefined();
    else expect(problem).toContain(said);
  });
});

describe("the outputs of a version beside the champion's", () => {
  const binary = { task: "binary", output: "probability" } as const;
  const several = { task: "multiclass", output: "probabilities", classes: ["a", "b", "c"] } as const;
  it.each([
    ["the same", binary, undefined],
    ["of another kind", { task: "regression", output: "value" } as const, "answers with value FP64, and"],
    [
      "of several classes",
      { ...several, classes: [...several.classes] },
      "probabilities FP64 and label BYTES of a, b, c",
    ],
  ])("are %s", (_title, own, said) => {
    const problem = findOutputProblem("canary", own, binary);
    if (said === undefined) expect(problem).toBeUndefined();
    else expect(problem).toContain(said);
  });

  it("differ where the classes do", () => {
    const own = { ...several, classes: ["b", "a", "c"] };
    expect(findOutputProblem("canary", own, { ...several, classes: ["a", "b", "c"] })).toContain('variant "canary"');
  });
});
