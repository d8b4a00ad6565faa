/**
 * The kind of an expression's value, found from its tree and the columns it is written against; and what the tree reads.
 * @module
 */

import { listColumns } from "./column.ts";
import type { Dataset } from "./dataset.ts";
import { type ExpressionTree, type MapTree, operandsOf, type WindowTree } from "./expression-tree.ts";
import type { Problem } from "./problem.ts";
import type { Report } from "./report.ts";
import { durationPattern, toSeconds } from "./units.ts";

export type ValueKind = "number" | "boolean" | "string" | "timestamp" | "category" | "vector";

/** What an expression is written against, and where problems with it are. */
export interface ExpressionScope {
  readonly dataset: Pick<Dataset, "name" | "schema">;
  readonly at: string;
  readonly report: Report;
}

interface Signature {
  readonly takes: readonly ValueKind[];
  /** `"same"` is the kind of the operands. */
  readonly gives: ValueKind | "same";
}

const arithmetic: Signature = { takes: ["number"], gives: "number" };
const comparison: Signature = { takes: ["number", "timestamp"], gives: "boolean" };
const equality: Signature = { takes: ["number", "string", "boolean"], gives: "boolean" };
const logic: Signature = { takes: ["boolean"], gives: "boolean" };
const ofTime: Signature = { takes: ["timestamp"], gives: "number" };
const ofText: Signature = { takes: ["string"], gives: "string" };
const textTest: Signature = { takes: ["string"], gives: "boolean" };
const ofVector: Signature = { takes: ["vector"], gives: "number" };
const anything: readonly ValueKind[] = ["number", "string", "boolean", "timestamp"];

/** All operands are of one kind; those of `when` are what it chooses from. */
const signatures: Readonly<Record<Exclude<ExpressionTree["op"], "column" | "literal" | "window">, Signature>> = {
  add: arithmetic,
  subtract: arithmetic,
  multiply: arithmetic,
  divide: arithmetic,
  modulo: arithmetic,
  power: arithmetic,
  least: arithmetic,
  greatest: arithmetic,
  gt: comparison,
  gte: comparison,
  lt: comparison,
  lte: comparison,
  eq: equality,
  ne: equality,
  and: logic,
  or: logic,
  not: logic,
  negate: arithmetic,
  abs: arithmetic,
  sqrt: arithmetic,
  exp: arithmetic,
  log: arithmetic,
  log1p: arithmetic,
  sin: arithmetic,
  cos: arithmetic,
  round: arithmetic,
  floor: arithmetic,
  ceil: arithmetic,
  clip: arithmetic,
  bucket: arithmetic,
  second: ofTime,
  minute: ofTime,
  hour: ofTime,
  dayOfWeek: ofTime,
  isWeekend: { ...ofTime, gives: "boolean" },
  dayOfMonth: ofTime,
  dayOfYear: ofTime,
  weekOfYear: ofTime,
  month: ofTime,
  quarter: ofTime,
  year: ofTime,
  secondsSince: ofTime,
  lower: ofText,
  upper: ofText,
  trim: ofText,
  slice: ofText,
  concat: ofText,
  // What it gives, its table says.
  map: ofText,
  startsWith: textTest,
  endsWith: textTest,
  contains: textTest,
  length: { takes: ["string"], gives: "number" },
  hash: { takes: ["string"], gives: "number" },
  category: { takes: ["string"], gives: "category" },
  at: ofVector,
  dot: ofVector,
  cosine: ofVector,
  norm: ofVector,
  isNull: { takes: [...anything, "vector"], gives: "boolean" },
  orElse: { takes: anything, gives: "same" },
  when: { takes: anything, gives: "same" },
};

