/**
 * The columns of scored rows: what is kept of the dataset, what the model answered, and the digest of what answered; with the SQL that
 * makes them of rows with their answers. Pure.
 * @module
 */
import { quoteName, quoteText } from "../data/sql.ts";
import { StewardError } from "../definitions/problem.ts";
import type { ColumnSpec, DatasetSpec } from "../definitions/spec.ts";
import { findNearest } from "../definitions/suggestion.ts";
import { reservedColumns } from "../features/training-set.ts";
import type { ModelPackage } from "../models/model-package.ts";

type ScoredDataset = Pick<DatasetSpec, "name" | "columns" | "eventTime" | "key">;
type Answering = Pick<ModelPackage, "task" | "classes">;

/** What is answered, and by what, as columns are called. */
const scoredNames = {
  value: "predicted_value",
  probability: "predicted_probability",
  /** Of several classes, in their order. */
  probabilities: "predicted_probabilities",
  label: "predicted_label",
  /** The digest of the package. */
  by: "predicted_by",
} as const;

/**
 * The columns of a dataset that are kept beside the answers: event time and key, and those that are asked for.
 * @throws StewardError `scoring-column` for one that is not there, or has the name of an answer
 */
export function chooseKept(
  dataset: ScoredDataset,
  asked: readonly string[],
  answering: Answering,
): readonly ColumnSpec[] {
  const { name: at, columns, eventTime, key } = dataset;
  const known = columns.map(({ name }) => name);
  const missing = asked.filter((name) => !known.includes(name));
  const wanted = new Set([eventTime, ...key, ...asked]);
  // SQL folds case.
  const answers = new Set(listAnswers(answering).map(({ name }) => name));
  const taken = columns.filter(({ name }) => wanted.has(name) && answers.has(name.toLowerCase()));
  const problems = [
    ...missing.map((name) => {
      const nearest = findNearest(name, known);
      return {
        code: "scoring-column",
        at,
        what: `dataset "${at}" has no column "${name}"`,
        expected: known.join(", "),
        ...(nearest && { fix: `did you mean "${nearest}"?` }),
      } as const;
    }),
    ...taken.map(({ name }) => {
      const what = `column "${name}" of dataset "${at}" has the name of an answer`;
      return {
        code: "scoring-column",
        at,
        what,
        fix: "leave it out of --columns, or rename it where it is defined",
      } as const;
    }),
  ];
  if (problems.length > 0) throw new StewardError(problems);
  return columns.filter(({ name }) => wanted.has(name));
}

/** What a model answers a row with, as columns. A row that it has no finite answer for, or that it refuses, has none. */
export function listAnswers({ task, classes = [] }: Answering): readonly ColumnSpec[] {
  const known = "0 seconds";
  const column = (name: string, type: ColumnSpec["type"], description: string): ColumnSpec => {
    return { name, type, nullable: true, known, description };
  };
  const by = { ...column(scoredNames.by, "string", "the digest of the model package that answered"), nullable: false };
  switch (task) {
    case "regression":
      return [column(scoredNames.value, "number", "what the model answers"), by];
    case "binary":
      return [
        column(scoredNames.probability, "number", "the probability that the label is true"),
        column(scoredNames.label, "boolean", "whether that is 0.5 or more"),
        by,
      ];
    case "multiclass":
      return [
        {
          ...column(scoredNames.probabilities, "vector", `the probabilities of ${classes.join(", ")}`),
          length: classes.length,
        },
        column(scoredNames.label, "string", "the most probable class"),
        by,
      ];
  }
}

/** The table of answers, row by row: a number for each class, or one, called so. No feature beside it has such a name. */
export function answerColumn(place: number): string {
  return `__answer_${place}`;
}

/** SQL of what is written of a row: of the dataset's columns under `__slice_…`, and of its answers. */
export function selectScored(
  kept: readonly ColumnSpec[],
  modelPackage: Answering & { readonly digest: string },
): readonly string[] {
  return [...kept.map(selectKept), ...selectAnswers(modelPackage)];
}

function selectKept({ name, type }: ColumnSpec): string {
  const column = quoteName(reservedColumns.slicePrefix + name);
  // Features are computed from DOUBLEs, which hold every whole number that a dataset may have.
  return `${type === "integer" ? `CAST(${column} AS BIGINT)` : column} AS ${quoteName(name)}`;
}

function selectAnswers({ task, classes = [], digest }: Answering & { readonly digest: string }): readonly string[] {
  const by = `${quoteText(digest)} AS ${quoteName(scoredNames.by)}`;
  const [first] = [answerColumn(0)];
  switch (task) {
    case "regression":
      return [`${first} AS ${quoteName(scoredNames.value)}`, by];
    case "binary":
      return [
        `${first} AS ${quoteName(scoredNames.probability)}`,
        `${first} >= 0.5 AS ${quoteName(scoredNames.label)}`,
        by,
      ];
    case "multiclass": {
      const all = `[${classes.map((_, place) => answerColumn(place)).join(", ")}]`;
      const names = `[${classes.map(quoteText).join(", ")}]`;
      return [
        `CASE WHEN ${first} IS NOT NULL THEN ${all} END AS ${quoteName(scoredNames.probabilities)}`,
        // The first of those that are equal, as a server says it.
        `CASE WHEN ${first} IS NOT NULL THEN ${names}[list_position(${all}, list_max(${all}))] END AS ${quoteName(scoredNames.label)}`,
        by,
      ];
    }
  }
}
