/**
 * A refusal: an answer other than 2xx, with a reason that may be shown to whoever asked.
 * @module
 */

/** Thrown wherever a request cannot be answered. Its message holds no path and no secret: it goes out as it is. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

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
