/**
 * Refusals: whether a source is taken in spite of its bad rows, and what is said when it is not.
 * @module
 */
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { DatasetSpec } from "../definitions/spec.ts";

/** How often a rule was broken, with the first rows that did. */
export interface Breach {
  readonly column: string;
  readonly reason: string;
  readonly rows: number;
  /** In the order of the source. `value` is the text of what was there, or nothing for a null. */
  readonly examples: readonly { readonly position: number; readonly value: string | undefined }[];
}

export interface Findings {
  /** Rows of the source. */
  readonly rows: number;
  /** Rows that break at least one rule. */
  readonly broken: number;
  readonly breaches: readonly Breach[];
}

/** The reasons to refuse a source, or nothing when it is taken. */
export function judgeFindings(
  spec: DatasetSpec,
  { rows, broken, breaches }: Findings,
  file: string,
): StewardError | undefined {
  const { violations, tolerance } = spec.contract;
  if (rows === broken)
    return new StewardError([describeEmpty(spec, { rows, file }), ...describeBreaches(spec, breaches)]);
  const allowed = violations === "reject" ? 0 : tolerance;
  if (broken / rows <= allowed) return undefined;
  const limit =
    violations === "reject"
      ? 'no row, as "violations" is "reject"'
      : `at most ${showShare(tolerance)}, the "tolerance"`;
  const summary: Problem = {
    code: "contract-broken",
    at: `${spec.name}.contract`,
    file,
    what: `${showCount(broken)} of ${showCount(rows)} rows break the contract`,
    got: showShare(broken / rows),
    expected: limit,
    fix: "mend the source; or change the schema where it is too strict, or the contract",
  };
  return new StewardError([summary, ...describeBreaches(spec, breaches)]);
}

function describeEmpty(spec: DatasetSpec, { rows, file }: { rows: number; file: string }): Problem {
  return {
    code: "source-empty",
    at: `${spec.name}.source`,
    file,
    what:
      rows === 0 ? "The source has no rows" : `None of the ${showCount(rows)} rows of the source keeps the contract`,
    fix: rows === 0 ? "look at what writes it" : "compare the schema with the source: their types or units may differ",
  };
}

function describeBreaches(spec: DatasetSpec, breaches: readonly Breach[]): Problem[] {
  return breaches.map(({ column, reason, rows, examples }) => ({
    code: "contract-broken",
    at: `${spec.name}.columns.${column}`,
    what: `"${column}" ${reason} in ${showCount(rows)} ${rows === 1 ? "row" : "rows"}`,
    got: examples.map(({ position, value }) => `${showValue(value)} in row ${showCount(position)}`).join(", "),
  }));
}

function showValue(value: string | undefined): string {
  if (value === undefined) return "null";
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}

function showCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** Three significant digits, so that one bad row in millions is not shown as none. */
function showShare(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
