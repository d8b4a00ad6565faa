/**
 * The page of the subset of zod: each construct with what it becomes, by the code that reads schemas and checks rows. Pure.
 * @module
 */
import { z } from "zod";
import { planRules } from "../../framework/data/contract.ts";
import { describeColumns } from "../../framework/definitions/column.ts";
import { patternParts } from "../../framework/definitions/pattern.ts";
import type { ColumnSpec } from "../../framework/definitions/spec.ts";
import { constructs, wire } from "../../framework/definitions/zod-subset.ts";
import { generated } from "./generated.ts";

/** DuckDB's types of a column in a dataset's version. */
const sqlTypes: Readonly<Record<ColumnSpec["type"], string>> = {
  string: "VARCHAR",
  integer: "BIGINT",
  number: "DOUBLE",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMP",
  vector: "DOUBLE[]",
};

/** Renders the page. */
export function renderZodSubset(): string {
  const types = Object.entries(wire).map(([type, text]) => [type, sqlTypes[type as ColumnSpec["type"]], text]);
  const parts = [
    generated("framework/definitions/zod-subset.ts"),
    "# The subset of zod",
    "The schema of a dataset says what a row may be to the ingest, to a training job and to whoever asks an endpoint. So a column uses the part of zod that means the same in TypeScript, in SQL, in JSON Schema and on the wire. Whatever else a schema says is a problem that names the construct; nothing is left out silently. A test holds zod and SQL to the same verdict on a hundred thousand rows.",
    "## Types of columns",
    renderTable([["column", "SQL", "on the wire"], ...types]),
    "## Constructs",
    "A row breaks the contract where a value is not of its column's type, where it is missing and the column is neither optional nor nullable, and where a condition below is true of it. A null breaks no condition.",
    renderTable([
      ["zod", "also written", "column", "a row breaks it where", "JSON Schema"],
      ...constructs.map(describeConstruct),
    ]),
    "## Vectors",
    "An array of a fixed number of numbers is a vector, such as an embedding: `.length(n)` says how many, and their bounds may be said; it has no null among them, whole numbers are numbers like others, and what is said of the column stands at the array. Parquet and Arrow have it as a list or a fixed-size list, JSON as an array, CSV as a cell with the array in JSON, in quotes. A feature that is a vector becomes one input of the model for each of its numbers. In a profile a vector stands for its Euclidean length. No `key`, no `unique` and no window takes one. A file is read and sorted in bounded memory: rows with more than some fifteen million numbers of vectors together are better several files.",
    "## Patterns",
    "A pattern is read by JavaScript and, in SQL, by RE2, and has what the two judge alike; everything else (flags but u, lookaround, backreferences, word boundaries, classes of Unicode) is a problem that names it. Without the flag u JavaScript takes a character beyond U+FFFF for two, so a pattern that could meet one of the two needs the flag.",
    renderTable([["a pattern may have", "which means"], ...patternParts]),
    "## What is said of a column",
    '`.meta({ unit, known, description })` and `.describe(text)` say what people and the planner know of a column: the unit of its values, how long after its event a value is known (`"6 hours"`), what it means. They check nothing, and may stand inside or outside of `.optional()` and `.nullable()`; what is said outermost counts.',
    "## The rows themselves",
    "A missing value of a column that is optional or nullable is null in SQL, and left out or null in JSON. Columns of the source that the schema does not name are not read. `z.strictObject`, `z.looseObject`, `.catchall()` and rules over whole rows are refused.",
  ];
  return `${parts.join("\n\n")}\n`;
}

function describeConstruct({ write, schema, also = "" }: (typeof constructs)[number]): string[] {
  const [column] = describeColumns(z.object({ x: schema }), "", ({ what }) => {
    throw new Error(`${write}: ${what}`);
  });
  if (!column) throw new Error(`${write} makes no column`);
  const rules = planRules({ columns: [column], eventTime: "", contract: { violations: "reject", tolerance: 0 } }, [
    { raw: "raw", value: "x" },
  ]);
  // What holds for every column is said once.
  const own = rules.filter(({ broken }) => !broken.includes("raw"));
  const conditions = own.map(({ broken }) => `\`${broken.slice(1, -1)}\``).join("; ");
  const type = column.nullable ? `${column.type}, may be null` : column.type;
  return [`\`${write}\``, also, type, conditions, `\`${JSON.stringify(toJsonSchema(schema))}\``];
}

/** A table in Markdown, its columns as wide as their widest cell: the form that the repository's formatter gives it. */
function renderTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** The JSON Schema of a value on the wire, on which a date is a string of RFC 3339. */
function toJsonSchema(schema: z.ZodType): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === "date") Object.assign(jsonSchema, { type: "string", format: "date-time" });
    },
  });
  return rest;
}
