/**
 * A located problem: what is wrong, of which instance, what was got, what was expected, and what to do.
 * @module
 */
import { escapeHidden } from "./hidden-text.ts";
import { type ProblemCode, problemCatalogue } from "./problem-catalogue.ts";

export type { ProblemCode };

/** One thing that is wrong, with everything a reader needs to mend it. */
export interface Problem {
  /** The entry of the catalogue. */
  readonly code: ProblemCode;
  /** The instance and the path in it: `late-arrival.gates[1]`. Empty when the problem has no place. */
  readonly at: string;
  /** One sentence: what is wrong, the field in quotes. */
  readonly what: string;
  /** What was found. @default left out of the printed text */
  readonly got?: string;
  /** What would have been right. @default left out of the printed text */
  readonly expected?: string;
  /** What to do about it. @default the catalogue's general advice */
  readonly fix?: string;
  /** The file that holds the place, relative to the working directory. @default left out of the printed text */
  readonly file?: string;
  /** The line of `file`, from 1. @default left out of the printed text */
  readonly line?: number;
}

/** An error whose message is for its reader: the CLI prints it without a stack. It carries all problems at once. */
export class StewardError extends Error {
  override readonly name = "StewardError";
  readonly problems: readonly Problem[];

  constructor(problems: Problem | readonly Problem[], options?: ErrorOptions) {
    const all = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem];
    super(formatProblems(all), options);
    this.problems = all;
  }
}

/**
 * Prints problems the way the whole project does.
 *
 * @example
 * ✖ "atLeast" of metric "auc" is out of range (got 1.4, expected a number from 0 to 1) — lower it
 *   → at late-arrival.gates[1] (examples/flights/project.ts:12) [gate-out-of-range]
 */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join("\n");
}

function formatProblem(problem: Problem): string {
  const seen = [problem.got && `got ${problem.got}`, problem.expected && `expected ${problem.expected}`].filter(
    Boolean,
  );
  const detail = seen.length > 0 ? ` (${seen.join(", ")})` : "";
  const fix = problem.fix ?? problemCatalogue[problem.code].fix;
  const file = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
  const place = problem.at ? `at ${problem.at}${file ? ` (${file})` : ""} ` : file ? `in ${file} ` : "";
  return escapeHidden(`✖ ${problem.what}${detail} — ${fix}\n  → ${place.replaceAll("\n", "\\n")}[${problem.code}]`);
}
