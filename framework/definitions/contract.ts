/**
 * Contracts: what the rows of a dataset must be beyond their schema, and what happens to those that are not.
 * @module
 */
import { listColumns, reportVectors } from "./column.ts";
import type { Dataset } from "./dataset.ts";
import type { Expression, ExpressionOf } from "./expression.ts";
import { findKind, holdsWindow } from "./expression-kind.ts";
import type { ExpressionTree } from "./expression-tree.ts";
import type { inferred } from "./inferred.ts";
import { isRecord, readFields } from "./plain.ts";
import type { Report } from "./report.ts";
import { formatPath } from "./shape-problem.ts";
import type { DatasetSpec } from "./spec.ts";
import type { Duration } from "./units.ts";
import { describeValue } from "./value-text.ts";
import { readExpressions } from "./written.ts";

/** What the rows of a dataset must be beyond their schema, and what happens to those that are not. */
export interface Contract<V = Record<string, unknown>> {
  /**
   * What happens to a row that breaks the schema, `unique` or one of the `rules`: `reject` refuses the ingest when any
   * row does, `quarantine` sets the rows apart with their reasons, `accept` keeps them as far as their values are of the
   * columns' types, and asks nothing more of them.
   * @example "quarantine"
   */
  readonly violations: "reject" | "quarantine" | "accept";
  /**
   * The largest share of rows, 0 to 1, that may break the contract before the ingest is refused. 0 where `violations` is
   * `reject`.
   * @default 0
   * @example 0.01
   */
  readonly tolerance?: number;
  /**
   * Columns whose values together no two rows have. Of the rows of one file that repeat each other the first in the file
   * keeps the rule, whatever else is wrong with it, and the later ones break it. A row that is in another file of the
   * source already refuses the ingest. Rows with a null in one of the columns are compared with none, as in SQL.
   * @default [] — rows may repeat
   * @example ["flight", "date"]
   */
  readonly unique?: readonly (keyof V & string)[];
  /**
   * Rules over several values of a row, by what must hold: each is true of a row that keeps it, and a row is told by the
   * rule's name when it does not. A rule that comes to null, since a value is missing, is kept, as a CHECK in SQL is. A
   * name has 1 to 80 characters. A window is no part of a rule.
   * @default {} — there are none
   * @example (row) => ({ "arrives after it leaves": row.arrival.gt(row.departure) })
   */
  readonly rules?: (row: ContractRow<V>) => Readonly<Record<string, Expression<boolean, string>>>;
  /**
   * How many rows an ingest may take in, over all files of the source, counted after bad ones are set apart.
   * @default {} — one at least
   * @example { min: 100_000, max: 5_000_000 }
   */
  readonly rows?: RowBand;
  /**
   * How old the newest event that an ingest takes in may be at that moment. It is judged when the source is taken in, and
   * again when this option changes; a source that never changes grows older without a new ingest, which monitoring tells,
   * not the contract.
   * @default it may be of any age
   * @example "2 days"
   */
  readonly freshness?: Duration;
  /**
   * What may become of the source's columns. Left out: a file lacks no column of the schema, and columns of its own are
   * not read. `freeze`: it has no others either. `add-columns`: a file may lack columns that are optional or nullable,
   * as the older files of a growing schema do, and is read with nulls there. A column of another type is always refused.
   * @default a file lacks no column, and may have more
   * @example "add-columns"
   */
  readonly evolution?: "freeze" | "add-columns";
}

/** How many rows: one of the bounds at least is given. */
export interface RowBand {
  /**
   * The fewest rows. A whole number, not above `max`.
   * @default 1
   * @example 100_000
   */
  readonly min?: number;
  /**
   * The most rows. A whole number from 1.
   * @default any number
   * @example 5_000_000
   */
  readonly max?: number;
}

/** The row that rules are written against: the values of the row alone, for a rule sees no other. */
export type ContractRow<V> = { readonly [C in keyof V & string]-?: ExpressionOf<V[C] & {}, C> };

/** A contract with its rules as data: what a dataset has, and what a patch may take over from it and change. */
export interface RecordedContract extends Omit<Contract, "rules"> {
  /**
   * The rules as they were recorded: those of the dataset, `...flights.contract`.
   * @default [] — there are none
   * @example flights.contract.rules
   */
  readonly rules?: readonly ContractRule[];
}

