/**
 * The classes of a label that is a text: what the schema says that it may be, in the schema's order.
 * @module
 */
import { listColumns } from "./column.ts";
import type { Dataset } from "./dataset.ts";
import { listReads } from "./expression-kind.ts";
import type { ExpressionTree } from "./expression-tree.ts";
import type { UnplacedReport } from "./report.ts";
import { describeValue } from "./value-text.ts";

/** The most classes of a label: each is a number of every answer. */
const mostClasses = 1_000;

/** The values that a text can have. @returns nothing where it could be any text */
export function findClasses(tree: ExpressionTree, from: Pick<Dataset, "schema">): readonly string[] | undefined {
  switch (tree.op) {
    case "column":
      return listColumns(from.schema).find(({ name }) => name === tree.name)?.values;
    case "literal":
      return [String(tree.value)];
    case "map": {
      const { cases, otherwise } = tree;
      return distinct([
        ...cases.map(({ gives }) => String(gives)),
        ...(otherwise === undefined ? [] : [String(otherwise)]),
      ]);
    }
    case "when":
      return join(findClasses(tree.value, from), findClasses(tree.otherwise, from));
    case "orElse":
      return join(findClasses(tree.left, from), findClasses(tree.right, from));
    default:
      return undefined;
  }
}

function join(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined {
  return a && b && distinct([...a, ...b]);
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

/** Reports a label that could be any text, one with a single class, and one with more than a model answers. */
export function reportClasses(
  tree: ExpressionTree,
  from: Pick<Dataset, "name" | "schema">,
  report: UnplacedReport,
): void {
  const classes = findClasses(tree, from);
  const code = "label-invalid";
  if (!classes) {
    const [column] = listReads(tree).map((read) => read.column);
    const where = column === undefined ? "the column that it reads" : `${from.name}.schema.${column}`;
    report({
      code,
      what: '"label" is a text that may be anything, and a model answers with one of the classes that it knows',
      expected: "a text of z.enum([…]), a boolean or a number",
      fix: `write z.enum(["…", "…"]) for ${where}, with every class that there is, or compare it: row.${column ?? "column"}.eq("…")`,
    });
  } else if (classes.length < 2) {
    const got = classes.map(describeValue).join(", ") || "none";
    report({ code, what: '"label" has no two classes to choose between', got, expected: "two values at least" });
  } else if (classes.length > mostClasses) {
    const expected = `at most ${mostClasses}`;
    report({ code, what: '"label" has more classes than a model answers', got: `${classes.length}`, expected });
  }
}
