/**
 * Columns: what a field of a zod schema says about a column of data. The subset of `zod-subset.ts` is supported; everything
 * else is a located problem that names the construct.
 * @module
 */
import { z } from "zod";
import { foldName, reportColumnNames } from "./name.ts";
import { type PiiMode, piiModes } from "./pii-mode.ts";
import { placeAt, type Report, silently, type UnplacedReport } from "./report.ts";
import type { ColumnSpec } from "./spec.ts";
import { type Duration, durationPattern } from "./units.ts";
import { describeValue } from "./value-text.ts";
import { maybeTypes, readConstraints, subset } from "./zod-subset.ts";

declare module "zod" {
  interface GlobalMeta {
    /**
     * The unit of the column's values, for people.
     * @default none
     * @example z.int().meta({ unit: "min" })
     */
    unit?: string;
    /**
     * How long after its event a value is known. A column that a label reads must say it; no feature reads it before.
     * @default "0 seconds"
     * @example z.int().meta({ known: "6 hours" })
     */
    known?: Duration;
    /**
     * Whether people must not be treated differently by it without a reason: sex, age, origin. A model of high risk has a fairness
     * gate by each such column of its examples.
     * @default false
     * @example z.enum(["f", "m", "x"]).meta({ protected: true })
     */
    protected?: boolean;
    /**
     * How the column is recorded in the logs of endpoints, where it says something of a person: `redact` leaves it out, `hash` tells
     * equal values only, `encrypt` needs the key of the endpoint's `log.subject`, and is lost with it. So are the features
     * that are computed from it. Answers, labels and what callers name, such as ids, are recorded as they are.
     * @default as it is
     * @example z.email().meta({ pii: "hash" })
     */
    pii?: PiiMode;
  }
}

const metaKeys: readonly string[] = ["description", "known", "pii", "protected", "unit"];
/** Describes the columns of a schema, in its order. Reports every construct outside the subset. */
export function describeColumns(schema: z.ZodObject, at: string, report: Report): ColumnSpec[] {
  const { catchall, checks = [], shape } = schema._zod.def;
  const refuse = (what: string, fix: string) =>
    report({ code: "column-unsupported", at, what, expected: "z.object({ … })", fix });
  if (catchall !== undefined)
    refuse('"schema" says what happens to other columns', "use z.object; columns it does not name are not read");
  if (checks.length > 0) refuse('"schema" has a rule over whole rows', "state rules per column");
  reportColumnNames(Object.keys(shape), at, report);
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
  if (!(field instanceof z.ZodType)) return true;
  return unwrap(field).meta["known"] !== undefined;
}

/** An option that names columns. */
interface NamingOption {
  readonly at: string;
  readonly option: string;
  readonly names: readonly string[];
  readonly report: Report;
}

/** Reports vectors among columns that tell rows apart: those are compared, and two vectors are hardly ever equal. */
export function reportVectors(columns: readonly ColumnSpec[], { at, option, names, report }: NamingOption): void {
  for (const [i, name] of names.entries()) {
    if (columns.find((column) => column.name === name)?.type !== "vector") continue;
    const what = `"${option}" names a vector, which tells no row from another`;
    const expected = "columns of texts, numbers, truths or times";
    report({ code: "column-unsupported", at: `${at}[${i}]`, what, got: name, expected });
  }
}

/** What DuckDB calls a column that it adds to a Parquet file itself: a file with its own of that name cannot be read. */
const addedByDuckDb = "file_row_number";

/** Reports names that engines take for one another, since SQL folds their case, and names that Steward or DuckDB keep. */
export function reportClashes(names: readonly string[], at: string, report: Report): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const twin = seen.get(foldName(name));
    if (twin !== undefined) {
      const isSame = name.toLowerCase() === twin.toLowerCase();
      report({
        code: "name-clash",
        at: `${at}.${name}`,
        what: isSame
          ? `"${name}" has the name of "${twin}", for SQL folds case`
          : `"${name}" looks like "${twin}", and has other letters`,
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
    seen.set(foldName(name), name);
  }
}

function describeColumn(name: string, field: z.ZodType, report: UnplacedReport): ColumnSpec | undefined {
  if (!(field instanceof z.ZodType)) {
    const got = describeValue(field);
    report({
      code: "column-unsupported",
      what: `column "${name}" is no schema of the zod that Steward uses`,
      got,
      expected: subset,
    });
    return undefined;
  }
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
      got: describeValue(known),
      expected: '"6 hours"',
    });
    return undefined;
  }
  for (const [key, value] of Object.entries({ description, unit })) {
    if (value === undefined || typeof value === "string") continue;
    const what = `"${key}" of column "${name}" is no text`;
    report({ code: "column-unsupported", what, got: describeValue(value), expected: "a text" });
  }
  if (meta["protected"] !== undefined && typeof meta["protected"] !== "boolean") {
    const what = `"protected" of column "${name}" is neither true nor false`;
    report({ code: "column-unsupported", what, got: describeValue(meta["protected"]), expected: "true or false" });
  }
  const pii = piiModes.find((mode) => mode === meta["pii"]);
  if (meta["pii"] !== undefined && pii === undefined) {
    const what = `"pii" of column "${name}" is no way to record it`;
    report({ code: "column-unsupported", what, got: describeValue(meta["pii"]), expected: piiModes.join(", ") });
  }
  const constraints = readConstraints(inner);
  if ("unsupported" in constraints) {
    report({
      code: "column-unsupported",
      what: `column "${name}" uses ${constraints.unsupported}, ${constraints.because ?? "which has no meaning outside zod"}`,
      expected: subset,
    });
    return undefined;
  }
  const { min = -Infinity, max = Infinity, minLength = 0, maxLength = Infinity, values } = constraints;
  if (min > max || minLength > maxLength || values?.length === 0)
    report({ code: "column-unsupported", what: `column "${name}" can have no value`, fix: "mend its bounds" });
  return {
    name,
    ...constraints,
    nullable,
    known,
    ...(meta["protected"] === true && { protected: true }),
    ...(pii && { pii }),
    ...(typeof description === "string" && { description }),
    ...(typeof unit === "string" && { unit }),
  };
}

/** Takes optional and nullable off a field, which mean the same for a column. What is said outermost wins. */
function unwrap(field: z.ZodType): { inner: z.ZodType; nullable: boolean; meta: Record<string, unknown> } {
  let inner = field;
  let nullable = false;
  let meta: Record<string, unknown> = { ...inner.meta() };
  while (maybeTypes.includes(inner.type) && "unwrap" in inner && typeof inner.unwrap === "function") {
    nullable = true;
    inner = inner.unwrap() as z.ZodType;
    meta = { ...inner.meta(), ...meta };
  }
  return { inner, nullable, meta };
}