/** A rule as data, as a dataset records it of the function that was given. */
export interface ContractRule {
  /** What must hold, in words. */
  readonly name: string;
  /** True of a row that keeps the rule. */
  readonly expression: ExpressionTree;
  /** Never set: nobody writes a rule as data. */
  readonly [inferred]?: never;
}

/** Reads a contract as it was given, its rules recorded. What is none stays as it is, for the check of the shape. */
export function recordContract(given: unknown): RecordedContract {
  const write = readRules(given);
  if (write === undefined) return given as RecordedContract;
  const rules: unknown = readExpressions(write);
  const recorded = isRecord(rules) ? Object.entries(rules).map(([name, expression]) => ({ name, expression })) : rules;
  return { ...readFields(given as object), rules: recorded } as unknown as RecordedContract;
}

/** The function that writes the rules of a contract; undefined of what has none, or is no plain object, or cannot be read. */
function readRules(given: unknown): unknown {
  try {
    if (!isRecord(given) || ![Object.prototype, null].includes(Object.getPrototypeOf(given) as object))
      return undefined;
    return typeof given["rules"] === "function" ? given["rules"] : undefined;
  } catch {
    return undefined;
  }
}

const longestName = 80;

/** The spec of a contract, which has only what the author wrote. Reports what no row could keep and what names nothing. */
export function specifyContract(dataset: Dataset, report: Report): DatasetSpec["contract"] {
  const { violations, tolerance = 0, unique = [], rules = [], rows = {}, freshness, evolution } = dataset.contract;
  const at = `${dataset.name}.contract`;
  if (violations === "reject" && tolerance > 0) {
    report({
      code: "definition-invalid",
      at: `${at}.tolerance`,
      what: '"tolerance" has no effect where "violations" is "reject"',
      got: String(tolerance),
      expected: '0, or "violations" of "quarantine" or "accept"',
    });
  }
  reportIdle(dataset.contract, at, report);
  const names = Object.keys(dataset.schema.shape);
  for (const [i, column] of unique.entries()) {
    if (names.includes(column)) continue;
    const what = '"unique" names no column';
    report({ code: "column-unknown", at: `${at}.unique[${i}]`, what, got: column, expected: names.join(", ") });
  }
  reportVectors(listColumns(dataset.schema), { at: `${at}.unique`, option: "unique", names: unique, report });
  const { min, max } = rows;
  if (min !== undefined && max !== undefined && min > max) {
    const got = `min ${min} and max ${max}`;
    report({ code: "definition-invalid", at: `${at}.rows`, what: '"rows" has its bounds the wrong way round', got });
  }
  for (const rule of rules) reportRule(rule, { dataset, at: formatPath(`${at}.rules`, [rule.name]), report });
  return {
    violations,
    tolerance,
    ...(unique.length > 0 && { unique: [...unique] }),
    ...(rules.length > 0 && { rules: [...rules] }),
    ...((min !== undefined || max !== undefined) && { rows }),
    ...(freshness !== undefined && { freshness }),
    ...(evolution !== undefined && { evolution }),
  };
}

/** Reports what is asked of rows that are accepted whatever they are. */
function reportIdle({ violations, unique = [], rules = [] }: RecordedContract, at: string, report: Report): void {
  if (violations !== "accept") return;
  for (const [option, given] of Object.entries({ unique, rules })) {
    if (given.length === 0) continue;
    const what = `"${option}" has no effect where "violations" is "accept"`;
    const expected = '"violations" of "quarantine" or "reject"';
    report({ code: "definition-invalid", at: `${at}.${option}`, what, expected, fix: "change one of the two" });
  }
}

interface RuleScope {
  readonly dataset: Dataset;
  readonly at: string;
  readonly report: Report;
}

function reportRule({ name, expression }: ContractRule, { dataset, at, report }: RuleScope): void {
  if (name.trim() === "" || [...name].length > longestName || name !== name.trim()) {
    const expected = `1 to ${longestName} characters, no space at an end`;
    report({ code: "name-invalid", at, what: "the rule has no valid name", got: describeValue(name), expected });
  }
  if (holdsWindow(expression)) {
    const what = "a rule looks at the values of its row, and not at other rows in a window";
    report({ code: "expression-invalid", at, what, fix: "leave the window out; a feature may have one" });
    return;
  }
  const kind = findKind(expression, { dataset, at, report });
  if (kind === undefined || kind === "boolean") return;
  const what = "a rule is not true or false of a row";
  report({ code: "expression-invalid", at, what, got: kind, expected: "boolean", fix: "compare it, as with .gt(0)" });
}
