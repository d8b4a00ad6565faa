/**
 * What is fitted on the training rows alone: the values of each category, and the prior.
 * @module
 */
import { z } from "zod";
import type { DuckDb } from "../data/duckdb.ts";
import { quoteName } from "../data/sql.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { FeaturesSpec } from "../definitions/spec.ts";
import { reservedColumns } from "./training-set.ts";

/** The most values of a category: each becomes a code that trainer, package and server all carry. */
const maxCategoryValues = 10_000;

/** A query of the training rows. */
type TrainingRows = string;

/**
 * The values that each category has in the training rows, in the order of their UTF-16 code units.
 * @throws StewardError for every category that has more than 10,000 of them.
 */
export async function fitCategories(
  db: DuckDb,
  rows: TrainingRows,
  sets: readonly FeaturesSpec[],
): Promise<Record<string, string[]>> {
  const categories: [string, string[]][] = [];
  const problems: Problem[] = [];
  for (const { name: set, columns } of sets) {
    for (const { name } of columns.filter(({ type }) => type === "category")) {
      const column = quoteName(name);
      const found = await db.rows(
        `SELECT DISTINCT ${column} AS value FROM (${rows}) WHERE ${column} IS NOT NULL LIMIT ${maxCategoryValues + 1}`,
        z.object({ value: z.string() }),
      );
      if (found.length > maxCategoryValues) problems.push(tooManyValues(set, name));
      categories.push([name, found.map(({ value }) => value).sort()]);
    }
  }
  if (problems.length > 0) throw new StewardError(problems);
  return Object.fromEntries(categories);
}

function tooManyValues(set: string, name: string): Problem {
  return {
    code: "category-too-wide",
    at: `${set}.${name}`,
    what: `category "${name}" has too many values in the training rows`,
    got: `more than ${maxCategoryValues}`,
    expected: `at most ${maxCategoryValues}`,
    fix: "take a coarser column, or an aggregate by this one",
  };
}

/** The mean label. The labels are added up in the order of their size, so that the same rows have the same mean. */
export async function findPrior(db: DuckDb, rows: TrainingRows): Promise<number> {
  const label = quoteName(reservedColumns.label);
  const [found] = await db.rows(
    `SELECT list_sum(list_sort(list(total))) / sum(times) AS prior
     FROM (SELECT ${label} * count(*) AS total, count(*) AS times FROM (${rows}) GROUP BY ${label})`,
    z.object({ prior: z.number() }),
  );
  if (!found) throw new TypeError("the mean of no rows was asked for");
  return found.prior;
}
