import { describe, expect, it } from "vitest";
import { compareTypes } from "../../framework/client/compare-types.ts";
import { describeRequestType, type RequestType, type TypeColumn } from "../../framework/client/request-type.ts";

function typeOf(
  columns: Readonly<Record<string, Partial<TypeColumn>>>,
  change: Partial<RequestType> = {},
): RequestType {
  const all: Readonly<Record<string, Partial<TypeColumn>>> = { at: { type: "timestamp" }, ...columns };
  return {
    format: "request-type/1",
    columns: Object.entries(all).map(
      ([name, rest]): TypeColumn => ({ type: "number", nullable: false, ...rest, name }),
    ),
    eventTime: "at",
    task: "binary",
    ...change,
  };
}

const classes = (...names: string[]): Partial<RequestType> => ({ task: "multiclass", classes: names });

describe("a program written for one request type, and another type", () => {
  it.each<[string, RequestType, RequestType, string[], string[]]>([
    ["the same", typeOf({ a: {} }), typeOf({ a: {} }), [], []],
    ["columns in another order", typeOf({ a: {}, b: {} }), typeOf({ b: {}, a: {} }), [], []],
    ["a removed column", typeOf({ a: {}, carrier: {} }), typeOf({ a: {} }), ['column "carrier" was removed'], []],
    ["an added column", typeOf({}), typeOf({ a: { type: "string" } }), ['column "a" was added: a text'], []],
    ["an added column that may be null", typeOf({}), typeOf({ a: { nullable: true } }), [], ["a"]],
    [
      "a renamed column",
      typeOf({ carrier: {} }),
      typeOf({ airline: {} }),
      ['column "carrier" was removed', 'column "airline" was added: a number'],
      [],
    ],
    [
      "another type",
      typeOf({ a: { type: "string", nullable: true } }),
      typeOf({ a: { type: "boolean" } }),
      ['column "a" was a text or null and is a boolean'],
      [],
    ],
    ["a wider type", typeOf({ a: { type: "integer" } }), typeOf({ a: { type: "number" } }), [], []],
    [
      "a narrower type",
      typeOf({ a: { type: "number" } }),
      typeOf({ a: { type: "integer" } }),
      ['column "a" was a number and is an integer'],
      [],
    ],
    ["null no more", typeOf({ a: { nullable: true } }), typeOf({ a: {} }), ['column "a" can be null no more'], []],
    ["null too", typeOf({ a: {} }), typeOf({ a: { nullable: true } }), [], []],
    [
      "more values",
      typeOf({ a: { type: "string", values: ["x"] } }),
      typeOf({ a: { type: "string", values: ["y", "x"] } }),
      [],
      [],
    ],
    [
      "fewer values",
      typeOf({ a: { type: "string", values: ["x", "y", "z"] } }),
      typeOf({ a: { type: "string", values: ["y"] } }),
      ['column "a" can be "x", "z" no more'],
      [],
    ],
    [
      "values where any text was",
      typeOf({ a: { type: "string" } }),
      typeOf({ a: { type: "string", values: ["x", "y"] } }),
      ['column "a" could be any text and is one of 2'],
      [],
    ],
    [
      "any text where values were",
      typeOf({ a: { type: "string", values: ["x"] } }),
      typeOf({ a: { type: "string" } }),
      [],
      [],
    ],
    [
      "a vector of another length",
      typeOf({ a: { type: "vector", length: 3 } }),
      typeOf({ a: { type: "vector", length: 4 } }),
      ['column "a" had 3 numbers and has 4'],
      [],
    ],
    [
      "another unit",
      typeOf({ a: { unit: "mi" } }),
      typeOf({ a: { unit: "km" } }),
      ['column "a" was in "mi" and is in "km"'],
      [],
    ],
    [
      "a unit where none was said",
      typeOf({ a: {} }),
      typeOf({ a: { unit: "km" } }),
      ['column "a" was in no unit and is in "km"'],
      [],
    ],
    ["other bounds and patterns", typeOf({ a: { max: 3 } }), typeOf({ a: { max: 2, patterns: ["/a/u"] } }), [], []],
    [
      "another event time, the old one a column",
      typeOf({}),
      typeOf({ moment: { type: "timestamp" } }, { eventTime: "moment" }),
      ['column "at" is the time of the event no more, and must be sent'],
      [],
    ],
    [
      "another answer",
      typeOf({}),
      typeOf({}, { task: "regression" }),
      ["the answer was true or false and is a number"],
      [],
    ],
    ["classes in another order", typeOf({}, classes("a", "b")), typeOf({}, classes("b", "a")), [], []],
    [
      "other classes",
      typeOf({}, classes("a", "b")),
      typeOf({}, classes("b", "c")),
      ['the answer can be "c" too', 'the answer can be "a" no more'],
      [],
    ],
    [
      "everything at once",
      typeOf({ a: {}, b: { unit: "s" } }),
      typeOf({ b: { unit: "ms" }, c: {}, d: { nullable: true } }),
      ['column "a" was removed', 'column "c" was added: a number', 'column "b" was in "s" and is in "ms"'],
      ["d"],
    ],
  ])("%s", (_what, own, live, differences, absent) => {
    expect(compareTypes(own, live)).toEqual({ differences, absent });
  });
});

describe("a request type", () => {
  const shape = {
    columns: [{ name: "at", type: "timestamp" as const, nullable: false, known: "0 seconds", description: "when" }],
    eventTime: "at",
  };

  it("has nothing of a column that is for people or training alone", () => {
    const type = describeRequestType(shape, { task: "regression" });
    expect(type.columns).toEqual([{ name: "at", type: "timestamp", nullable: false }]);
  });
});
