/**
 * The subset of zod that a column may use: what means the same in SQL, in JSON Schema and on the wire. One table reads
 * schemas and is printed as `docs/zod-subset.md`; what it does not have is refused by name.
 * @module
 */
import { z } from "zod";
import { showPattern, translatePattern } from "./pattern.ts";
import type { ColumnSpec } from "./spec.ts";

type ColumnType = ColumnSpec["type"];
type Bounds = Pick<ColumnSpec, "min" | "max" | "minLength" | "maxLength" | "patterns">;
type Constraints = { readonly type: ColumnType } & Bounds & Pick<ColumnSpec, "values" | "length">;
/** What a schema says that no column can, by the name a team knows it by. */
interface Unsupported {
  readonly unsupported: string;
  /** Why not, after its name. @default it has no meaning outside zod */
  readonly because?: string;
}

/** A check of a schema, as zod holds it. */
type Rule = z.core.$ZodChecks["_zod"]["def"];
type CheckName = Rule["check"];

/** What zod calls a type of schema, with the column it makes and the checks that it may have. */
const schemaTypes: Readonly<Record<string, { readonly type: ColumnType; readonly checks: readonly CheckName[] }>> = {
  string: { type: "string", checks: ["length_equals", "min_length", "max_length", "string_format"] },
  enum: { type: "string", checks: [] },
  number: { type: "number", checks: ["greater_than", "less_than", "number_format"] },
  boolean: { type: "boolean", checks: [] },
  date: { type: "timestamp", checks: [] },
};

/** Schemas around another that make its column one that may lack a value. */
export const maybeTypes: readonly string[] = ["optional", "nullable"];

/** What a column is on the wire: in a request, in an answer and in JSON. */
export const wire: Readonly<Record<ColumnType, string>> = {
  string: "a string in Unicode; its length counts code points",
  integer: "a number without a fraction, from −(2^53 − 1) to 2^53 − 1",
  number: "a finite number; −0 is 0, and there is no NaN and no infinity",
  boolean: "true or false",
  timestamp: 'a string of RFC 3339 in the years 1 to 9999: "2001-06-30T23:05:00Z"',
  vector: "an array of as many finite numbers as the column says, none of them null",
};

/** A construct of zod as a team writes it on column `x`, and what it makes. */
interface Construct {
  readonly write: string;
  readonly schema: z.ZodType;
  /** Other ways to write the same. @default there is none */
  readonly also?: string;
}

/** Every supported construct, the types first. */
export const constructs: readonly Construct[] = [
  { write: "z.string()", schema: z.string() },
  { write: "z.string().min(2)", schema: z.string().min(2), also: "`.nonempty()` for `.min(1)`" },
  { write: "z.string().max(40)", schema: z.string().max(40) },
  { write: "z.string().length(3)", schema: z.string().length(3) },
  {
    write: "z.string().regex(/^[A-Z]{2}-\\d+$/)",
    schema: z.string().regex(/^[A-Z]{2}-\d+$/),
    also: "of the patterns below",
  },
  { write: 'z.enum(["AA", "UA"])', schema: z.enum(["AA", "UA"]), also: "an object of strings" },
  { write: "z.number()", schema: z.number() },
  { write: "z.number().min(-0.5)", schema: z.number().min(-0.5), also: "`.gte`, `.nonnegative()`" },
  { write: "z.number().max(100)", schema: z.number().max(100), also: "`.lte`, `.nonpositive()`" },
  { write: "z.int()", schema: z.int(), also: "`z.number().int()`" },
  { write: "z.int().min(1)", schema: z.int().min(1) },
  { write: "z.int().max(1440)", schema: z.int().max(1440) },
  { write: "z.int().gt(0)", schema: z.int().gt(0), also: "`.positive()`; of an integer alone" },
  { write: "z.int().lt(10)", schema: z.int().lt(10), also: "`.negative()` for `.lt(0)`; of an integer alone" },
  { write: "z.boolean()", schema: z.boolean() },
  { write: "z.date()", schema: z.date() },
  { write: "z.array(z.number()).length(3)", schema: z.array(z.number()).length(3), also: "of 1 to 4,096 numbers" },
  {
    write: "z.array(z.number().min(-1).max(1)).length(3)",
    schema: z.array(z.number().min(-1).max(1)).length(3),
    also: "bounds of each number",
  },
  { write: "z.int().optional()", schema: z.int().optional(), also: "`.exactOptional()`" },
  { write: "z.int().nullable()", schema: z.int().nullable(), also: "`.nullish()`" },
];

/** The supported subset in a line. */
export const subset =
  "z.string with length, min, max, regex of the patterns in docs/zod-subset.md; z.number, z.int with inclusive bounds; z.boolean; z.date; z.enum of strings; z.array(z.number()) with length; .optional, .nullable, .meta";

