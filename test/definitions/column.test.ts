import { describe, expect, it } from "vitest";
import { z } from "zod";
import { describeColumns } from "../../framework/definitions/column.ts";
import type { Problem } from "../../framework/definitions/problem.ts";
import { columnSpec } from "../../framework/definitions/spec.ts";

function describeOne(field: z.ZodType) {
  const problems: Problem[] = [];
  const [column] = describeColumns(z.object({ a: field }), "rides.schema", (problem) => problems.push(problem));
  return { column, problems };
}

describe("a field of the subset", () => {
  const plain = { nullable: false, known: "0 seconds" };
  it.each<[string, z.ZodType, object]>([
    ["a string", z.string(), { type: "string", ...plain }],
    ["a string of one length", z.string().length(3), { type: "string", minLength: 3, maxLength: 3, ...plain }],
    [
      "the narrower of two lengths",
      z.string().min(1).max(9).min(4),
      { type: "string", minLength: 4, maxLength: 9, ...plain },
    ],
    ["a string that is not empty", z.string().nonempty(), { type: "string", minLength: 1, ...plain }],
    [
      "a string with patterns",
      z.string().regex(/^a/).regex(/b$/u),
      { type: "string", patterns: ["/^a/", "/b$/u"], ...plain },
    ],
    ["an enum", z.enum(["a", "b"]), { type: "string", values: ["a", "b"], ...plain }],
    ["a number", z.number(), { type: "number", ...plain }],
    ["a number with bounds", z.number().min(-0.5).max(2), { type: "number", min: -0.5, max: 2, ...plain }],
    ["an integer", z.int(), { type: "integer", ...plain }],
    ["an integer, said of a number", z.number().min(1).int(), { type: "integer", min: 1, ...plain }],
    ["an integer with exclusive bounds", z.int().gt(0).lt(10), { type: "integer", min: 1, max: 9, ...plain }],
    [
      "the narrower of two bounds",
      z.int().min(1).positive().max(9).max(5),
      { type: "integer", min: 1, max: 5, ...plain },
    ],
    ["a boolean", z.boolean(), { type: "boolean", ...plain }],
    ["a date", z.date(), { type: "timestamp", ...plain }],
    ["an optional", z.date().optional(), { type: "timestamp", nullable: true, known: "0 seconds" }],
    ["a nullable", z.boolean().nullable(), { type: "boolean", nullable: true, known: "0 seconds" }],
    ["a nullish", z.number().max(1).nullish(), { type: "number", max: 1, nullable: true, known: "0 seconds" }],
    [
      "what is said of it, inside or outside of optional",
      z.int().meta({ unit: "mi", description: "inner", known: "1 hour" }).optional().meta({ description: "outer" }),
      { type: "integer", nullable: true, known: "1 hour", unit: "mi", description: "outer" },
    ],
  ])("is a column: %s", (_, field, expected) => {
    const { column, problems } = describeOne(field);
    expect(problems).toEqual([]);
    expect(column).toEqual({ name: "a", ...expected });
    expect(columnSpec.parse(column)).toEqual(column);
  });
});

describe("a construct outside the subset", () => {
  it.each<[string, z.ZodType]>([
    ["z.array() without .length()", z.array(z.string())],
    ["z.object()", z.object({})],
    ["z.union()", z.union([z.string(), z.number()])],
    ["z.literal()", z.literal("a")],
    ["z.bigint()", z.bigint()],
    ["z.any()", z.any()],
    ["z.default()", z.number().default(1)],
    ["z.readonly()", z.string().readonly()],
    ["a change of its values (trim, transform, preprocess)", z.string().transform((text) => text.length)],
    ["z.string().refine()", z.string().refine(() => true)],
    ["a change of its values (trim, transform, preprocess)", z.string().trim()],
    ["the flag i of a pattern", z.string().regex(/a/i)],
    ["a lookahead in a pattern", z.string().regex(/a(?=b)/)],
    ["z.string().email()", z.string().check(z.email())],
    ['the format "email"', z.email()],
    ['the format "int32"', z.int32()],
    ["z.number().multipleOf()", z.number().multipleOf(2)],
    ["z.number().gt()", z.number().gt(0)],
    ["z.string().startsWith()", z.string().startsWith("a")],
    ["z.date().min()", z.date().min(new Date(0))],
    ["z.boolean().refine()", z.boolean().refine(() => true)],
    ["z.enum().refine()", z.enum(["a"]).refine(() => true)],
    ["z.enum() of numbers", z.enum({ a: 1 })],
    ["z.enum() of half a character", z.enum(["a", "\ud800"])],
    ["a bound of Infinity", z.number().min(Number.POSITIVE_INFINITY)],
    ["a bound of NaN", z.number().max(Number.NaN)],
    ["a bound of 1.5", z.string().min(1.5)],
    ["z.coerce.number()", z.coerce.number()],
  ])("is named: %s", (construct, field) => {
    const { column, problems } = describeOne(field);
    expect(column).toBeUndefined();
    expect(problems).toEqual([
      expect.objectContaining({
        code: "column-unsupported",
        at: "rides.schema.a",
        what: expect.stringContaining(` ${construct},`),
      }),
    ]);
  });

  it.each<[string, z.ZodType]>([
    ["bounds that cross", z.int().min(5).max(3)],
    ["lengths that cross", z.string().min(4).max(2)],
    ["no member", z.enum([])],
  ])("is no column that can have no value: %s", (_, field) => {
    expect(describeOne(field).problems).toEqual([
      expect.objectContaining({ code: "column-unsupported", what: 'column "a" can have no value' }),
    ]);
  });

  it("is named in what is said of a column", () => {
    const mistyped: object = { knwon: "6 hours" };
    expect(describeOne(z.int().meta({ ...mistyped })).problems).toEqual([
      expect.objectContaining({ code: "column-unsupported", what: '"meta" of column "a" has no "knwon"' }),
    ]);
    const unitless: object = { known: "6" };
    expect(describeOne(z.int().meta({ ...unitless })).problems).toEqual([
      expect.objectContaining({ code: "column-unsupported", what: '"known" of column "a" is no duration', got: '"6"' }),
    ]);
  });

  it.each<[string, z.ZodObject]>([
    ["strict", z.strictObject({ a: z.string() })],
    ["loose", z.looseObject({ a: z.string() })],
    ["refined", z.object({ a: z.string() }).refine(() => true)],
  ])("is refused of a whole row: %s", (_, schema) => {
    const problems: Problem[] = [];
    expect(describeColumns(schema, "rides.schema", (problem) => problems.push(problem))).toHaveLength(1);
    expect(problems.map(({ code, at }) => [code, at])).toEqual([["column-unsupported", "rides.schema"]]);
  });
});

describe("names of columns", () => {
  it("differ by more than case, and leave two underscores to Steward and one name to DuckDB", () => {
    const problems: Problem[] = [];
    describeColumns(
      z.object({ Day: z.date(), day: z.date(), __label: z.int(), File_Row_Number: z.int() }),
      "rides.schema",
      (problem) => problems.push(problem),
    );
    expect(problems.map(({ code, at }) => [code, at])).toEqual([
      ["name-clash", "rides.schema.day"],
      ["name-clash", "rides.schema.__label"],
      ["name-clash", "rides.schema.File_Row_Number"],
    ]);
  });
});
