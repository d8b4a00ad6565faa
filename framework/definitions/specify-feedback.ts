/**
 * The spec of an endpoint's feedback, held against what its model answers.
 * @module
 */
import { z } from "zod";
import { describeColumns, listColumns } from "./column.ts";
import type { Endpoint } from "./endpoint.ts";
import { findKind, listReads, type ValueKind } from "./expression-kind.ts";
import type { FeedbackOptions } from "./feedback.ts";
import type { FeedbackSpec, LabelSpec, ObservedSpec } from "./feedback-spec.ts";
import { findLongest, seconds } from "./knowledge.ts";
import { findClasses } from "./label-classes.ts";
import type { Task } from "./metric.ts";
import { placeAt, type Report } from "./report.ts";
import { findTask } from "./training-job-spec.ts";
import { describeValue } from "./value-text.ts";

/** What an endpoint's feedback is held against. */
interface Answered {
  /** Where it is written: `late-arrival.feedback`. */
  readonly at: string;
  readonly model: Endpoint["model"];
  readonly task: Task;
  /** The classes of the model's label. @default it is none of several */
  readonly classes?: readonly string[];
  readonly report: Report;
}

/** The spec of `feedback`. Reports labels that the model does not answer with, and those that count before they are known. */
export function specifyFeedback({ name, model, log, feedback }: Endpoint, report: Report): FeedbackSpec | undefined {
  if (feedback === undefined) return undefined;
  const { label, spine } = model.training;
  const classes = findClasses(label, spine.from);
  // Of a label that is none, its job is told.
  const answered = { at: `${name}.feedback`, model, task: findTask(model.training) ?? "binary", report };
  const given = { ...answered, ...(answered.task === "multiclass" && classes && { classes }) };
  if (log.requests === "none") {
    const what = '"feedback" is of answers that are logged, and "log" keeps none of them';
    report({ code: "feedback-unlogged", at: answered.at, what, fix: 'leave "requests" of "log" out' });
  }
  reportMatures(feedback, given);
  const observed = specifyObserved(feedback.observed, given);
  const from = specifySource(feedback.from, given);
  return {
    label: specifyLabel(feedback.label, given),
    matures: feedback.matures,
    ...(observed && { observed }),
    ...(from && { from }),
  };
}

const taskTypes: Readonly<Record<Task, readonly LabelSpec["type"][]>> = {
  binary: ["boolean"],
  multiclass: ["string"],
  regression: ["number", "integer"],
};

function specifyLabel(label: z.ZodType, { at, model, task, classes, report }: Answered): LabelSpec {
  const place = `${at}.label`;
  // A schema that says what no column can is reported as one of a dataset would be.
  const atLabel: Report = (problem) => report({ ...problem, at: place });
  const [column] = describeColumns(z.object({ label }), place, atLabel);
  const { type = "boolean", min, max, values, nullable = false } = column ?? {};
  const spec = {
    type: type as LabelSpec["type"],
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(values && { values }),
  };
  if (!column) return spec;
  const expected = describeLabel(task, classes);
  const refuse = (what: string, got: string) => report({ code: "feedback-unfit", at: place, what, got, expected });
  if (nullable) refuse("a label that is not known is not sent, and never null", "a label that may be missing");
  const isTask = taskTypes[task].some((one) => one === type);
  const isSame = !classes || (values?.length === classes.length && classes.every((one) => values.includes(one)));
  if (!isTask || !isSame) {
    const got = values ? values.map((value) => describeValue(value)).join(", ") : `a ${type}`;
    refuse(`"label" is not what model "${model.name}" answers`, got);
  }
  return spec;
}

function describeLabel(task: Task, classes: readonly string[] = []): string {
  if (task === "binary") return "z.boolean()";
  return task === "regression"
    ? "z.number() or z.int()"
    : `z.enum([${classes.map((one) => describeValue(one)).join(", ")}])`;
}

/** Reports labels that would count before the columns of the model's label are known. */
function reportMatures({ matures }: FeedbackOptions, { at, model, report }: Answered): void {
  const { label, spine } = model.training;
  const read = new Set(listReads(label).map(({ column }) => column));
  const columns = listColumns(spine.from.schema).filter((column) => read.has(column.name));
  const longest = findLongest(columns.map(({ known }) => known));
  if (!(seconds(matures) < seconds(longest))) return;
  const late = columns.find(({ known }) => known === longest)?.name;
  report({
    code: "feedback-immature",
    at: `${at}.matures`,
    what: `"matures" is shorter than it takes until "${late}", which the label reads, is known`,
    got: matures,
    expected: `"${longest}" or more`,
  });
}

function specifyObserved(observed: unknown, { at, task, classes, report }: Answered): ObservedSpec | undefined {
  if (observed === undefined || observed === "always") return undefined;
  // The check of the shape has seen to it that it is one of these.
  const given = { ...(observed as ObservedSpec) };
  const refuse = (what: string, got: unknown, expected: string) =>
    report({ code: "feedback-unfit", at: `${at}.observed`, what, got: describeValue(got), expected });
  if ("when" in given) {
    if (task === "regression")
      refuse('"when" names an answer, and the model answers with a number', given.when, "atLeast or below");
    else if (task === "binary" && typeof given.when !== "boolean")
      refuse('"when" is no answer of the model', given.when, "true or false");
    else if (classes && !classes.some((one) => one === given.when))
      refuse('"when" is no answer of the model', given.when, `one of ${classes.join(", ")}`);
    return given;
  }
  const [bound] = Object.values(given);
  if (task === "multiclass") refuse("the model answers with one of several classes, which is no number", bound, "when");
  else if (task === "binary" && !(Number(bound) >= 0 && Number(bound) <= 1))
    refuse("a probability is never like that", bound, "a number from 0 to 1");
  return given;
}

const taskKinds: Readonly<Record<Task, ValueKind>> = { binary: "boolean", multiclass: "string", regression: "number" };

function specifySource(from: FeedbackOptions["from"], { at, task, classes, report }: Answered): FeedbackSpec["from"] {
  if (from === undefined) return undefined;
  const { dataset } = from;
  const { id, label, row, time } = from.columns as Omit<NonNullable<FeedbackSpec["from"]>, "dataset">;
  const kinds = { id: "string", label: taskKinds[task], row: "number", time: "timestamp" } as const;
  for (const [field, tree] of Object.entries({ id, label, row, time })) {
    if (tree === undefined) continue;
    const place = `${at}.from.${field}`;
    const got = findKind(tree, { dataset, at: place, report });
    const expected = kinds[field as keyof typeof kinds];
    if (got === undefined) continue;
    const atField = placeAt(report, place);
    if (listReads(tree).some(({ lag }) => lag !== undefined)) {
      atField({
        code: "feedback-unfit",
        what: `"${field}" of a label is of its own row, and not of a window`,
        got: "a window",
      });
    } else if (got !== expected) {
      atField({
        code: "feedback-unfit",
        what: `"${field}" of a label has another kind of value`,
        got: `a ${got}`,
        expected: `a ${expected}`,
      });
    } else if (field === "label" && classes) {
      const found = findClasses(tree, dataset);
      const strange = found?.filter((one) => !classes.includes(one)) ?? ["any text"];
      if (strange.length > 0)
        atField({
          code: "feedback-unfit",
          what: "a label may be what is no class of the model",
          got: strange.join(", "),
          expected: classes.join(", "),
        });
    }
  }
  return { dataset: dataset.name, id, label, ...(row && { row }), ...(time && { time }) };
}