/** Reads what a schema, taken out of optional and nullable, says of a column. */
export function readConstraints(schema: z.ZodType): Constraints | Unsupported {
  const { type, checks = [], ...def } = schema._zod.def;
  if ("coerce" in def && def.coerce) return { unsupported: `z.coerce.${type}()` };
  if ("format" in def && def.format !== "safeint") return { unsupported: `the format "${String(def.format)}"` };
  if (schema instanceof z.ZodArray) return readVector(schema, checks as readonly z.core.$ZodCheck[]);
  const known = Object.hasOwn(schemaTypes, type) ? schemaTypes[type] : undefined;
  if (!known) return { unsupported: type === "pipe" ? changes : `z.${toCamelCase(type)}()` };
  // Zod documents this union as what the checks of its own schemas are.
  const rules = checks.map((check) => (check as z.core.$ZodChecks)._zod.def);
  const isWhole = "format" in def || rules.some(isSafeInteger);
  let bounds: Bounds = {};
  for (const rule of rules) {
    if (!known.checks.includes(rule.check)) return { unsupported: nameRule(type, rule) };
    const read = readRule(rule, isWhole);
    if (read === undefined) return { unsupported: nameRule(type, rule) };
    if (typeof read === "number") return { unsupported: `a bound of ${read}` };
    if ("unsupported" in read) return read;
    bounds = narrow(bounds, read);
  }
  if (!(schema instanceof z.ZodEnum)) return { type: isWhole ? "integer" : known.type, ...bounds };
  const values = schema.options.filter((value) => typeof value === "string");
  if (values.length < schema.options.length) return { unsupported: "z.enum() of numbers" };
  // Half a character is none in SQL, where another text would take its place.
  if (!values.every((value) => value.isWellFormed())) return { unsupported: "z.enum() of half a character" };
  return { type: "string", values };
}

/** The most numbers of a vector: each becomes an input of a model. */
const longestVector = 4096;

/** Reads what an array says of a column: a fixed number of numbers. */
function readVector(schema: z.ZodArray, checks: readonly z.core.$ZodCheck[]): Constraints | Unsupported {
  const lengths = new Set<number>();
  for (const check of checks) {
    const rule = (check as z.core.$ZodChecks)._zod.def;
    if (rule.check !== "length_equals") return { unsupported: nameRule("array", rule) };
    lengths.add(rule.length);
  }
  const [length] = lengths;
  if (length === undefined) return { unsupported: "z.array() without .length()" };
  if (lengths.size > 1) return { unsupported: "z.array() of two lengths" };
  if (!Number.isInteger(length) || length < 1 || length > longestVector)
    return { unsupported: `an array of ${length} numbers`, because: "and a vector has 1 to 4,096" };
  const element = schema.element as z.ZodType;
  if (Object.keys(element.meta() ?? {}).length > 0)
    return { unsupported: "what is said of the elements of an array", because: "and that is said of the array itself" };
  const read = readConstraints(element);
  if ("unsupported" in read) return { unsupported: `z.array() of ${read.unsupported}` };
  if (read.type !== "number")
    return { unsupported: `z.array() of a column of type ${read.type}`, because: "and a vector has z.number()" };
  return { ...read, type: "vector", length };
}

function isSafeInteger(rule: Rule): boolean {
  return rule.check === "number_format" && rule.format === "safeint";
}

/** What a check says of a column; undefined for what none can keep, and a number for a bound that is none. */
function readRule(rule: Rule, isWhole: boolean): Bounds | Unsupported | number | undefined {
  switch (rule.check) {
    case "length_equals":
      return readLength(rule.length, (length) => ({ ...atLeast(length), maxLength: length }));
    case "min_length":
      return readLength(rule.minimum, atLeast);
    case "max_length":
      return readLength(rule.maximum, (maxLength) => ({ maxLength }));
    case "string_format":
      return rule.format === "regex" && !("fn" in rule) ? readPattern(rule.pattern) : undefined;
    case "number_format":
      return isSafeInteger(rule) ? {} : undefined;
    case "greater_than":
    case "less_than": {
      // An exclusive bound of an integer is the next integer's inclusive one; of a number it has none.
      if (!rule.inclusive && !isWhole) return undefined;
      const value = Number(rule.value);
      if (!Number.isFinite(value)) return value;
      if (rule.check === "greater_than") return { min: rule.inclusive ? value : Math.floor(value) + 1 };
      return { max: rule.inclusive ? value : Math.ceil(value) - 1 };
    }
    default:
      return undefined;
  }
}

function readPattern(pattern: unknown): Bounds | Unsupported | undefined {
  if (!(pattern instanceof RegExp)) return undefined;
  const translation = translatePattern(pattern);
  return "unsupported" in translation ? translation : { patterns: [showPattern(pattern)] };
}

/** No text is shorter than empty. */
function atLeast(minLength: number): Bounds {
  return minLength > 0 ? { minLength } : {};
}

function readLength(length: number, read: (length: number) => Bounds): Bounds | number {
  return Number.isInteger(length) ? read(length) : length;
}

const tighter = { min: Math.max, max: Math.min, minLength: Math.max, maxLength: Math.min } as const;

/** Both bounds at once, and all patterns. */
function narrow(a: Bounds, b: Bounds): Bounds {
  const merged = { ...a };
  for (const key of ["min", "max", "minLength", "maxLength"] as const) {
    const bound = b[key];
    if (bound !== undefined) merged[key] = tighter[key](merged[key] ?? bound, bound);
  }
  if (b.patterns) merged.patterns = [...new Set([...(a.patterns ?? []), ...b.patterns])];
  return merged;
}

/** Zod has one name for all of them. */
const changes = "a change of its values (trim, transform, preprocess)";

function nameRule(type: string, rule: Rule): string {
  const names: Partial<Record<string, string>> = {
    greater_than: "inclusive" in rule && rule.inclusive ? "min" : "gt",
    less_than: "inclusive" in rule && rule.inclusive ? "max" : "lt",
    custom: "refine",
  };
  const name = "format" in rule && rule.check === "string_format" ? rule.format : (names[rule.check] ?? rule.check);
  if (name === "overwrite") return changes;
  return `z.${type}().${toCamelCase(name)}()`;
}

function toCamelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
