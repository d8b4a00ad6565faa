import { describe, expect, it } from "vitest";
import type { SearchedSpec } from "../../../framework/definitions/tuning-spec.ts";
import {
  countGrid,
  decodeParams,
  describeDimensions,
  encodeParams,
  findParamFaults,
  listActive,
  orderSpace,
  readGridCell,
} from "../../../framework/training/tuning/search-space.ts";
import { gridSpace, space } from "./trials.ts";

const searched = (param: string, when?: SearchedSpec["when"]): SearchedSpec => ({
  param,
  distribution: { kind: "choice", values: ["a", "b"] },
  ...(when && { when }),
});
const names = (list: readonly SearchedSpec[]) => list.map(({ param }) => param);

describe("orderSpace", () => {
  it.each([
    ["what is in order as it is", [searched("x"), searched("y")], ["x", "y"]],
    ["a parameter after the one it depends on", [searched("y", { param: "x", is: "a" }), searched("x")], ["x", "y"]],
    [
      "a chain from its end",
      [searched("z", { param: "y", is: "a" }), searched("y", { param: "x", is: "a" }), searched("x")],
      ["x", "y", "z"],
    ],
    [
      "nothing of a circle, and nothing that depends on what is not searched",
      [
        searched("x", { param: "y", is: "a" }),
        searched("y", { param: "x", is: "a" }),
        searched("z", { param: "w", is: "a" }),
      ],
      [],
    ],
  ])("orders %s", (_, given, expected) => {
    expect(names(orderSpace(given))).toEqual(expected);
  });
});

describe("listActive", () => {
  const chain = [searched("x"), searched("y", { param: "x", is: "a" }), searched("z", { param: "y", is: "a" })];
  it.each([
    [{ x: "b" }, ["x"]],
    [{ x: "a", y: "b" }, ["x", "y"]],
    [{ x: "a", y: "a", z: "a" }, ["x", "y", "z"]],
    // The value of a parameter that the trial does not have lets nothing be.
    [{ x: "b", y: "a" }, ["x"]],
  ])("gives a trial with %j the parameters %j", (params, expected) => {
    expect(names(listActive(chain, params))).toEqual(expected);
  });
});

describe("findParamFaults", () => {
  const good = { rate: 0.01, leaves: 12, boosting: "plain" };
  it.each([
    ["nothing of what fits", good, []],
    ["nothing of what fits with its condition", { ...good, boosting: "dart", drop: 0.5 }, []],
    ["a bound that is passed", { ...good, rate: 2 }, ['"rate" is 2, not from 0.0001 to 1']],
    ["a step that is missed", { ...good, leaves: 13 }, ['"leaves" is 13, not from 2 to 32 in steps of 5']],
    ["another type", { ...good, rate: "0.01" }, ['"rate" is "0.01", not from 0.0001 to 1']],
    ["a choice there is not", { ...good, boosting: "rf" }, ['"boosting" is "rf", not one of "plain", "dart", "goss"']],
    ["what is missing", { rate: 0.01, leaves: 12, boosting: "dart" }, ['"drop" is missing']],
    ["what is not searched there", { ...good, drop: 0.1 }, ['"drop" is not searched there']],
    [
      "all at once",
      { rate: 2, boosting: "plain", x: 1 },
      ['"x" is not searched there', '"rate" is 2, not from 0.0001 to 1', '"leaves" is missing'],
    ],
  ])("finds %s", (_, params, expected) => {
    expect(findParamFaults(space, params)).toEqual(expected);
  });
});

it("describes each dimension with numbers alone, a choice by the places of its values", () => {
  expect(describeDimensions(space)).toEqual([
    { name: "rate", kind: "float", low: 1e-4, high: 1, log: true },
    { name: "leaves", kind: "int", low: 2, high: 32, step: 5, log: false },
    { name: "boosting", kind: "choice", size: 3 },
    { name: "drop", kind: "float", low: 0, high: 0.5, log: false, when: { name: "boosting", is: 1 } },
  ]);
});

it("keeps values apart that are equal to a sampler, there and back", () => {
  const mixed: SearchedSpec[] = [{ param: "x", distribution: { kind: "choice", values: [1, true, "1", 0, false] } }];
  const there = [1, true, "1", 0, false].map((x) => encodeParams(mixed, { x }));
  expect(there).toEqual([{ x: 0 }, { x: 1 }, { x: 2 }, { x: 3 }, { x: 4 }]);
  expect(there.map((drawn) => decodeParams(mixed, drawn)["x"])).toEqual([1, true, "1", 0, false]);
});

it("encodes only what a trial has", () => {
  expect(encodeParams(space, { rate: 0.5, leaves: 7, boosting: "dart", drop: 0.25 })).toEqual({
    rate: 0.5,
    leaves: 7,
    boosting: 1,
    drop: 0.25,
  });
  expect(encodeParams(space, { rate: 0.5, boosting: "goss", drop: 0.25 })).toEqual({ rate: 0.5, boosting: 2 });
});

describe("the grid", () => {
  const int = (param: string, high: number, when?: SearchedSpec["when"]): SearchedSpec => ({
    param,
    distribution: { kind: "int", low: 0, high, scale: "linear", step: 1 },
    ...(when && { when }),
  });
  const nested = [int("x", 9), int("y", 2, { param: "x", is: 4 }), int("z", 4, { param: "y", is: 1 }), int("w", 1)];
  it.each([
    ["a product", [int("x", 2), int("y", 3)], 12],
    ["a condition", gridSpace, 35],
    ["conditions in each other", nested, 2 * (9 + 2 + 5)],
    ["a condition that no value meets", [int("x", 2), int("y", 3, { param: "x", is: 7 })], 3],
    ["a wide parameter that others depend on", [int("x", 10 ** 9), int("y", 3, { param: "x", is: 7 })], 10 ** 9 + 4],
    [
      "a last step that ends before the bound",
      [{ ...int("x", 9), distribution: { kind: "int", low: 0, high: 9, scale: "linear", step: 4 } } as const],
      3,
    ],
    [
      "a fraction between equal bounds",
      [{ param: "x", distribution: { kind: "float", low: 1, high: 1, scale: "linear" } } as const],
      1,
    ],
  ])("counts %s", (_, given, expected) => {
    expect(countGrid(given)).toBe(expected);
  });

  it("has no size with a fraction", () => {
    expect(countGrid(space)).toBeUndefined();
  });

  it.each([
    ["a condition", gridSpace],
    ["conditions in each other", nested],
  ])("has each trial that there is once, with %s", (_, given) => {
    const size = countGrid(given) ?? 0;
    const cells = Array.from({ length: size }, (_, cell) => readGridCell(given, cell));
    expect(cells.flatMap((params) => findParamFaults(given, params))).toEqual([]);
    const texts = cells.map((params) => JSON.stringify(Object.entries(params).sort()));
    expect(new Set(texts).size).toBe(size);
  });
});
