/**
 * Columns: what a field of a zod schema says about a column of data. The subset of zod that means the same in SQL, in JSON
 * Schema and on the wire is supported; everything else is a located problem that names the construct.
 * @module
 */
import { z } from "zod";
import { placeAt, type Report, silently, type UnplacedReport } from "./report.ts";
import type { ColumnSpec } from "./spec.ts";
import { type Duration, durationPattern } from "./units.ts";

declare module "zod" {
  interface GlobalMeta {
    /** The unit of the column's values, for people. @default none */
    unit?: string;
    /** How long after its event a value is known. A column that a label reads must say it. @default "0 seconds" */
    known?: Duration;
  }
}

type Constraints = Pick<ColumnSpec, "type" | "min" | "max" | "minLength" | "maxLength" | "values">;
type Unsupported = { readonly unsupported: string };

const metaKeys: readonly string[] = ["description", "known", "unit"];
const subset =
  "z.string with length, min, max; z.number, z.int with inclusive bounds; z.boolean; z.date; z.enum of strings; .optional, .nullable, .meta";

/** Describes the columns of a schema, in its order. Reports every construct outside the subset. */
export function describeColumns(schema: z.ZodObject, at: string, report: Report): ColumnSpec[] {
  const { catchall, checks = [], shape } = schema._zod.def;
  const refuse = (what: string, fix: string) =>
    report({ code: "column-unsupported", at, what, expected: "z.object({ … })", fix });
  if (catchall !== undefined)
    refuse('"schema" says what happens to other columns', "use z.object; columns it does not name are not read");
  if (checks.length > 0) refuse('"schema" has a rule over whole rows', "state rules per column");
  reportClashes(Object.keys(shape), at, report);
  return Object.entries(shape).flatMap(([name, field]) => {
    const column = describeColumn(name, field as z.ZodType, placeAt(report, `${at}.${name}`));
    return column ? [column] : [];
  });
}

const described = new WeakMap<z.ZodObject, readonly ColumnSpec[]>();

/** The columns of a schema that can be described; the dataset's own check reports the others. */
export function listColumns(schema: z.ZodObject): readonly ColumnSpec[] {
  const columns = described.get(schema) ?? describeColumns(schema, "", silently);
  described.set(schema, columns);
  return columns;
}

/** Whether a field says itself when its values are known, and does not rely on the default. */
export function saysWhenKnown(field: z.ZodType): boolean {
  return unwrap(field).meta["known"] !== undefined;
}

/** What DuckDB calls a column that it adds to a Parquet file itself: a file with its own of that name cannot be read. */
const addedByDuckDb = "file_row_number";

/** Reports names that engines take for one another, since SQL folds their case, and names that Steward or DuckDB keep. */
export function reportClashes(names: readonly string[], at: string, report: Report): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined) {
      report({
        code: "name-clash",
        at: `${at}.${name}`,
        what: `"${name}" has the name of "${twin}", for SQL folds case`,
        fix: "rename one",
      });
    }
    if (name.startsWith("__")) {
      report({
        code: "name-clash",
        at: `${at}.${name}`,
        what: `"${name}" begins with two underscores, which is kept for Steward's own columns`,
        fix: "rename it",
      });
    }
    if (name.toLowerCase() === addedByDuckDb) {
      report({
        code: "name-clash",
        at: `${at}.${name}`,
        what: `"${name}" is the name of a column that DuckDB adds to what it reads`,
        fix: "rename it, in the source too",
      });
    }
    seen.set(name.toLowerCase(), name);
  }
}

function describeColumn(name: string, field: z.ZodType, report: UnplacedReport): ColumnSpec | undefined {
  const { inner, nullable, meta } = unwrap(field);
  const unknown = Object.keys(meta).filter((key) => !metaKeys.includes(key));
  for (const key of unknown) {
    report({
      code: "column-unsupported",
      what: `"meta" of column "${name}" has no "${key}"`,
      expected: metaKeys.join(", "),
    });
  }
  const { description, known = "0 seconds", unit } = meta;
  if (typeof known !== "string" || !durationPattern.test(known)) {
    report({
      code: "column-unsupported",
      what: `"known" of column "${name}" is no duration`,
      got: JSON.stringify(known),
      expected: '"6 hours"',
    });
    return undefined;
  }
  const constraints = readConstraints(inner);
  if ("unsupported" in constraints) {
    report({
      code: "column-unsupported",
      what: `column "${name}" uses ${constraints.unsupported}, which has no meaning outside zod`,
      expected: subset,
    });
    return undefined;
  }
  return {
    name,
    ...constraints,
    nullable,
    known,
    ...(typeof description === "string" && { description }),
    ...(typeof unit === "string" && { unit }),
  };
}

