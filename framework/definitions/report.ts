/**
 * How a check says what is wrong: it reports, and goes on, so that a reader sees all problems at once.
 * @module
 */
import type { Problem } from "./problem.ts";

export type Report = (problem: Problem) => void;

/** A report of problems that all have one place. */
export type UnplacedReport = (problem: Omit<Problem, "at">) => void;

/** Reports what it is told at one place. */
export function placeAt(report: Report, at: string): UnplacedReport {
  return (problem) => report({ ...problem, at });
}

/** For a second look at what has its own reporting look elsewhere. */
export const silently = (): void => undefined;
