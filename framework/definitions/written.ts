/**
 * What a team writes as functions of a row, read so that no builder fails on it: what is wrong is reported when the project
 * is resolved, with everything else.
 * @module
 */
import type { ExpressionTree } from "./expression-tree.ts";
import { copyPlain, isRecord, refuse } from "./plain.ts";
import { createRow } from "./row.ts";
import { describeValue } from "./value-text.ts";

/** The trees of the expressions that a function of the row gives, by their names. */
export function readExpressions(write: unknown): Record<string, ExpressionTree> {
  const written = typeof write === "function" ? write(createRow()) : refuse(describeValue(write));
  // Everything but what the function itself made stays as it is.
  const fields = copyPlain(written, (value) => (value === written ? undefined : value));
  if (Array.isArray(fields)) return refuse(describeValue(fields)) as never;
  if (!isRecord(fields)) return (fields ?? null) as never;
  // For want of braces: its tree is a tree, and no expression under the name "tree".
  if (isRecord(fields["tree"]) && "op" in fields["tree"]) return refuse("one expression without a name") as never;
  return Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, readTree(one)]));
}

/** The tree of the one expression that a function of the row gives. */
export function readExpression(write: unknown): ExpressionTree {
  return readTree(typeof write === "function" ? write(createRow()) : refuse(describeValue(write)));
}

function readTree(expression: unknown): ExpressionTree {
  return (isRecord(expression) && "tree" in expression ? expression["tree"] : (expression ?? null)) as ExpressionTree;
}