/** Takes optional and nullable off a field, which mean the same for a column. What is said outermost wins. */
function unwrap(field: z.ZodType): { inner: z.ZodType; nullable: boolean; meta: Record<string, unknown> } {
  let inner = field;
  let nullable = false;
  let meta: Record<string, unknown> = { ...inner.meta() };
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) {
    nullable = true;
    inner = inner.unwrap() as z.ZodType;
    meta = { ...inner.meta(), ...meta };
  }
  return { inner, nullable, meta };
}

function readConstraints(field: z.ZodType): Constraints | Unsupported {
  const { type, checks = [], ...def } = field._zod.def;
  if ("coerce" in def && def.coerce) return { unsupported: `z.coerce.${type}()` };
  if ("format" in def && def.format !== "safeint") return { unsupported: `the format "${String(def.format)}"` };
  // Zod documents this union as what the checks of its own schemas are.
  const rules = checks.map((check) => (check as z.core.$ZodChecks)._zod.def);
  if (field instanceof z.ZodString) return readString(rules);
  if (field instanceof z.ZodNumber) return readNumber(rules, "format" in def);
  if (field instanceof z.ZodEnum) return readEnum(field, rules);
  const [rule] = rules;
  if (rule && (field instanceof z.ZodBoolean || field instanceof z.ZodDate))
    return { unsupported: nameRule(type, rule) };
  if (field instanceof z.ZodBoolean) return { type: "boolean" };
  if (field instanceof z.ZodDate) return { type: "timestamp" };
  return { unsupported: `z.${type}()` };
}

type Rule = z.core.$ZodChecks["_zod"]["def"];

function readString(rules: readonly Rule[]): Constraints | Unsupported {
  let minLength = 0;
  let maxLength = Number.POSITIVE_INFINITY;
  for (const rule of rules) {
    if (rule.check === "length_equals")
      [minLength, maxLength] = [Math.max(minLength, rule.length), Math.min(maxLength, rule.length)];
    else if (rule.check === "min_length") minLength = Math.max(minLength, rule.minimum);
    else if (rule.check === "max_length") maxLength = Math.min(maxLength, rule.maximum);
    else return { unsupported: nameRule("string", rule) };
  }
  return { type: "string", ...(minLength > 0 && { minLength }), ...(Number.isFinite(maxLength) && { maxLength }) };
}

function readNumber(rules: readonly Rule[], isInt: boolean): Constraints | Unsupported {
  const integer = isInt || rules.some((rule) => rule.check === "number_format" && rule.format === "safeint");
  let min = Number.NEGATIVE_INFINITY;
  let max = Number.POSITIVE_INFINITY;
  for (const rule of rules) {
    if (rule.check === "number_format" && rule.format === "safeint") continue;
    // An exclusive bound of an integer is the next integer's inclusive one; of a number it has none.
    const bounded = (rule.check === "greater_than" || rule.check === "less_than") && (rule.inclusive || integer);
    if (!bounded) return { unsupported: nameRule("number", rule) };
    const value = Number(rule.value);
    if (rule.check === "greater_than") min = Math.max(min, rule.inclusive ? value : Math.floor(value) + 1);
    else max = Math.min(max, rule.inclusive ? value : Math.ceil(value) - 1);
  }
  return {
    type: integer ? "integer" : "number",
    ...(Number.isFinite(min) && { min }),
    ...(Number.isFinite(max) && { max }),
  };
}

function readEnum(field: z.ZodEnum, [rule]: readonly Rule[]): Constraints | Unsupported {
  if (rule) return { unsupported: nameRule("enum", rule) };
  const values = field.options.filter((value) => typeof value === "string");
  return values.length === field.options.length ? { type: "string", values } : { unsupported: "z.enum() of numbers" };
}

function nameRule(type: string, rule: Rule): string {
  const names: Partial<Record<string, string>> = {
    greater_than: "gt",
    less_than: "lt",
    custom: "refine",
    multiple_of: "multipleOf",
  };
  const name = "format" in rule && rule.check === "string_format" ? rule.format : (names[rule.check] ?? rule.check);
  return `z.${type}().${name}()`;
}
