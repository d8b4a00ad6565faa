import { describe, expect, it } from "vitest";
import { z } from "zod";
import { modelSpec } from "../../framework/definitions/spec.ts";
import { checkInputs, type InputFailure } from "../../framework/provider/resource.ts";
import { type Properties, unknown } from "../../framework/provider/values.ts";
import { modelSpec as model } from "./specs.ts";

const schema = z.strictObject({
  name: z.string().min(2),
  list: z.array(z.strictObject({ value: z.number() })),
  map: z.record(z.string(), z.string()),
});
const right = { name: "ab", list: [{ value: 1 }], map: {} };

describe("checkInputs", () => {
  it.each<[string, Properties, readonly string[]]>([
    ["right inputs", right, []],
    ["a wrong value in a list", { ...right, list: [{ value: 1 }, { value: "x" }] }, ["list[1].value"]],
    [
      "several problems at once",
      { name: "a", list: [{ value: true }], map: { k: 1 } },
      ["name", "list[0].value", "map.k"],
    ],
    ["a missing property", { name: "ab", list: [] }, ["map"]],
    ["a property too many", { ...right, more: 1 }, ["more"]],
    ["a name that is no identifier", { ...right, map: { "a.b": 1 } }, ['map["a.b"]']],
    ["an unknown, which is checked when it is known", { ...right, name: unknown, list: [{ value: unknown }] }, []],
    ["an unknown beside a problem", { ...right, name: unknown, list: [{ value: "x" }] }, ["list[0].value"]],
    ["a whole list that is unknown", { ...right, list: unknown }, []],
  ])("names the paths of %s", (_title, inputs, paths) => {
    expect(checkInputs(schema, inputs).map(({ property }) => property)).toEqual(paths);
  });

  it("says what is expected", () => {
    expect(checkInputs(schema, { ...right, more: 1 })).toEqual<InputFailure[]>([
      { property: "more", reason: '"more" is not a property here' },
    ]);
  });

  it.each<[string, object, readonly string[]]>([
    [
      "a gate of a kind there is",
      { gates: [{ kind: "atLeast", metric: "auc", value: "high" }] },
      ["spec.gates[0].value"],
    ],
    ["a gate of a kind there is not", { gates: [{ kind: "exactly", metric: "auc" }] }, ["spec.gates[0].kind"]],
    ["an approval, of which two forms are allowed", { approval: { from: [], count: 1 } }, ["spec.approval.from"]],
    [
      "an approval with a value of another type",
      { approval: { from: ["ada"], count: "two" } },
      ["spec.approval.count"],
    ],
    ["a text for an approval", { approval: "yes" }, ["spec.approval"]],
  ])("finds its way into unions: %s", (_title, change, paths) => {
    const inputs: Properties = JSON.parse(JSON.stringify({ spec: { ...model, ...change } }));
    expect(checkInputs(z.strictObject({ spec: modelSpec }), inputs).map(({ property }) => property)).toEqual(paths);
  });
});
