/**
 * The windows that expressions have, each once.
 * @module
 */
import { type ExpressionTree, operandsOf, type WindowTree } from "../definitions/expression-tree.ts";
import { toCanonicalJson } from "../plan/canonical.ts";

/** The different windows in expressions, by their canonical text, in the order in which they are written. */
export function listWindows(trees: readonly ExpressionTree[]): ReadonlyMap<string, WindowTree> {
  return new Map(trees.flatMap(listAll).map((tree) => [toCanonicalJson(tree), tree]));
}

function listAll(tree: ExpressionTree): readonly WindowTree[] {
  return tree.op === "window" ? [tree] : operandsOf(tree).flatMap(listAll);
}
