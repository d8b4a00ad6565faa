/**
 * The kind of an expression's value, found from its tree and the columns it is written against; and what the tree reads.
 * @module
 */

import { listColumns } from "./column.ts";
import type { Dataset } from "./dataset.ts";
import type { BinaryOperator, ExpressionTree, UnaryOperator, WindowTree } from "./expression-tree.ts";
import type { Problem } from "./problem.ts";
import type { Report } from "./report.ts";
import { durationPattern, toSeconds } from "./units.ts";

export type ValueKind = "number" | "boolean" | "string" | "timestamp" | "category";

/** What an expression is written against, and where problems with it are. */
export interface ExpressionScope {
  readonly dataset: Pick<Dataset, "name" | "schema">;
  readonly at: string;
  readonly report: Report;
}

type Signature = { readonly takes: readonly ValueKind[]; readonly gives: ValueKind };

const arithmetic: Signature = { takes: ["number"], gives: "number" };
const comparison: Signature = { takes: ["number"], gives: "boolean" };
const logic: Signature = { takes: ["boolean"], gives: "boolean" };
const ofTime: Signature = { takes: ["timestamp"], gives: "number" };

/** Both operands of a binary operator are of one kind. */
const signatures: Readonly<Record<BinaryOperator | UnaryOperator, Signature>> = {
  add: arithmetic,
  subtract: arithmetic,
  multiply: arithmetic,
  divide: arithmetic,
  gt: comparison,
  gte: comparison,
  lt: comparison,
  lte: comparison,
  eq: { takes: ["number", "string", "boolean"], gives: "boolean" },
  and: logic,
  or: logic,
  not: logic,
  log1p: arithmetic,
  abs: arithmetic,
  hour: ofTime,
  dayOfWeek: ofTime,
  dayOfYear: ofTime,
  month: ofTime,
  year: ofTime,
  category: { takes: ["string"], gives: "category" },
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
    case "clip": {
      if (tree.low > tree.high)
        return refuse(scope, '"clip" has its bounds the wrong way round', { got: `${tree.low} and ${tree.high}` });
      return check({ op: "clip", ...arithmetic }, [findKind(tree.of, scope)], scope);
    }
    case "window":
      return findWindowKind(tree, scope);
    default:
      return check(
        { op: tree.op, ...signatures[tree.op] },
        operandsOf(tree).map((operand) => findKind(operand, scope)),
        scope,
      );
  }
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
    case "literal":
      return [];
    case "window":
      return [...listReads(tree.of, tree.lag), ...tree.by.flatMap((by) => listReads(by, lag))];
    default:
      return operandsOf(tree).flatMap((operand) => listReads(operand, lag));
  }
}

function operandsOf(tree: Exclude<ExpressionTree, { op: "column" | "literal" | "window" }>): readonly ExpressionTree[] {
  return "of" in tree ? [tree.of] : [tree.left, tree.right];
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
  if (kind === undefined || entity.includes(undefined)) return undefined;
  if (aggregate === "count") return "number";
  return aggregate === "last" && kind !== "category" ? kind : check({ op: aggregate, ...arithmetic }, [kind], scope);
}

function holdsWindow(tree: ExpressionTree): boolean {
  if (tree.op === "window") return true;
  return tree.op !== "column" && tree.op !== "literal" && operandsOf(tree).some(holdsWindow);
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
  if (takes.includes(first) && rest.every((kind) => kind === first)) return gives;
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
