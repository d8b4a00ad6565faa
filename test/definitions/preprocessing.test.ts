import { describe, expect, it } from "vitest";
import { z } from "zod";
import { StewardError } from "../../framework/definitions/problem.ts";
import { project } from "../../framework/definitions/project.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { parquet } from "../../framework/definitions/source.ts";
import { featuresSpec } from "../../framework/definitions/spec.ts";
import { dataset, features } from "../../framework/index.ts";

const schema = z.object({ at: z.date(), n: z.number(), text: z.string(), flag: z.boolean() });
const rides = dataset("rides", { owner: "o", schema, source: parquet("x.parquet"), eventTime: "at" });
/** The row as somebody sees it who goes around the types. */
// biome-ignore lint/suspicious/noExplicitAny: what the types forbid is tried
type Loose = any;

/** The columns of the set's spec without what every column has. */
function specify(write: (row: Loose) => object) {
  const set = features("x", rides, write as never);
  const [, spec] = resolveProject(project("p", { definitions: [rides, set] }), "local").definitions;
  return featuresSpec.parse(spec).columns;
}

function findProblems(write: (row: Loose) => object): string[] {
  try {
    specify(write);
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    return error.problems.map(
      ({ code, at, what, got = "", expected = "" }) => `${code} ${at}: ${what} | ${got} | ${expected}`,
    );
  }
  return [];
}

const n = { op: "column", name: "n" };
const category = { op: "category", of: { op: "column", name: "text" } };

describe("the preprocessing of a feature", () => {
  it.each<[string, (row: Loose) => object, object, object[] | undefined]>([
    ["a number that is filled", (row) => row.n.imputed("mean"), n, [{ op: "imputed", by: "mean" }]],
    ["a number that is scaled", (row) => row.n.scaled("robust"), n, [{ op: "scaled", by: "robust" }]],
    [
      "both, in their order",
      (row) => row.n.imputed("median").scaled("min-max"),
      n,
      [
        { op: "imputed", by: "median" },
        { op: "scaled", by: "min-max" },
      ],
    ],
    [
      "both, the other way round",
      (row) => row.n.scaled("standard").imputed("most-frequent"),
      n,
      [
        { op: "scaled", by: "standard" },
        { op: "imputed", by: "most-frequent" },
      ],
    ],
    ["a category", (row) => row.text.category(), category, undefined],
    ["a category with its default said", (row) => row.text.category({ unseen: "missing" }), category, undefined],
    ["a category without options", (row) => row.text.category({}), category, undefined],
    [
      "a category that refuses",
      (row) => row.text.category({ unseen: "error" }),
      category,
      [{ op: "category", unseen: "error" }],
    ],
    [
      "a category of others",
      (row) => row.text.category({ unseen: "other" }),
      category,
      [{ op: "category", unseen: "other", min: 2 }],
    ],
    [
      "a category of others that are rare",
      (row) => row.text.category({ min: 20, unseen: "other" }),
      category,
      [{ op: "category", unseen: "other", min: 20 }],
    ],
  ])("stands beside its expression: %s", (_, write, expression, preprocessing) => {
    const [column] = specify((row) => ({ a: write(row) }));
    expect(column).toMatchObject({ name: "a", expression });
    expect(column?.preprocessing).toEqual(preprocessing);
    // What has none has no such field, so that its digest is what it was.
    expect(Object.hasOwn(column ?? {}, "preprocessing")).toBe(preprocessing !== undefined);
  });

  const nowhereElse = "imputed(), scaled() and the options of category() at the end of a feature, and nowhere else";
  it.each<[string, (row: Loose) => object, string]>([
    [
      "of a text",
      (row) => row.text.scaled("standard"),
      'feature-kind x.a: feature "a" is a bare string |  | a number, a boolean, a category or a vector',
    ],
    [
      "of a truth",
      (row) => row.flag.imputed("mean"),
      'expression-invalid x.a: "imputed" does not take these values | boolean | number',
    ],
    [
      "of a category",
      (row) => row.text.category().scaled("standard"),
      'expression-invalid x.a: "scaled" does not take these values | category | number',
    ],
    [
      "of a category as a number's",
      (row) => row.text.category({ unseen: "other" }).imputed("mean"),
      'expression-invalid x.a: "imputed" does not take these values | category | number',
    ],
    [
      "that is not there",
      (row) => row.n.scaled("max-abs"),
      'definition-invalid x.a.scaled: "scaled" takes no such value | "max-abs" | "standard", "min-max", "robust"',
    ],
    ["that does not say how", (row) => row.n.imputed(), 'definition-invalid x.a.imputed: "imputed" is missing |'],
    [
      "twice",
      (row) => row.n.imputed("mean").imputed("median"),
      'definition-invalid x.a: "a" takes no such value | a list of 2 | imputed() and scaled(), each once',
    ],
    [
      "of which more is computed",
      (row) => row.n.scaled("standard").add(1),
      `definition-invalid x.a: "a" takes no such value | an object with "op", "left", "right" | ${nowhereElse}`,
    ],
    [
      "of what something is computed with",
      (row) => row.n.add(row.n.imputed("mean")),
      `definition-invalid x.a: "a" takes no such value | an object with "op", "left", "right" | ${nowhereElse}`,
    ],
    [
      "with an option that is not there",
      (row) => row.text.category({ unsen: "other" }),
      'option-unknown x.a.category.unsen: "category" has no option "unsen" |  | unseen, min',
    ],
    [
      "with a text for options",
      (row) => row.text.category("other"),
      'definition-invalid x.a.category: "category" is given no options | "other" | { unseen, min }',
    ],
    [
      "with a policy that is not there",
      (row) => row.text.category({ unseen: "ignore" }),
      'definition-invalid x.a.category.unseen: "unseen" takes no such value | "ignore" | "missing", "error", "other"',
    ],
    [
      "with rare values that nothing becomes of",
      (row) => row.text.category({ min: 20 }),
      'definition-invalid x.a.category: "category" takes no such value | an object with "op", "min" | "min" with unseen: "other" alone',
    ],
    [
      "with too small a number of rare values",
      (row) => row.text.category({ unseen: "other", min: 1 }),
      'definition-invalid x.a.category.min: "min" is out of range | 1 | at least 2',
    ],
    [
      "with options that cannot be read",
      (row) =>
        row.text.category({
          get unseen() {
            throw new Error("no");
          },
        }),
      'definition-invalid x.a.category.unseen: "unseen" takes no such value | a getter that throws Error: no |',
    ],
  ])("is refused %s", (_, write, expected) => {
    const [first, ...others] = findProblems((row) => ({ a: write(row) }));
    expect(first).toContain(expected);
    expect(others).toEqual([]);
  });
});
