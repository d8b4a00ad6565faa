/**
 * The refusal of a typed request: all that is wrong with its columns.
 * @module
 */
import { Refusal } from "../../http/refusal.ts";

/** What is wrong with one column of one row of a typed request. */
export interface ColumnProblem {
  /** The row in the list that was sent, from 0. @default one row was sent */
  readonly row?: number;
  readonly column: string;
  readonly what: string;
  /** @default there is nothing to be told */
  readonly got?: string;
  /** @default there is nothing to be told */
  readonly expected?: string;
}

/** The refusal of a typed request: all that is wrong with its columns. */
export class RefusedColumns extends Refusal {
  readonly problems: readonly ColumnProblem[];

  /** @param left how many more there are than are told */
  constructor(problems: readonly ColumnProblem[], left: number) {
    const told = problems.map(({ row, column, what, got, expected }) => {
      const place = row === undefined ? `"${column}"` : `row ${row}, "${column}"`;
      const seen = [got && `got ${got}`, expected && `expected ${expected}`].filter(Boolean).join(", ");
      return `${place}: ${what}${seen ? ` (${seen})` : ""}`;
    });
    super(400, [...told, ...(left > 0 ? [`and ${left} more`] : [])].join("; "));
    this.problems = problems;
  }
}
