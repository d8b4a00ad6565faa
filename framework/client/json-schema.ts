/**
 * Request types as JSON Schema (draft 2020-12, which OpenAPI 3.1 has): what is sent and what is answered. Pure.
 * @module
 */
import { parsePattern } from "../definitions/pattern.ts";
import type { RequestType, TypeColumn } from "./request-type.ts";
import type { ClientSubject } from "./subject.ts";

/** A schema, as JSON has it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** An object all of whose properties there are but those that may be left out, and no others. */
function objectOf(properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", properties, ...(required.length > 0 && { required }), additionalProperties: false };
}

/** What is sent of one row. */
export function schemaOfRow({ type, descriptions }: Pick<ClientSubject, "type" | "descriptions">): JsonSchema {
  const properties = type.columns.map((column) => [column.name, schemaOfColumn(column, descriptions.get(column.name))]);
  return objectOf(Object.fromEntries(properties), [type.eventTime]);
}

function schemaOfColumn(column: TypeColumn, meaning: string | undefined): JsonSchema {
  const { nullable, unit } = column;
  const { type, ...constraints } = schemaOfValue(column);
  const patterns = column.patterns ?? [];
  const described = [
    meaning,
    unit && `in ${unit}`,
    ...patterns.filter((one) => !isUnicode(one)).map((one) => `like ${one}`),
  ];
  const description = described.filter(Boolean).join("; ");
  return {
    type: nullable ? [type, "null"] : type,
    ...constraints,
    ...(description !== "" && { description }),
    ...(unit !== undefined && { "x-unit": unit }),
  };
}

function schemaOfValue(column: TypeColumn): JsonSchema {
  const { min, max, length, minLength, maxLength, values, nullable } = column;
  const bounds = { ...(min !== undefined && { minimum: min }), ...(max !== undefined && { maximum: max }) };
  switch (column.type) {
    case "boolean":
      return { type: "boolean" };
    case "integer":
    case "number":
      return { type: column.type, ...bounds };
    case "timestamp":
      return { type: "string", format: "date-time" };
    case "vector":
      return { type: "array", items: { type: "number", ...bounds }, minItems: length, maxItems: length };
    case "string":
      return {
        type: "string",
        ...(values && { enum: nullable ? [...values, null] : values }),
        ...(minLength !== undefined && { minLength }),
        ...(maxLength !== undefined && { maxLength }),
        ...schemaOfPatterns((column.patterns ?? []).filter(isUnicode)),
      };
  }
}

function schemaOfPatterns(patterns: readonly string[]): JsonSchema {
  const sources = patterns.map((one) => parsePattern(one).source);
  const [only] = sources;
  if (only === undefined) return {};
  return sources.length === 1 ? { pattern: only } : { allOf: sources.map((pattern) => ({ pattern })) };
}

/** Whether a pattern means the same with the flag u, by which readers of JSON Schema read it. */
function isUnicode(written: string): boolean {
  const { source, flags } = parsePattern(written);
  if (flags.includes("u")) return true;
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}

/** What is predicted of one row, as properties. */
function predictionOf({ task, classes = [] }: RequestType): Readonly<Record<string, JsonSchema>> {
  const probability = { type: "number", minimum: 0, maximum: 1 };
  switch (task) {
    case "binary":
      return {
        probability: { ...probability, description: "that the label is true" },
        label: { type: "boolean", description: "true from a probability of 0.5 on" },
      };
    case "multiclass":
      return {
        probabilities: objectOf(Object.fromEntries(classes.map((name) => [name, probability]))),
        label: { type: "string", enum: classes, description: "the most probable class" },
      };
    case "regression":
      return { value: { type: "number" } };
  }
}

/** What a label is, as a caller says or is told it. */
export function schemaOfLabel({ task, classes = [] }: RequestType): JsonSchema {
  if (task === "binary") return { type: "boolean" };
  return task === "multiclass" ? { type: "string", enum: classes } : { type: "number" };
}

/** What is told beside a prediction only where it was asked for. */
const told = {
  features: { type: "object", additionalProperties: { type: ["number", "boolean", "string", "null"] } },
  attributions: { type: "object", description: "what each feature adds to the answer" },
} as const satisfies Readonly<Record<string, JsonSchema>>;

/** What is answered beside the predictions. */
const aroundAnswer = {
  model: {
    type: "object",
    properties: { name: { type: "string" }, version: { type: "string" }, package: { type: "string" } },
    required: ["name", "version", "package"],
  },
  freshnessSeconds: { type: "number", description: "how long ago the moment lies as of which features were looked up" },
  tables: { type: "array", items: { type: "object" }, description: "the tables in which features were looked up" },
} as const satisfies Readonly<Record<string, JsonSchema>>;

const id = { type: "string", description: "the id of the answer, under which its record is kept" };
const optional = [...Object.keys(told), "freshnessSeconds", "tables"];

/** What is predicted of one row of several. */
export function schemaOfPrediction(type: RequestType): JsonSchema {
  return objectOf({ ...predictionOf(type), ...told }, optional);
}

/** The answer to one row. */
export function schemaOfAnswer(type: RequestType): JsonSchema {
  return objectOf({ id, ...predictionOf(type), ...told, ...aroundAnswer }, optional);
}

/** The answer to a list of rows. */
export function schemaOfAnswers(prediction: JsonSchema): JsonSchema {
  return objectOf({ id, rows: { type: "array", items: prediction }, ...aroundAnswer }, optional);
}
