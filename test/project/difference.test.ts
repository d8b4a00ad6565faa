import { describe, expect, it } from "vitest";
import { describeDifference } from "../../framework/project/difference.ts";
import { shop, spending } from "../support/project.ts";

describe("the difference of two evaluations", () => {
  const without = shop.definitions.filter((one) => one !== spending);
  it.each([
    ["a field", { ...shop, definitions: [{ ...spending, seed: 2 }] }, "spending.seed", "1, then 2"],
    [
      "a part of a field",
      { ...shop, definitions: [{ ...spending, params: { leaves: 7 } }] },
      "spending.params.leaves",
      "31, then 7",
    ],
    [
      "a definition",
      { ...shop, definitions: without },
      "shop.definitions[2].format",
      '"training-job/1", then "model/1"',
    ],
    ["the project's own name", { ...shop, name: "stall" }, "shop.name", '"shop", then "stall"'],
  ])("is at %s", (_, second, at, got) => {
    const first = second.definitions.length === 1 ? { ...shop, definitions: [spending] } : shop;
    const problem = describeDifference(first, second, []);
    expect(problem).toMatchObject({ at, got });
  });

  it("is told with the calls that may have made it, at the first of them", () => {
    const calls = [
      { call: "Date.now()", place: { file: "a.ts", line: 3 } },
      { call: "Math.random()", place: { file: "b.ts", line: 4 } },
    ];
    expect(describeDifference(shop, { ...shop, name: "stall" }, calls)).toMatchObject({
      file: "a.ts",
      line: 3,
      fix: "write down the value instead of calling Date.now() at a.ts:3, Math.random() at b.ts:4",
    });
  });
});
