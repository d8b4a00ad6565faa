/**
 * The metrics of a cohort, with their intervals: as an evaluation has them, on what was answered and what came of it.
 * @module
 */
import type { Task } from "../definitions/metric.ts";
import { readMetricName } from "../definitions/metric-name.ts";
import { measure } from "../evaluation/bootstrap.ts";
import type { Measurement } from "../evaluation/evaluation.ts";
import type { Sample } from "../evaluation/metrics.ts";
import type { Cohort } from "./cohorts.ts";

export interface MeasureTerms {
  readonly task: Task;
  /** The names of metrics. */
  readonly metrics: readonly string[];
  /** The classes of the package that answered, in the order of its numbers. @default it answers with none of several */
  readonly classes?: readonly string[] | undefined;
  /** How often rows are drawn again for the intervals; 0 for none, which are then as wide as nothing. @default 200 */
  readonly replicates?: number;
  /** Ends it early with its reason. @default it runs to its end */
  readonly signal?: AbortSignal | undefined;
}

/** What is measured of a cohort. */
export interface Measured {
  /** Those that are defined on its rows, in the order in which they were asked for. */
  readonly metrics: readonly Measurement[];
  /** Labelled rows that were left out: their label is no class of the version that answered. */
  readonly strange: number;
}

/** The metrics that can be measured on answers alone: not those of groups of examples, nor beside a naive forecast. */
export function listMeasurable(metrics: readonly string[]): readonly string[] {
  return metrics.filter((name) => ["top-accuracy", undefined].includes(readMetricName(name)?.kind));
}

/** Measures the labelled rows of a cohort that matured. */
export async function measureCohort({ rows }: Pick<Cohort, "rows">, terms: MeasureTerms): Promise<Measured> {
  const { sample, strange } = toSample(rows, terms);
  if (sample.labels.length === 0) return { metrics: [], strange };
  const questions = listMeasurable(terms.metrics).map((metric) => ({ metric, ...sample }));
  const { replicates, signal } = terms;
  const options = { ...(replicates !== undefined && { replicates }), ...(signal && { signal }) };
  const found = await measure(questions, options);
  return { metrics: found.flatMap((one) => one ?? []), strange };
}

function toSample(
  { labels, predictions, width, texts, odd }: Cohort["rows"],
  { task, classes = [] }: MeasureTerms,
): { readonly sample: Sample; readonly strange: number } {
  const places = texts.map((text) => classes.indexOf(text));
  const sample = { labels: new Float64Array(labels.length), predictions: new Float64Array(predictions.length), width };
  // A version that is no longer there has no classes that a label could be one of.
  const isAnswered = width === (task === "multiclass" ? classes.length : 1);
  let count = 0;
  for (const [i, label] of isAnswered ? labels.entries() : []) {
    const value = task === "multiclass" ? (places[label] ?? -1) : label;
    if (task === "multiclass" && value < 0) continue;
    sample.labels[count] = value;
    for (let k = 0; k < width; k++) sample.predictions[count * width + k] = predictions[i * width + k] ?? Number.NaN;
    count++;
  }
  return {
    sample: {
      labels: sample.labels.subarray(0, count),
      predictions: sample.predictions.subarray(0, count * width),
      width,
    },
    strange: labels.length + odd - count,
  };
}
