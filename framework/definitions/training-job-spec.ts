/**
 * The spec of a training job, and the honesty of its features, label and split.
 * @module
 */
import { listColumns, saysWhenKnown } from "./column.ts";
import { findKind, listReads } from "./expression-kind.ts";
import { type FeatureSet, specifyFeatures } from "./features.ts";
import { formatOf } from "./format.ts";
import { findLongest, reportLeaks, reportReadsAhead, seconds } from "./knowledge.ts";
import { findClasses, reportClasses } from "./label-classes.ts";
import type { Task } from "./metric.ts";
import { reportColumnNames } from "./name.ts";
import { placeAt, type Report, silently } from "./report.ts";
import { reportScript } from "./script-arguments.ts";
import { formatPath } from "./shape-problem.ts";
import type { ColumnSpec, FeaturesSpec, TrainingJobSpec } from "./spec.ts";
import { specifyTuning } from "./specify-tuning.ts";
import type { TrainingJob } from "./training-job.ts";
import { describeValue } from "./value-text.ts";

/** The spec of a training job. */
export function specifyTrainingJob(job: TrainingJob, report: Report): TrainingJobSpec {
  const { name, spine, joined, label, trainer, seed, resources } = job;
  const read = new Set(listReads(label).map(({ column }) => column));
  const labelColumns = listColumns(spine.from.schema).filter((column) => read.has(column.name));
  // What is known only later is reported where the feature is declared, whatever is made of it.
  const knownAtOnce = new Set(labelColumns.filter(({ known }) => seconds(known) === 0).map((column) => column.name));
  reportLabel(job, report);
  for (const [i, set] of listSets(job).entries()) {
    if (set.from.name === spine.from.name)
      reportLeaks(set.columns, knownAtOnce, { at: `${name}.features[${i}]`, report });
  }
  reportJoins(job, knownAtOnce, report);
  for (const [i, one] of joined.entries()) reportTtl(one, { at: `${name}.features[${i + 1}].ttl`, report });
  reportTwins(job, report);
  reportScript(
    job,
    listFeatures(job).map((feature) => feature.name),
    report,
  );
  const task = findTask(job);
  const tuning = specifyTuning(job, task, report);
  return {
    format: formatOf("training-job"),
    kind: "training-job",
    name,
    features: [
      { set: spine.name, by: {} },
      ...joined.map(({ set, by, ttl }) => ({ set: set.name, by: { ...by }, ...(ttl !== undefined && { ttl }) })),
    ],
    label,
    task: task ?? "binary",
    ...(task === "multiclass" && { classes: [...(findClasses(label, spine.from) ?? [])] }),
    split: specifySplit(job, labelColumns, report),
    trainer: { ...trainer },
    params: evaluateParams(job, report),
    ...(tuning && { tuning }),
    seed,
    resources: {
      cpu: resources.cpu ?? 1,
      memory: resources.memory ?? "2 GiB",
      ...(resources.gpu && { gpu: { ...resources.gpu } }),
    },
  };
}

/** What kind of question a label asks. @default undefined for what is no label */
export function findTask({ spine, label }: TrainingJob): Task | undefined {
  const kind = findKind(label, { dataset: spine.from, at: "", report: silently });
  switch (kind) {
    case "boolean":
      return "binary";
    case "number":
      return "regression";
    case "string":
      return findClasses(label, spine.from) ? "multiclass" : undefined;
    default:
      return undefined;
  }
}

/** The features of all sets of a job, in the order of the model's inputs. */
export function listFeatures(job: TrainingJob): FeaturesSpec["columns"] {
  return listSets(job).flatMap((set) => specifyFeatures(set, silently).columns);
}

/** The sets of a job, the spine's first. */
function listSets({ spine, joined }: TrainingJob): readonly FeatureSet[] {
  return [spine, ...joined.map(({ set }) => set)];
}

function reportLabel({ name, spine, label }: TrainingJob, report: Report): void {
  const at = `${name}.label`;
  const kind = findKind(label, { dataset: spine.from, at, report });
  if (kind === "string") reportClasses(label, spine.from, placeAt(report, at));
  else if (kind !== undefined && kind !== "boolean" && kind !== "number") {
    report({
      code: "label-invalid",
      at,
      what: '"label" is no answer that a model can learn',
      got: `a ${kind}`,
      expected: "a boolean, a text of z.enum([…]) or a number",
      ...(kind === "category" && { fix: "leave category() out: a label is the text itself" }),
    });
  }
  for (const column of new Set(listReads(label).map((read) => read.column))) {
    const { shape } = spine.from.schema;
    const field = Object.hasOwn(shape, column) ? shape[column] : undefined;
    if (!field || saysWhenKnown(field)) continue;
    report({
      code: "label-invalid",
      at,
      what: `"label" reads "${column}", which does not say when it is known`,
      fix: `add .meta({ known: "…" }) to ${spine.from.name}.schema.${column}: how long after the event its value is there`,
    });
  }
}