/** The kind of the tree's value; undefined when a problem was reported. */
export function findKind(tree: ExpressionTree, scope: ExpressionScope): ValueKind | undefined {
  switch (tree.op) {
    case "column":
      return findColumnKind(tree.name, scope);
    case "literal": {
      const kind = typeof tree.value;
      if (kind === "number" || kind === "string" || kind === "boolean") return kind;
      return refuse(scope, "a constant is not a number, a string or a boolean", { got: `a value of type ${kind}` });
    }
    case "window":
      return findWindowKind(tree, scope);
    case "when": {
      const { condition, value, otherwise } = tree;
      const isRight = check({ op: "when", ...logic }, [findKind(condition, scope)], scope) !== undefined;
      const kind = check(
        { op: "when", ...signatures.when },
        [findKind(value, scope), findKind(otherwise, scope)],
        scope,
      );
      return isRight ? kind : undefined;
    }
    default: {
      const problem = findConstantProblem(tree);
      if (problem) return refuse(scope, ...problem);
      const signature = { op: tree.op, ...signatures[tree.op] };
      const kind = check(
        signature,
        operandsOf(tree).map((operand) => findKind(operand, scope)),
        scope,
      );
      if (kind && ofVectors.has(tree.op)) return findLengthProblem(tree, scope) ? undefined : kind;
      return kind && tree.op === "map" ? kindOfMap(tree) : kind;
    }
  }
}

const ofVectors: ReadonlySet<string> = new Set(["at", "dot", "cosine"]);

/** Reports vectors that differ in length, and a place that a vector does not have. */
function findLengthProblem(tree: ExpressionTree, scope: ExpressionScope): boolean {
  const [length = 0, other = length] = operandsOf(tree).map((operand) => findLength(operand, scope));
  if (tree.op === "at") {
    if (Number.isInteger(tree.index) && tree.index >= 0 && tree.index < length) return false;
    const expected = `a whole number from 0 to ${length - 1}`;
    refuse(scope, '"at" is given no place of the vector', { got: `${tree.index}`, expected });
    return true;
  }
  if (length === other) return false;
  refuse(scope, `"${tree.op}" takes vectors of one length`, { got: `${length} and ${other} numbers` });
  return true;
}

/** How many numbers a vector has: nothing makes vectors but columns. */
export function findLength(tree: ExpressionTree, { dataset }: Pick<ExpressionScope, "dataset">): number | undefined {
  if (tree.op !== "column") return undefined;
  return listColumns(dataset.schema).find(({ name }) => name === tree.name)?.length;
}

/** The kind of a tree that has been found right, by the kinds of the columns. */
export function kindOf(tree: ExpressionTree, kindOfColumn: (name: string) => ValueKind): ValueKind {
  switch (tree.op) {
    case "column":
      return kindOfColumn(tree.name);
    case "literal":
      return typeof tree.value as "number" | "string" | "boolean";
    case "window":
      return tree.aggregate === "last" ? kindOf(tree.of, kindOfColumn) : "number";
    case "map":
      return kindOfMap(tree);
    default: {
      const { gives } = signatures[tree.op];
      if (gives !== "same") return gives;
      return kindOf(tree.op === "when" ? tree.value : (operandsOf(tree)[0] ?? tree), kindOfColumn);
    }
  }
}

function kindOfMap({ cases, otherwise }: MapTree): ValueKind {
  return typeof (cases[0]?.gives ?? otherwise) === "number" ? "number" : "string";
}

type Refusal = readonly [what: string, seen: Partial<Pick<Problem, "got" | "expected">>];

/** What is wrong with the constants of an operator. */
function findConstantProblem(tree: ExpressionTree): Refusal | undefined {
  switch (tree.op) {
    case "clip":
      if (tree.low <= tree.high) return undefined;
      return ['"clip" has its bounds the wrong way round', { got: `${tree.low} and ${tree.high}` }];
    case "bucket":
      if (tree.bounds.length > 0 && tree.bounds.every((bound, i) => i === 0 || (tree.bounds[i - 1] ?? bound) < bound))
        return undefined;
      return [
        'the bounds of "bucket" do not ascend',
        { got: tree.bounds.join(", ") || "none", expected: "18, 30, 65" },
      ];
    case "slice": {
      const { from, to = from } = tree;
      if (Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && to >= from) return undefined;
      const got = tree.to === undefined ? `${from}` : `${from} and ${to}`;
      return ['"slice" is given no places of a text', { got, expected: "whole numbers, from 0, that do not descend" }];
    }
    case "hash":
      if (Number.isInteger(tree.buckets) && tree.buckets >= 1 && tree.buckets <= mostBuckets) return undefined;
      return ['"hash" is given no number of buckets', { got: `${tree.buckets}`, expected: `1 to ${mostBuckets}` }];
    case "map": {
      const kinds = new Set([...tree.cases.map(({ gives }) => typeof gives), ...listOtherwise(tree)]);
      if (tree.cases.length > 0 && kinds.size === 1) return undefined;
      const got = tree.cases.length > 0 ? [...kinds].join(" and ") : "an empty table";
      return ['the table of "map" has no values of one kind', { got, expected: "numbers alone, or texts alone" }];
    }
    default:
      return undefined;
  }
}

