/**
 * What is fitted on the training rows alone: the values of each category, the constants of preprocessing, and the prior.
 * @module
 */
import { z } from "zod";
import type { DuckDb } from "../data/duckdb.ts";
import { quoteName } from "../data/sql.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { FeaturesSpec } from "../definitions/spec.ts";
import { fitNumber, Unfit } from "./fit-numbers.ts";
import { compileSteps, type FittedStep } from "./fitted-step.ts";
import { reservedColumns } from "./training-set.ts";

/** The most values of a category: each becomes a code that trainer, package and server all carry. */
const maxCategoryValues = 10_000;

/** A query of the training rows. */
type TrainingRows = string;

export interface FittedValues {
  /** See `TrainingSet.categories`. */
  readonly categories: Record<string, string[]>;
  /** See `TrainingSet.fitted`. */
  readonly fitted: Record<string, FittedStep[]>;
}

type Column = FeaturesSpec["columns"][number];

/**
 * Finds the values that each category has in the training rows, in the order of their UTF-16 code units, and the constants
 * of every step of preprocessing.
 *
 * @throws StewardError for every category that has more than 10,000 values, and every step that finds nothing to fit.
 */
export async function fitValues(db: DuckDb, rows: TrainingRows, sets: readonly FeaturesSpec[]): Promise<FittedValues> {
  const categories: [string, string[]][] = [];
  const fitted: [string, FittedStep[]][] = [];
  const problems: Problem[] = [];
  for (const { name: set, columns } of sets) {
    for (const column of columns) {
      const { name, type } = column;
      const at = `${set}.${name}`;
      if (type === "category") {
        const found = await fitCategory(db, rows, column);
        if (found.values.length > maxCategoryValues) problems.push(tooManyValues(at, name));
        categories.push([name, found.values]);
        if (found.steps.length > 0) fitted.push([name, found.steps]);
      } else if (column.preprocessing) {
        const steps = await fitSteps(db, rows, column);
        if (steps instanceof Unfit) problems.push(nothingToFit(at, name, steps));
        else fitted.push([name, steps]);
      }
    }
  }
  if (problems.length > 0) throw new StewardError(problems);
  return { categories: Object.fromEntries(categories), fitted: Object.fromEntries(fitted) };
}

/** The values of a category: one at least more than there may be, where there are too many. */
async function fitCategory(
  db: DuckDb,
  rows: TrainingRows,
  { name, preprocessing: [step] = [] }: Column,
): Promise<{ readonly values: string[]; readonly steps: FittedStep[] }> {
  const column = quoteName(name);
  const other = step?.op === "category" && step.unseen === "other" ? step : undefined;
  const found = await db.rows(
    `SELECT ${column} AS value FROM (${rows}) WHERE ${column} IS NOT NULL
     GROUP BY ${column} HAVING count(*) >= ${other?.min ?? 1} LIMIT ${maxCategoryValues + 1}`,
    z.object({ value: z.string() }),
  );
  const values = found.map(({ value }) => value);
  if (other) {
    const name = nameOther(values);
    return { values: [...values, name].sort(), steps: [{ op: "category", unseen: "other", other: name }] };
  }
  return { values: values.sort(), steps: step?.op === "category" ? [{ op: "category", unseen: "error" }] : [] };
}

/** What the category of all others is called: none of the values. */
function nameOther(values: readonly string[]): string {
  const taken = new Set(values);
  let name = "(other)";
  while (taken.has(name)) name = `(${name})`;
  return name;
}

/** Each step is fitted on what those before it make of the training rows. */
async function fitSteps(
  db: DuckDb,
  rows: TrainingRows,
  { name, preprocessing = [] }: Column,
): Promise<FittedStep[] | Unfit> {
  const fitted: FittedStep[] = [];
  for (const step of preprocessing) {
    if (step.op === "category") throw new TypeError(`"${name}" is no category: such a feature set has no spec`);
    const found = await fitNumber(db, step, { sql: compileSteps(quoteName(name), fitted), rows });
    if (found instanceof Unfit) return found;
    fitted.push(found);
  }
  return fitted;
}

function nothingToFit(at: string, name: string, { why }: Unfit): Problem {
  return {
    code: "preprocessing-unfit",
    at,
    what: `the preprocessing of "${name}" cannot be fitted: ${why}`,
  };
}

function tooManyValues(at: string, name: string): Problem {
  return {
    code: "category-too-wide",
    at,
    what: `category "${name}" has too many values in the training rows`,
    got: `more than ${maxCategoryValues}`,
    expected: `at most ${maxCategoryValues}`,
    fix: "take a coarser column, or an aggregate by this one",
  };
}

/**
 * What is known of labels that nothing else is: their mean, or of several classes the share of each, and the largest of those.
 */
export async function findPriors(
  db: DuckDb,
  rows: TrainingRows,
  classes: readonly string[] | undefined,
): Promise<{ readonly prior: number; readonly priors?: number[] }> {
  if (!classes) return { prior: await findPrior(db, rows) };
  const label = quoteName(reservedColumns.label);
  const found = await db.rows(
    `SELECT ${label} AS class, count(*) AS rows FROM (${rows}) GROUP BY ${label}`,
    z.object({ class: z.number(), rows: z.coerce.number() }),
  );
  const counts = classes.map((_, place) => found.find((each) => each.class === place)?.rows ?? 0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const priors = counts.map((count) => count / total);
  return { prior: Math.max(...priors), priors };
}

/** The mean label. The labels are added up in the order of their size, so that the same rows have the same mean. */
async function findPrior(db: DuckDb, rows: TrainingRows): Promise<number> {
  const label = quoteName(reservedColumns.label);
  const [found] = await db.rows(
    `SELECT list_sum(list_sort(list(total))) / sum(times) AS prior
     FROM (SELECT ${label} * count(*) AS total, count(*) AS times FROM (${rows}) GROUP BY ${label})`,
    z.object({ prior: z.number() }),
  );
  if (!found) throw new TypeError("the mean of no rows was asked for");
  return found.prior;
}
