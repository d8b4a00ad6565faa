/**
 * What one row adds to a metric: a numerator and a denominator, of which sums over rows make the metric. They are those of
 * `framework/evaluation/`, one row at a time. Pure.
 * @module
 */
import { readMetricName } from "../definitions/metric-name.ts";

/** What a model answered to a row, as the typed route says it; probabilities of classes are in the schema's order. */
export interface RowAnswer {
  /** The probability of a boolean label. @default it is none */
  readonly probability?: number;
  /** @default the label is none of several classes */
  readonly probabilities?: Readonly<Record<string, number>>;
  /** The most probable class, or whether the probability is 0.5 or more. @default the label is a number */
  readonly label?: boolean | string;
  /** The number that was answered. @default the label is none */
  readonly value?: number;
}

export type RowLabel = boolean | number | string;

export type RowMeasure = readonly [numerator: number, denominator: number];

/** The measure of a row. @returns nothing where the metric is not of single rows, or the answer is of another task */
export function measureRow(metric: string, answer: RowAnswer, label: RowLabel): RowMeasure | undefined {
  const [told, truth] = [readMetricName(metric), Number(label)];
  if (metric === "label") return Number.isNaN(truth) ? undefined : [truth, 1];
  if (told?.kind === "top-accuracy") return mean(rankOf(answer, label), (rank) => (rank < (told.k ?? 1) ? 1 : 0));
  switch (metric) {
    case "accuracy":
      return mean(answer.label, (said) => (said === label ? 1 : 0));
    case "precision":
      return typeof answer.label === "boolean" ? count(answer.label && label === true, answer.label) : undefined;
    case "recall":
      return typeof answer.label === "boolean" ? count(answer.label && label === true, label === true) : undefined;
    case "log-loss":
      return mean(probabilityOf(answer, label), (p) => -Math.log(Math.min(Math.max(p, 1e-15), 1 - 1e-15)));
    case "brier":
      return mean(answer.probability, (p) => (p - truth) ** 2);
    case "mae":
      return mean(answer.value, (value) => Math.abs(value - truth));
    case "mape":
      return mean(answer.value, (value) => Math.abs(value - truth) / Math.max(Math.abs(truth), Number.EPSILON));
    case "smape":
      return mean(answer.value, (value) => symmetric(value, truth));
    case "weighted-percentage-error":
      return answer.value === undefined ? undefined : [Math.abs(answer.value - truth), Math.abs(truth)];
    default:
      return undefined;
  }
}

function mean<T>(value: T | undefined, measure: (value: T) => number): RowMeasure | undefined {
  return value === undefined ? undefined : [measure(value), 1];
}

function count(hit: boolean, counts: boolean): RowMeasure {
  return [hit ? 1 : 0, counts ? 1 : 0];
}

/** The probability that the answer gave to what came true. */
function probabilityOf({ probability, probabilities }: RowAnswer, label: RowLabel): number | undefined {
  if (probability !== undefined) return label === true ? probability : 1 - probability;
  return probabilities && Object.hasOwn(probabilities, String(label)) ? probabilities[String(label)] : undefined;
}

/** How many classes count as more probable: of equally probable ones the last in the schema's order does. */
function rankOf({ probabilities }: RowAnswer, label: RowLabel): number | undefined {
  const classes = Object.entries(probabilities ?? {});
  const at = classes.findIndex(([name]) => name === label);
  const own = classes[at]?.[1];
  if (own === undefined) return undefined;
  return classes.filter(([, other], i) => other > own || (other === own && i > at)).length;
}

function symmetric(value: number, truth: number): number {
  const size = Math.abs(value) + Math.abs(truth);
  return size === 0 ? 0 : (2 * Math.abs(value - truth)) / size;
}
