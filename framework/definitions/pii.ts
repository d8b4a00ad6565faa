/**
 * Personal data: how what says something of a person is recorded in the log of an endpoint.
 * @module
 */
import { z } from "zod";
import { describeColumns, listColumns } from "./column.ts";
import type { Endpoint } from "./endpoint.ts";
import { type ExpressionTree, operandsOf } from "./expression-tree.ts";
import { type FeatureSet, specifyFeatures } from "./features.ts";
import type { Model } from "./model.ts";
import { type Report, silently } from "./report.ts";
import { readShadow } from "./shadow.ts";
import type { EndpointSpec } from "./spec.ts";
import { findNearest } from "./suggestion.ts";
import { findTask } from "./training-job-spec.ts";

export type PiiSpec = NonNullable<EndpointSpec["pii"]>;
type Recording = PiiSpec["request"][string];

/**
 * How the values of an endpoint's requests are recorded. A feature is recorded as the column is that it is computed from, be it of its
 * own row or of those of a window, which may all be one person's. Of several ways the strictest counts.
 *
 * @returns nothing where no column is marked
 */
export function specifyPii(endpoint: Endpoint, report: Report): PiiSpec | undefined {
  const models = listModels(endpoint);
  const request: Record<string, Recording> = {};
  const inputs: Record<string, Recording> = {};
  for (const { training } of models) {
    for (const [column, mode] of modesOf(training.spine.from)) tighten(request, column, mode);
    for (const set of [training.spine, ...training.joined.map((one) => one.set)])
      for (const { name, expression } of specifyFeatures(set, silently).columns)
        tighten(inputs, name, findMode(expression, modesOf(set.from)));
  }
  reportSubject(endpoint, request, report);
  const label = specifyLabel(endpoint, report);
  const unit = endpoint.experiment?.unit;
  // What callers name as the unit is a customer, mostly. Where no experiment says which column it is, it may be one that is marked.
  const hidesUnit = unit === undefined || (request[unit] ?? "redact") !== "plain";
  const isPlain = [request, inputs].every((modes) => Object.values(modes).every((mode) => mode === "plain"));
  if (isPlain && label === undefined) return undefined;
  return { request, inputs, ...(hidesUnit && { unit: "hash" }), ...(label !== undefined && { label }) };
}

/**
 * How the labels of an endpoint's answers are recorded: as their own schema says, else as the strictest of the columns that its models
 * compute their labels from. Reports what could not be told again from the log. @returns nothing where they are recorded as they are
 */
function specifyLabel(endpoint: Endpoint, report: Report): PiiSpec["label"] {
  const { name, model, feedback } = endpoint;
  if (feedback === undefined) return undefined;
  const at = `${name}.feedback.label`;
  // What is wrong with the schema is reported where the feedback is specified.
  const [own] = describeColumns(z.object({ label: feedback.label }), at, silently);
  const read = listModels(endpoint).map(({ training }) => findMode(training.label, modesOf(training.spine.from)));
  const mode = own?.pii ?? read.reduce(stricter, "plain");
  if (mode === "plain") return undefined;
  const whose = own?.pii === undefined ? "the columns that the model's label reads are" : "the label is";
  const refuse = (what: string, expected: string) =>
    report({ code: "pii-label-unfit", at, what, got: `pii: "${mode}"`, expected });
  if (mode === "redact") {
    refuse(`${whose} left out of records, and a label that is left out is known of no answer`, '"encrypt" or "hash"');
    return undefined;
  }
  if (mode === "hash" && findTask(model.training) === "regression")
    refuse(`${whose} hashed, and nobody can tell a number from its hash`, '"encrypt"');
  return mode;
}

function listModels({ model, shadow = [], experiment }: Endpoint): readonly Model[] {
  const arms: readonly Model[] = Object.values(experiment?.arms ?? {});
  return [model, ...shadow.map((one) => readShadow(one).model), ...arms];
}

function modesOf({ schema }: FeatureSet["from"]): ReadonlyMap<string, Recording> {
  return new Map(listColumns(schema).map(({ name, pii }) => [name, pii ?? "plain"]));
}

function findMode(expression: ExpressionTree, columns: ReadonlyMap<string, Recording>): Recording {
  return listRead(expression)
    .map((column) => columns.get(column) ?? "plain")
    .reduce(stricter, "plain");
}

/** The columns whose values an expression is computed from. Whose rows a window takes is no value of it. */
function listRead(tree: ExpressionTree): readonly string[] {
  if (tree.op === "column") return [tree.name];
  return (tree.op === "window" ? [tree.of] : operandsOf(tree)).flatMap(listRead);
}

function tighten(modes: Record<string, Recording>, name: string, mode: Recording): void {
  modes[name] = stricter(modes[name] ?? "plain", mode);
}

/** From the strictest on. */
const order: readonly Recording[] = ["redact", "encrypt", "hash", "plain"];

function stricter(a: Recording, b: Recording): Recording {
  return order.indexOf(a) < order.indexOf(b) ? a : b;
}

/** Reports a subject that is no column of a request, and one that nothing is encrypted for. */
function reportSubject({ name, log }: Endpoint, request: PiiSpec["request"], report: Report) {
  const { subject } = log;
  const at = `${name}.log.subject`;
  const encrypted = Object.keys(request).filter((column) => request[column] === "encrypt");
  const [first] = encrypted;
  if (subject === undefined && first !== undefined) {
    const what = `column "${first}" is encrypted with a key of the person's own, and no column says whose a record is`;
    const fix = 'name one with "subject" of "log"';
    report({ code: "pii-subject-missing", at, what, expected: "a column of a request", fix });
  }
  if (subject === undefined || Object.hasOwn(request, subject)) return;
  const columns = Object.keys(request);
  const nearest = findNearest(subject, columns);
  const fix = nearest === undefined ? undefined : `did you mean "${nearest}"?`;
  const what = `"subject" is no column of a request of "${name}"`;
  report({ code: "column-unknown", at, what, got: subject, expected: columns.join(", "), ...(fix && { fix }) });
}
