import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { renderZodSubset } from "../../docs/generate/zod-subset.ts";
import { describeColumns } from "../../framework/definitions/column.ts";
import type { Problem } from "../../framework/definitions/problem.ts";
import { constructs } from "../../framework/definitions/zod-subset.ts";
import { root } from "./compiling.ts";

function describeOne(field: z.ZodType) {
  const problems: Problem[] = [];
  const [column] = describeColumns(z.object({ a: field }), "rides.schema", (problem) => problems.push(problem));
  return { column, problems };
}

describe("an array", () => {
  const numbers = z.array(z.number());
  it.each<[string, z.ZodType, object]>([
    ["of numbers", numbers.length(3), { type: "vector", length: 3, nullable: false }],
    ["that may be missing", numbers.length(1).nullish(), { type: "vector", length: 1, nullable: true }],
    ["of the most numbers", numbers.length(4096).meta({ known: "1 hour" }), { length: 4096, known: "1 hour" }],
    ["of numbers with bounds", z.array(z.number().min(-1).max(1)).length(2), { length: 2, min: -1, max: 1 }],
  ])("makes a vector: %s", (_, field, expected) => {
    expect(describeOne(field)).toEqual({ column: expect.objectContaining(expected), problems: [] });
  });

  it.each<[string, z.ZodType, string]>([
    ["of any length", numbers, "z.array() without .length()"],
    ["of no number", numbers.length(0), "an array of 0 numbers, and a vector has 1 to 4,096"],
    ["of too many numbers", numbers.length(4097), "an array of 4097 numbers, and a vector has 1 to 4,096"],
    ["of two lengths", numbers.length(2).length(3), "z.array() of two lengths"],
    ["of a length from one to another", numbers.min(2).max(2), "z.array().minLength()"],
    ["of integers", z.array(z.int()).length(2), "z.array() of a column of type integer, and a vector has z.number()"],
    ["of texts", z.array(z.string()).length(2), "z.array() of a column of type string"],
    ["of what may be missing", z.array(z.number().nullable()).length(2), "z.array() of z.nullable()"],
    ["of arrays", z.array(numbers.length(2)).length(2), "z.array() of a column of type vector"],
    ["of bounds that no column keeps", z.array(z.number().gt(0)).length(2), "z.array() of z.number().gt()"],
    [
      "whose elements say what is said of columns",
      z.array(z.number().meta({ unit: "m" })).length(2),
      "of the elements",
    ],
  ])("is refused by name: %s", (_, field, what) => {
    const { column, problems } = describeOne(field);
    expect(column).toBeUndefined();
    expect(problems).toMatchObject([{ code: "column-unsupported", what: expect.stringContaining(what) }]);
  });
});

/** A construct from its text, as a team would have it. */
const evaluate = new Function("z", "write", "return eval(write)") as (zod: typeof z, write: string) => z.ZodType;

describe("the table of constructs", () => {
  it.each(constructs)("writes what it means: $write", ({ write, schema }) => {
    const { column, problems } = describeOne(schema);
    expect(problems).toEqual([]);
    expect(column).toBeDefined();
    expect(describeOne(evaluate(z, write)).column).toEqual(column);
  });

  it("is the committed page", () => {
    expect(readFileSync(join(root, "docs/zod-subset.md"), "utf8")).toBe(renderZodSubset());
  });
});

const text = z.string();

/** Exports of zod that are no schema and make none: parsers, checks, registries and what tells of errors. */
const others = new Set(
  `check clone codec compile config decode decodeAsync describe encode encodeAsync endsWith flattenError formatError
  getDiscriminatedOption getErrorMap gt gte includes instanceof invertCodec keyof length lowercase lt lte maxLength maxSize memoizer
  meta mime minLength minSize multipleOf negative nonnegative nonpositive normalize overwrite parse parseAsync positive prettifyError
  properties property refine regex registry safeDecode safeDecodeAsync safeEncode safeEncodeAsync safeParse safeParseAsync setErrorMap
  size slugify startsWith superRefine toJSONSchema toLowerCase toZod toUpperCase treeifyError trim uppercase validate validateAsync withParser`.split(
    /\s+/,
  ),
);

/** How each constructor is called that needs something. @default with nothing */
const given: Readonly<Record<string, readonly unknown[]>> = {
  _default: [text, "a"],
  array: [text],
  catch: [text, "a"],
  deepPartial: [z.object({ a: text })],
  discriminatedUnion: ["k", [z.object({ k: z.literal("a") })]],
  enum: [["a"]],
  exactOptional: [text],
  fromJSONSchema: [{ type: "array", items: { type: "string" } }],
  hash: ["sha256"],
  input: [z.array(text)],
  intersection: [text, text],
  lazy: [() => text],
  literal: ["a"],
  looseObject: [{}],
  looseRecord: [text, text],
  map: [text, text],
  nativeEnum: [{ a: "a" }],
  nonoptional: [text],
  nullable: [text],
  nullish: [text],
  object: [{}],
  optional: [text],
  partialRecord: [z.enum(["a"]), text],
  output: [z.array(text)],
  pipe: [text, text],
  prefault: [text, "a"],
  preprocess: [String, text],
  promise: [text],
  readonly: [text],
  record: [text, text],
  set: [text],
  strictObject: [{}],
  stringFormat: ["odd", /a/],
  success: [text],
  templateLiteral: [["a", text]],
  transform: [String],
  tuple: [[text]],
  union: [[text, z.number()]],
  xor: [[text, z.number()]],
};