/** Few enough that 32 bits fill them evenly. */
const mostBuckets = 1_000_000;

function listOtherwise({ otherwise }: MapTree): readonly string[] {
  return otherwise === undefined ? [] : [typeof otherwise];
}

/** A column that a tree reads: of the row itself (no lag), or of past rows up to `lag` before it. */
export interface Read {
  readonly column: string;
  readonly lag?: string;
}

/** What a tree reads, in the order in which it is written. */
export function listReads(tree: ExpressionTree, lag?: string): Read[] {
  switch (tree.op) {
    case "column":
      return [{ column: tree.name, ...(lag !== undefined && { lag }) }];
    case "window":
      return [...listReads(tree.of, tree.lag), ...tree.by.flatMap((by) => listReads(by, lag))];
    default:
      return operandsOf(tree).flatMap((operand) => listReads(operand, lag));
  }
}

function findColumnKind(name: string, { dataset, at, report }: ExpressionScope): ValueKind | undefined {
  const column = listColumns(dataset.schema).find((one) => one.name === name);
  if (column) return column.type === "integer" ? "number" : column.type;
  const names = Object.keys(dataset.schema.shape);
  // A column that exists but cannot be described is reported with its dataset.
  if (!names.includes(name)) {
    report({
      code: "column-unknown",
      at,
      what: `dataset "${dataset.name}" has no column "${name}"`,
      expected: names.join(", "),
    });
  }
  return undefined;
}

function findWindowKind(tree: WindowTree, scope: ExpressionScope): ValueKind | undefined {
  const { aggregate, of, by, over } = tree;
  if ([of, ...by].some(holdsWindow)) return refuse(scope, `"${aggregate}" aggregates what is itself an aggregate`);
  if (durationPattern.test(over) && toSeconds(over) <= 0)
    return refuse(scope, `"over" of "${aggregate}" is empty`, { got: over });
  if (by.some(({ op }) => op === "literal"))
    return refuse(scope, `"by" of "${aggregate}" takes values of the row, no constant`);
  const entity = by.map((one) => findKind(one, scope));
  if (entity.includes("category"))
    return refuse(scope, `"by" of "${aggregate}" takes the column itself, not its category()`);
  const kind = findKind(of, scope);
  if (kind === "vector" || entity.includes("vector"))
    return refuse(scope, `"${aggregate}" takes no vector`, { expected: "one of its numbers, as with .at(0)" });
  if (kind === undefined || entity.includes(undefined)) return undefined;
  if (aggregate === "count" || aggregate === "distinct") return "number";
  return aggregate === "last" && kind !== "category" ? kind : check({ op: aggregate, ...arithmetic }, [kind], scope);
}

export function holdsWindow(tree: ExpressionTree): boolean {
  if (tree.op === "window") return true;
  return operandsOf(tree).some(holdsWindow);
}

interface Operation extends Signature {
  readonly op: string;
}

function check(
  { op, takes, gives }: Operation,
  [first, ...rest]: readonly (ValueKind | undefined)[],
  scope: ExpressionScope,
): ValueKind | undefined {
  if (first === undefined || rest.includes(undefined)) return undefined;
  if (takes.includes(first) && rest.every((kind) => kind === first)) return gives === "same" ? first : gives;
  return refuse(scope, `"${op}" does not take these values`, {
    got: [first, ...rest].join(" and "),
    expected: takes.join(" or "),
  });
}

function refuse(
  { at, report }: ExpressionScope,
  what: string,
  seen: Partial<Pick<Problem, "got" | "expected">> = {},
): undefined {
  report({ code: "expression-invalid", at, what, ...seen });
}
