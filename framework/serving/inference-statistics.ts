/**
 * How often a model has answered, and how long that took, since the process began.
 * @module
 */

/** How often something happened, and its time in nanoseconds. */
export interface Duration {
  count: number;
  ns: number;
}

export class InferenceStatistics {
  /** Rows that were answered. */
  rows = 0;
  /** How often the model was run. */
  runs = 0;
  /** When it answered last, in milliseconds since 1970; 0 before it did. */
  last = 0;
  readonly success: Duration = { count: 0, ns: 0 };
  readonly fail: Duration = { count: 0, ns: 0 };
  readonly compute: Duration = { count: 0, ns: 0 };

  /** An answer. @param times in milliseconds: in all, and of the model alone */
  addSuccess(rows: number, times: { readonly total: number; readonly compute: number }): void {
    this.rows += rows;
    this.runs++;
    this.last = Date.now();
    add(this.success, times.total);
    add(this.compute, times.compute);
  }

  /** A request that was refused or failed. @param total in milliseconds */
  addFailure(total: number): void {
    add(this.fail, total);
  }
}

function add(duration: Duration, milliseconds: number): void {
  duration.count++;
  duration.ns += Math.round(milliseconds * 1e6);
}