/** The constructors that are supported; all others are refused. */
const supported = [
  "boolean",
  "date",
  "enum",
  "exactOptional",
  "int",
  "nativeEnum",
  "nullable",
  "nullish",
  "number",
  "optional",
  "string",
];

const makers = (from: Readonly<Record<string, unknown>>, prefix = "z.") =>
  Object.entries(from).flatMap(([name, make]) =>
    typeof make === "function" && /^[a-z_]/.test(name) && !name.startsWith("_Zod") && !others.has(name)
      ? [[`${prefix}${name}`, () => Reflect.apply(make, z, given[name] ?? []) as unknown] as const]
      : [],
  );

describe("every constructor of schemas that zod has", () => {
  const all = [...makers(z), ...makers(z.iso, "z.iso."), ...makers(z.coerce, "z.coerce.")];

  it("is found", () => {
    expect(all.length).toBeGreaterThan(80);
    expect(all.map(([name]) => name)).toEqual(expect.arrayContaining(supported.map((name) => `z.${name}`)));
  });

  it.each(all)("is supported or refused by name, never ignored: %s", (name, make) => {
    const schema = make();
    // An export that makes no schema belongs to `others`; one that is new in zod has to be put on either side.
    if (!(schema instanceof z.ZodType)) throw new Error(`${name} makes no schema`);
    const { column, problems } = describeOne(schema);
    if (supported.includes(name.replace("z.", ""))) {
      expect(problems).toEqual([]);
      expect(column).toBeDefined();
    } else {
      expect(column).toBeUndefined();
      expect(problems).toEqual([expect.objectContaining({ code: "column-unsupported", at: "rides.schema.a" })]);
    }
  });
});

describe("every method of a supported schema", () => {
  /** What says nothing of values, and what a schema shares with all others or makes another of. */
  const neutral = new Set(
    `constructor clone brand register check with apply parse safeParse parseAsync safeParseAsync spa validate validateAsync encode decode
    encodeAsync decodeAsync safeEncode safeDecode safeEncodeAsync safeDecodeAsync toJSONSchema isOptional isNullable extract exclude
    describe meta`.split(/\s+/),
  );
  const kept: Readonly<Record<string, readonly string[]>> = {
    string: ["length", "max", "min", "nonempty", "regex"],
    number: ["finite", "gte", "int", "lte", "max", "min", "nonnegative", "nonpositive", "safe"],
    integer: [
      "finite",
      "gt",
      "gte",
      "int",
      "lt",
      "lte",
      "max",
      "min",
      "negative",
      "nonnegative",
      "nonpositive",
      "positive",
      "safe",
    ],
    boolean: [],
    date: [],
    enum: [],
    // What an array is of stands alone.
    vector: ["length", "unwrap"],
  };
  const around = ["exactOptional", "nullable", "nullish", "optional"];
  const schemas: Readonly<Record<string, z.ZodType>> = {
    string: z.string(),
    number: z.number(),
    integer: z.int(),
    boolean: z.boolean(),
    date: z.date(),
    enum: z.enum(["a"]),
    vector: z.array(z.number()).length(1),
  };
  const arguments_: Readonly<Record<string, readonly unknown[]>> = {
    and: [text],
    catch: ["a"],
    default: ["a"],
    endsWith: ["a"],
    includes: ["a"],
    max: [1],
    min: [1],
    or: [text],
    pipe: [text],
    prefault: ["a"],
    refine: [() => true],
    regex: [/a/],
    startsWith: ["a"],
    superRefine: [() => undefined],
    overwrite: [(value: unknown) => value],
    transform: [String],
  };

  const methodsOf = (schema: object) => {
    const names = new Set<string>(Object.keys(schema));
    for (let at: object = schema; at !== Object.prototype; at = Object.getPrototypeOf(at) as object)
      for (const name of Object.getOwnPropertyNames(at)) names.add(name);
    return [...names].filter((name) => /^[a-z]/.test(name) && !neutral.has(name));
  };
  const cases = Object.entries(schemas).flatMap(([kind, schema]) =>
    methodsOf(schema).flatMap((name) => {
      const method: unknown = Reflect.get(schema, name);
      return typeof method === "function" ? [[`${kind}.${name}`, kind, name] as const] : [];
    }),
  );

  it("is found", () => expect(cases.length).toBeGreaterThan(150));

  it.each(cases)("is read or refused by name, never ignored: %s", (_, kind, name) => {
    const schema = schemas[kind];
    const argument = kind === "date" && /^m(in|ax)$/.test(name) ? [new Date(0)] : (arguments_[name] ?? [1]);
    const made = schema && (Reflect.apply(Reflect.get(schema, name) as () => unknown, schema, argument) as unknown);
    if (!(made instanceof z.ZodType)) throw new Error(`${kind}.${name} makes no schema`);
    const { column, problems } = describeOne(made);
    if (kept[kind]?.includes(name) || around.includes(name)) {
      expect(problems).toEqual([]);
      expect(column).toBeDefined();
    } else expect(problems).toEqual([expect.objectContaining({ code: "column-unsupported" })]);
  });
});
