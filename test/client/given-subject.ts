/**
 * Endpoints whose rows have a column of every type, in all that a column may say.
 * @module
 */
import { type ClientSubject, describeSubject, type SubjectParts } from "../../framework/client/subject.ts";
import type { ColumnSpec } from "../../framework/definitions/spec.ts";

function column(name: string, type: ColumnSpec["type"], rest: Partial<ColumnSpec> = {}): ColumnSpec {
  return { name, type, nullable: false, known: "0 seconds", ...rest };
}

/** Columns of every type. */
export const columns: readonly ColumnSpec[] = [
  column("at", "timestamp", { description: "scheduled departure" }),
  column("origin", "string", { minLength: 3, maxLength: 3, patterns: ["/^[A-Z]{3}$/u"] }),
  column("sky", "string", { values: ["clear", 'it\'s "fog"'], nullable: true }),
  column("distance", "integer", { min: 1, unit: "mi" }),
  column("wind speed", "number", { nullable: true, max: 150, description: 'says "knots" */ and """ too' }),
  column("class", "boolean"),
  column("page", "vector", { length: 3, min: -1, max: 1 }),
  column("bookedAt", "timestamp", { nullable: true }),
  column("code", "string", { patterns: ["/^[\\w\\_-]+$/", "/[0-9]/u"] }),
];

/** What an endpoint with these columns is, unless told otherwise. */
export function subject(change: Partial<SubjectParts> = {}): ClientSubject {
  return describeSubject({
    endpoint: "late-arrival",
    model: "late",
    hasFeedback: true,
    shape: { columns, eventTime: "at" },
    answer: { task: "binary" },
    ...change,
  });
}

/** One for each kind of answer. */
export const subjects: Readonly<Record<"binary" | "multiclass" | "regression", ClientSubject>> = {
  binary: subject(),
  multiclass: subject({ answer: { task: "multiclass", classes: ["sun", "heavy rain", 'a "b"'] } }),
  regression: subject({ answer: { task: "regression" }, hasFeedback: false }),
};
