/**
 * The refusal of labels: all that is wrong with them. None of the labels of such a request counts.
 * @module
 */
import { Refusal } from "../../http/refusal.ts";

/** What is wrong with one field of one label. */
export interface LabelProblem {
  /** The label in the list that was sent, from 0. @default one label was sent */
  readonly item?: number;
  readonly field: string;
  readonly what: string;
  /** @default there is nothing to be told */
  readonly got?: string;
  /** @default there is nothing to be told */
  readonly expected?: string;
}

/** The most problems one refusal lists. */
const mostProblems = 20;

/** The refusal of a request for its labels. */
export class RefusedLabels extends Refusal {
  /** As many as are told. */
  readonly problems: readonly LabelProblem[];

  constructor(problems: readonly LabelProblem[]) {
    const told = problems.slice(0, mostProblems);
    const left = problems.length - told.length;
    super(422, [...told.map(describeLabelProblem), ...(left > 0 ? [`and ${left} more`] : [])].join("; "));
    this.problems = told;
  }
}

/** `item 3, "label": the value does not fit (got "yes", expected true or false)`. */
export function describeLabelProblem({ item, field, what, got, expected }: LabelProblem): string {
  const place = [item !== undefined && `item ${item}`, field !== "" && `"${field}"`].filter(Boolean).join(", ");
  const seen = [got !== undefined && `got ${got}`, expected !== undefined && `expected ${expected}`]
    .filter(Boolean)
    .join(", ");
  return `${place === "" ? "" : `${place}: `}${what}${seen === "" ? "" : ` (${seen})`}`;
}
