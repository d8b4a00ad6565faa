/**
 * Every code a problem can carry, with what it means and what to do about it in general: one catalogue for the whole project, sorted by
 * code. A code is never reused for another meaning.
 * @module
 */
import { projectProblems } from "./project-problems.ts";
import { scoringProblems } from "./scoring-problems.ts";
import { stackProblems } from "./stack-problems.ts";
import { trackingProblems } from "./tracking-problems.ts";
import { trainingProblems } from "./training-problems.ts";

export interface CatalogueEntry {
  /** One sentence: what is wrong. */
  readonly means: string;
  /** What to do, as it ends a printed line; printed after a problem that brings no advice of its own. */
  readonly fix: string;
}

export type ProblemCode =
  | keyof typeof projectProblems
  | keyof typeof scoringProblems
  | keyof typeof stackProblems
  | keyof typeof trackingProblems
  | keyof typeof trainingProblems;

const all: Readonly<Record<ProblemCode, CatalogueEntry>> = {
  ...projectProblems,
  ...scoringProblems,
  ...stackProblems,
  ...trackingProblems,
  ...trainingProblems,
};

export const problemCatalogue = Object.fromEntries(
  Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)),
) as typeof all;
