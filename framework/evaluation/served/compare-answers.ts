/**
 * Whether two that were asked the same rows answer the same, and what is said of it. Pure.
 * @module
 */
import { formatCount } from "../number-text.ts";
import type { ServedAnswer } from "./ask-server.ts";

/** What a comparison came to. */
export interface Compared {
  readonly verdict: "pass" | "fail";
  /** One sentence with the numbers. */
  readonly reason: string;
  /** How many rows were compared. */
  readonly rows: number;
  /** How many of them are not the same. */
  readonly exceeding: number;
}

/** What is compared, in words. */
export interface ComparedParts {
  /** `served` */
  readonly name: string;
  /** Who answers otherwise: `the model`, `the framework lightgbm 4.6.0`. */
  readonly other: string;
}

/** How far answers may be apart, in units of the larger of 1, the answer, and the root mean square of all of them. */
const answerTolerance = 1e-5;

/** Holds the server's answers against those that it should give, row by row. */
export function compareAnswers(
  expected: readonly (readonly number[])[],
  answers: readonly ServedAnswer[],
  { name, other }: ComparedParts,
): Compared {
  const all = expected.flat();
  // As when the model was saved: an answer near zero among thousands is a difference of large 32-bit numbers.
  const usual = Math.max(1, Math.sqrt(all.reduce((sum, value) => sum + value ** 2, 0) / Math.max(1, all.length)));
  const isNear = (got: number, value: number) =>
    Math.abs(got - value) <= answerTolerance * Math.max(usual, Math.abs(value));
  const off = expected.flatMap((values, row) => {
    const got = answers[row] ?? "nothing";
    const same =
      typeof got !== "string" &&
      got.length === values.length &&
      values.every((value, at) => isNear(got[at] ?? Number.NaN, value));
    return same ? [] : [{ row, got, values }];
  });
  const count = formatCount(expected.length, "row");
  const [first] = off;
  const of = { rows: expected.length, exceeding: off.length };
  if (!first)
    return { verdict: "pass", reason: `${name}: ${count} are answered within ${answerTolerance} of ${other}`, ...of };
  const got = typeof first.got === "string" ? first.got : first.got.join(", ");
  const reason = `${name}: row ${first.row} is answered ${got}, and ${other} answers ${first.values.join(", ")}; ${off.length} of ${count} differ`;
  return { verdict: "fail", reason, ...of };
}
