/**
 * Refusals: whether a source is taken in spite of its bad rows, and what is said when it is not.
 * @module
 */
import { type Problem, StewardError } from "../definitions/problem.ts";
import { formatPath } from "../definitions/shape-problem.ts";
import type { DatasetSpec } from "../definitions/spec.ts";
import { formatDuration, toSeconds } from "../definitions/units.ts";
import { repeats } from "./contract.ts";

/** How often a rule was broken, with the first rows that did. */
export interface Breach {
  readonly column: string;
  readonly reason: string;
  readonly rows: number;
  /** In the order of the source. */
  readonly examples: readonly Example[];
}

interface Example {
  /** Of the row in its file, from 1. */
  readonly position: number;
  /** The text of what was there, or nothing for a null. */
  readonly value: string | undefined;
  /** The name of its file. @default the source is one file */
  readonly file?: string;
}

export interface Findings {
  /** Rows of the source. */
  readonly rows: number;
  /** Rows that break at least one rule. */
  readonly broken: number;
  readonly breaches: readonly Breach[];
}

/** What an ingest takes in, over all files of its source. */
export interface Whole {
  /** Rows that keep the contract. */
  readonly rows: number;
  /** The newest event time of them, RFC 3339; "" where there are none. */
  readonly to: string;
  /** The moment of the ingest. */
  readonly now: Date;
  /** Where the source is, for the problem. */
  readonly file: string;
}

/** The reasons to refuse a source as a whole: its count of rows and its age; nothing when it is taken. */
export function judgeWhole(spec: DatasetSpec, whole: Whole): StewardError | undefined {
  const problems = [...judgeRows(spec, whole), ...judgeFreshness(spec, whole)];
  return problems.length > 0 ? new StewardError(problems) : undefined;
}

function judgeRows(spec: DatasetSpec, { rows, file }: Whole): Problem[] {
  const { min = 0, max = Number.POSITIVE_INFINITY } = spec.contract.rows ?? {};
  if (rows >= min && rows <= max) return [];
  return [
    {
      code: "contract-broken",
      at: `${spec.name}.contract.rows`,
      file,
      what: `The source has ${rows < min ? "fewer" : "more"} rows that keep the contract than "rows" allows`,
      got: showCount(rows),
      expected: rows < min ? `at least ${showCount(min)}` : `at most ${showCount(max)}`,
      fix: 'look at what writes the source; or change "rows", where the source has really changed its size',
    },
  ];
}

function judgeFreshness(spec: DatasetSpec, { to, now, file }: Whole): Problem[] {
  const { freshness } = spec.contract;
  if (freshness === undefined || to === "") return [];
  const age = (now.getTime() - Date.parse(to)) / 1000;
  if (age <= toSeconds(freshness)) return [];
  return [
    {
      code: "contract-broken",
      at: `${spec.name}.contract.freshness`,
      file,
      what: 'The newest event of the source is older than "freshness" allows',
      got: `${to}, which is ${formatDuration(age)} ago`,
      expected: `at most ${freshness} ago`,
      fix: 'see whether what writes the source has stopped; or lengthen "freshness"',
    },
  ];
}

/** The reasons to refuse a source, or nothing when it is taken. */
export function judgeFindings(
  spec: DatasetSpec,
  { rows, broken, breaches }: Findings,
  file: string,
): StewardError | undefined {
  const { violations, tolerance } = spec.contract;
  // Of a source that was never anything, nothing has been lost: rows are pushed once the dataset is there.
  if (rows === 0 && spec.source.kind === "push") return undefined;
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
  return breaches.map(({ column, reason, rows, examples }) => {
    // A rule of the contract's own is about no column, and its reason is its name.
    const broken = column === "" ? `the rule "${reason}" does not hold` : `"${column}" ${reason}`;
    return {
      code: "contract-broken",
      at: placeRule(spec, { column, reason }),
      what: `${broken} in ${showCount(rows)} ${rows === 1 ? "row" : "rows"}`,
      // What is known of files that are taken over has no examples.
      ...(examples.length > 0 && {
        got: examples.map((example) => showExample(example, spec, column)).join(", "),
      }),
    };
  });
}

function placeRule(spec: DatasetSpec, { column, reason }: Pick<Breach, "column" | "reason">): string {
  if (column === "") return formatPath(`${spec.name}.contract.rules`, [reason]);
  return reason === repeats ? `${spec.name}.contract.unique` : `${spec.name}.columns.${column}`;
}

function showExample({ position, value, file }: Example, { columns }: DatasetSpec, column: string): string {
  // Of several columns each value stands there with its name.
  const shown = columns.some(({ name }) => name === column) ? showValue(value) : `(${value ?? ""})`;
  return `${shown} in row ${showCount(position)}${file === undefined ? "" : ` of ${file}`}`;
}

/** A text as it came, in quotes; a long one is cut. */
export function showValue(value: string | undefined): string {
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
