/**
 * The rows of an experiment's units from the answers of an endpoint's log, joined with what is known of their labels.
 * @module
 */
import type { ExperimentSpec } from "../definitions/experiment-spec.ts";
import type { Task } from "../definitions/metric.ts";
import type { LabelledRow } from "../feedback/join-labels.ts";
import { measureRow, type RowAnswer, type RowMeasure } from "./row-measure.ts";
import { listLabelMeasures, type UnitRow } from "./summarise-units.ts";

/** How answers are read. */
export interface AnswerTerms {
  readonly task: Task;
  /** The classes of a package, in the order of its numbers. @default it answers with none of several */
  readonly classesOf?: (digest: string) => readonly string[] | undefined;
}

/** What a row of a join says of its unit. @returns nothing for an answer that nobody saw, or that was for nobody in particular */
export function toUnitRow(
  row: LabelledRow,
  experiment: Pick<ExperimentSpec, "metric" | "guardrails">,
  terms: AnswerTerms,
): UnitRow | undefined {
  const { unit, variant, time, isShadow, label } = row;
  if (isShadow || unit === undefined || variant === undefined) return undefined;
  const measures: Record<string, RowMeasure> = {};
  const answer = label === undefined ? undefined : readAnswer(row, terms);
  for (const name of listLabelMeasures(experiment)) {
    const measured = answer && label !== undefined ? measureRow(name, answer, label) : undefined;
    if (measured) measures[name] = measured;
  }
  return { unit, variant, at: time, measures };
}

function readAnswer({ predictions, package: digest }: LabelledRow, { task, classesOf }: AnswerTerms): RowAnswer {
  const [first = Number.NaN] = predictions;
  if (task === "regression") return { value: first };
  if (task === "binary") return { probability: first, label: first >= 0.5 };
  const classes = classesOf?.(digest);
  if (!classes || classes.length !== predictions.length) return {};
  const probabilities = Object.fromEntries(classes.map((name, i) => [name, predictions[i] as number] as const));
  // Of equally probable ones the first is answered.
  const label = classes[predictions.indexOf(Math.max(...predictions))];
  return { probabilities, ...(label !== undefined && { label }) };
}