function reportJoins({ name, spine, joined }: TrainingJob, knownAtOnce: ReadonlySet<string>, report: Report): void {
  for (const [i, { set, by }] of joined.entries()) {
    const at = `${name}.features[${i + 1}].by`;
    const key = set.from.key.join(", ") || "no column";
    const given = Object.keys(by);
    if (given.length !== set.from.key.length || !set.from.key.every((column) => Object.hasOwn(by, column))) {
      const got = given.join(", ") || "no column";
      report({
        code: "join-key",
        at,
        what: `"by" of "${set.name}" does not give the key of dataset "${set.from.name}"`,
        got,
        expected: key,
      });
      continue;
    }
    for (const [column, tree] of Object.entries(by)) {
      const scope = { dataset: spine.from, at: `${at}.${column}`, report };
      reportReadsAhead(tree, scope);
      reportLeaks([{ name: column, expression: tree }], knownAtOnce, scope);
      const got = findKind(tree, scope);
      const expected = findKind({ op: "column", name: column }, { ...scope, dataset: set.from, report: silently });
      if (got === undefined || expected === undefined || got === expected) continue;
      report({
        code: "join-key",
        at: scope.at,
        what: `"${column}" of "${set.name}" is joined on a value of another kind`,
        got,
        expected,
      });
    }
  }
}

/** Reports a ttl that leaves no row: the features would be null at every example. */
function reportTtl(
  { set, ttl }: TrainingJob["joined"][number],
  { at, report }: { readonly at: string; readonly report: Report },
): void {
  if (ttl === undefined) return;
  if (seconds(ttl) === 0) {
    const what = `"ttl" of "${set.name}" leaves no row that is young enough`;
    report({ code: "join-ttl", at, what, got: ttl, expected: 'more than "0 seconds"' });
    return;
  }
  const reads = set.columns.flatMap(({ expression }) => listReads(expression)).filter(({ lag }) => lag === undefined);
  const read = new Set(reads.map(({ column }) => column));
  const columns = listColumns(set.from.schema).filter((column) => read.has(column.name));
  const known = findLongest(columns.map((column) => column.known));
  const late = columns.find((column) => column.known === known)?.name;
  if (!(seconds(ttl) < seconds(known))) return;
  report({
    code: "join-ttl",
    at,
    what: `a row of "${set.name}" is older than its "ttl" before its "${late}" is known: all its features would be null`,
    got: ttl,
    expected: `"${known}" or more`,
  });
}

/** Reports features of one name in two sets, or in one that is there twice: a model's inputs go by their names. */
function reportTwins(job: TrainingJob, report: Report): void {
  const owners = new Map<string, { readonly set: FeatureSet; readonly place: number }>();
  for (const [place, set] of listSets(job).entries()) {
    for (const column of set.columns) {
      // A vector is many features, of which one that has a twin says enough.
      const names = specifyFeatures({ ...set, columns: [column] }, silently).columns.map(({ name }) => name);
      const name = names.find((one) => (owners.get(one.toLowerCase())?.place ?? place) < place);
      const owner = name === undefined ? undefined : owners.get(name.toLowerCase());
      if (owner !== undefined) {
        const isSame = owner.set.name === set.name;
        const what = isSame
          ? `feature "${name}" is there twice, as its set "${set.name}" is`
          : `feature "${name}" of "${set.name}" has the name of one of "${owner.set.name}"`;
        const fix = isSame ? "join a set with other names the second time" : "rename one of the two";
        report({ code: "feature-duplicate", at: `${job.name}.features[${place}]`, what, fix });
      }
      for (const one of names) owners.set(one.toLowerCase(), { set, place });
    }
  }
}

function specifySplit(
  { name, split }: TrainingJob,
  labelColumns: readonly ColumnSpec[],
  report: Report,
): TrainingJobSpec["split"] {
  const longest = findLongest(labelColumns.map((column) => column.known));
  const { test, validation, gap = longest } = split;
  for (const [field, value] of Object.entries({ test, validation })) {
    if (value === undefined || !(seconds(value) <= 0)) continue;
    report({
      code: "split-invalid",
      at: `${name}.split.${field}`,
      what: `"${field}" holds no rows`,
      got: value,
      expected: "more than 0",
    });
  }
  if (seconds(gap) < seconds(longest)) {
    const late = labelColumns.find((column) => column.known === longest)?.name;
    report({
      code: "split-invalid",
      at: `${name}.split.gap`,
      what: `"gap" is shorter than it takes until "${late}", which the label reads, is known`,
      got: gap,
      expected: `"${longest}" or more`,
      fix: "leave it out to take the shortest that is honest",
    });
  }
  return { test, validation: validation ?? "0 seconds", gap };
}

function evaluateParams({ name, params }: TrainingJob, report: Report): TrainingJobSpec["params"] {
  reportColumnNames(Object.keys(params?.shape ?? {}), `${name}.params`, report);
  const filled = params?.safeParse({}, { reportInput: true }) ?? { success: true, data: {} };
  // Zod takes a default as it is; only a second look checks it.
  const result = filled.success ? (params?.safeParse(filled.data, { reportInput: true }) ?? filled) : filled;
  if (!result.success) {
    for (const { path, input } of result.error.issues) {
      const at = formatPath(`${name}.params`, path);
      const subject = path.length > 0 ? `parameter "${path.join(".")}" has a default` : '"params" has defaults';
      const [what, fix] =
        input === undefined
          ? [`parameter "${path.join(".")}" has no default`, "add .default(…)"]
          : [`${subject} that its schema refuses`, "mend it"];
      report({ code: "params-invalid", at, what, got: describeValue(input), fix });
    }
    return {};
  }
  const values: TrainingJobSpec["params"] = {};
  for (const [param, value] of Object.entries(filled.data ?? {})) {
    if (
      typeof value === "string" ||
      typeof value === "boolean" ||
      (typeof value === "number" && Number.isFinite(value))
    )
      values[param] = value;
    else if (value !== undefined) {
      const at = `${name}.params.${param}`;
      report({
        code: "params-invalid",
        at,
        what: `parameter "${param}" cannot be given to a job`,
        got: describeValue(value),
        expected: "a string, a finite number or a boolean",
      });
    }
  }
  return values;
}
