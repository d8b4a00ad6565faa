/**
 * Tests of models decide on answers, or say why not: each gives a verdict and one sentence with the numbers. Pure.
 * @module
 */
import type { ModelTestSpec } from "../../definitions/model-test-spec.ts";
import type { ModelTestVerdict } from "../evaluation.ts";
import { formatCount, formatNumber, tellingDecimals } from "../number-text.ts";

/** The answers to the rows of a test, group by group; of several classes a number for each, row by row. */
export type Answers = readonly (readonly number[])[];

/** What a model answered. */
export interface AnsweredTest {
  readonly answers: Answers;
  /** The same rows asked again, and of a model that was opened anew; asked of `deterministic` alone. @default not asked */
  readonly again?: readonly Answers[];
  /** The first, the middle and the last row, each asked by itself; of `answers-each-row` alone. @default not asked */
  readonly alone?: readonly { readonly row: number; readonly place?: number; readonly answer: number }[];
  /** How many numbers a row is answered with. @default 1 */
  readonly width?: number;
  /** How long single rows took, or why nobody could ask; of `latency` alone. @default not asked */
  readonly latency?: LatencyFact | string;
}

/** Within how many milliseconds half of single rows, and 99 of 100, were answered. */
export interface LatencyTimes {
  readonly p50: number;
  readonly p99: number;
}

/** How long answers took at a rate, beside those of a control that answers without a model. */
export interface LatencyFact {
  readonly candidate: LatencyTimes;
  readonly control: LatencyTimes;
  /** How many single rows each was asked. */
  readonly asked: number;
  /** How many of them the candidate had not answered in the end. */
  readonly unanswered: number;
}

/** The fewest rows on which a test with a share decides anything. */
const fewestRows = 10;
/** What 32-bit answers may be off by, in units of the larger of 1 and the answer. */
const rounding = 1e-6;
/** A row must get the same answer alone and among others, as at its admission. */
const aloneTolerance = 1e-5;
/** Below this nobody can tell two times apart on a machine that does other things too, in milliseconds. */
const leastMilliseconds = 0.05;

/** Decides a test. */
export function decideModelTest(test: ModelTestSpec, answered: AnsweredTest): ModelTestVerdict {
  const { answers } = answered;
  const of = (ruling: Ruling, exceeding = 0): ModelTestVerdict => ({
    test,
    ...ruling,
    rows: answers.length,
    exceeding,
  });
  switch (test.kind) {
    case "answers-each-row":
      return decideEachRow(answered, of);
    case "deterministic":
      return decideDeterministic(answered, of);
    case "latency":
      return of(decideLatency(test, answered.latency));
    case "golden": {
      const off = test.rows.map(({ answer }, at) => {
        const got = answers[at]?.[0] ?? Number.NaN;
        return { at, got, answer, by: Math.abs(got - answer) / Math.max(1, Math.abs(answer)) };
      });
      const wrong = off.filter(({ by }) => !(by <= test.within));
      const worst = wrong.toSorted((a, b) => order(b.by) - order(a.by))[0];
      const rows = formatCount(answers.length, "golden row");
      if (!worst) return of({ verdict: "pass", reason: `golden: each of ${rows} is within ${test.within}` });
      const text = `golden row ${worst.at} is answered ${show(worst.got, worst.answer)}, and ${worst.answer} is right`;
      return of(
        { verdict: "fail", reason: `${text}; ${wrong.length} of ${rows} are off by more than ${test.within}` },
        wrong.length,
      );
    }
    case "in-range":
    case "simplex":
    case "monotone":
    case "invariant":
    case "directional":
      return decideShare(test, answered, of);
  }
}

type Ruling = Pick<ModelTestVerdict, "verdict" | "reason">;
type Rule = (ruling: Ruling, exceeding?: number) => ModelTestVerdict;
type SharedTest = Extract<
  ModelTestSpec,
  { readonly kind: "in-range" | "simplex" | "monotone" | "invariant" | "directional" }
>;

/** Counts the rows that are off by more than they may be, and holds their share against the one that may. */
function decideShare(test: SharedTest, { answers, width = 1 }: AnsweredTest, of: Rule): ModelTestVerdict {
  const name = nameTest(test);
  const { share, tolerance } = { share: 0, tolerance: 0, ...test };
  if (answers.length < fewestRows) {
    const why =
      "feature" in test && answers.length === 0
        ? `test rows do not differ in "${test.feature}"`
        : `at least ${fewestRows} are needed`;
    return of({
      verdict: "inconclusive",
      reason: `${name} decides nothing on ${formatCount(answers.length, "row")}: ${why}`,
    });
  }
  const off = answers.map((group) => measureOff(test, group, width));
  const exceeding = off.filter((by) => !(by <= tolerance)).length;
  const worst = off.reduce((most, by) => Math.max(most, order(by)), 0);
  const holds = exceeding / answers.length <= share;
  const found = `${exceeding.toLocaleString("en-US")} of ${formatCount(answers.length, "row")} (${formatShare(exceeding / answers.length)}) are off by more than ${tolerance}`;
  const limit = `${formatShare(share)} may`;
  const most = worst > 0 ? `, the worst by ${show(worst, tolerance)}` : "";
  return of({ verdict: holds ? "pass" : "fail", reason: `${name}: ${found}${most}; ${limit}` }, exceeding);
}

/** By how much a group of answers is not what the test asks, in the label's unit; without end where one is no number. */
function measureOff(test: SharedTest, group: readonly number[], width: number): number {
  if (!group.every(Number.isFinite)) return Number.POSITIVE_INFINITY;
  const scale = rounding * Math.max(1, ...group.map(Math.abs));
  const off = (() => {
    switch (test.kind) {
      case "in-range":
        return Math.max(...group.map((answer) => Math.max(test.low - answer, answer - test.high, 0)));
      case "simplex":
        // The other class has what is left to 1: its share is below 0 where this one's is above 1.
        return Math.max(...group.map((answer) => Math.max(-answer, answer - 1, 0)), width === 1 ? 0 : offOne(group));
      case "invariant":
        return Math.max(...group.map((answer, at) => Math.abs(answer - (group[at % width] ?? answer))));
      case "monotone":
      case "directional": {
        const sign = test.direction === "up" ? 1 : -1;
        let [highest, drop] = [Number.NEGATIVE_INFINITY, 0];
        for (const answer of group) {
          highest = Math.max(highest, sign * answer);
          drop = Math.max(drop, highest - sign * answer);
        }
        return drop;
      }
    }
  })();
  return off <= scale ? 0 : off;
}

/** How far probabilities are from 1 together, beyond what 32 bits lose of each. */
function offOne(probabilities: readonly number[]): number {
  const off = Math.abs(probabilities.reduce((sum, each) => sum + each, 0) - 1);
  return off <= rounding * Math.max(10, probabilities.length) ? 0 : off;
}

function decideEachRow({ answers, alone = [] }: AnsweredTest, of: Rule): ModelTestVerdict {
  if (answers.length === 0) return of({ verdict: "inconclusive", reason: "there is no row to ask" });
  const broken = answers.filter((group) => !group.every(Number.isFinite));
  const rows = formatCount(answers.length, "row");
  if (broken.length > 0) {
    const [got = "none"] = broken[0] ?? [];
    return of(
      { verdict: "fail", reason: `${broken.length} of ${rows} have no number for an answer, the first ${got}` },
      broken.length,
    );
  }
  const different = alone.find(({ row, place = 0, answer }) => {
    const among = answers[row]?.[place] ?? Number.NaN;
    return !(Math.abs(answer - among) <= aloneTolerance * Math.max(1, Math.abs(among)));
  });
  if (!different) return of({ verdict: "pass", reason: `each of ${rows} has one answer, alone as among others` });
  const among = answers[different.row]?.[different.place ?? 0];
  return of(
    {
      verdict: "fail",
      reason: `row ${different.row} is answered ${different.answer} alone and ${among} among ${answers.length}`,
    },
    1,
  );
}

function decideDeterministic({ answers, again = [] }: AnsweredTest, of: Rule): ModelTestVerdict {
  const rows = formatCount(answers.length, "row");
  if (again.length === 0 || answers.length === 0)
    return of({ verdict: "inconclusive", reason: "nothing was asked again" });
  const differing = answers.flatMap((group, row) =>
    again.some((other) => !group.every((answer, at) => Object.is(answer, other[row]?.[at]))) ? [row] : [],
  );
  const [first] = differing;
  if (first === undefined) return of({ verdict: "pass", reason: `deterministic: ${rows} get the same answers again` });
  const seen = [answers, ...again].map((each) => each[first]?.[0]).join(", then ");
  return of(
    { verdict: "fail", reason: `${differing.length} of ${rows} get another answer: row ${first} ${seen}` },
    differing.length,
  );
}

function decideLatency(
  { rate, ratio }: Extract<ModelTestSpec, { kind: "latency" }>,
  fact: LatencyFact | string | undefined,
): Ruling {
  if (!fact || typeof fact === "string")
    return { verdict: "inconclusive", reason: `latency: nothing was timed${fact ? `: ${fact}` : ""}` };
  const { candidate, control, asked, unanswered } = fact;
  const rows = `${formatCount(asked, "row")} at ${rate} a second`;
  if (unanswered > 0) return { verdict: "fail", reason: `latency: ${unanswered} of ${rows} are not answered` };
  const times = (own: number, other: number) => own / Math.max(other, leastMilliseconds);
  const middle = times(candidate.p50, control.p50);
  const slow = times(candidate.p99, control.p99);
  const own = `99 of 100 of ${rows} are answered in ${formatNumber(candidate.p99, 3)} ms, half in ${formatNumber(candidate.p50, 3)} ms`;
  return {
    verdict: slow <= ratio ? "pass" : "fail",
    reason: `latency: ${own}: ${formatNumber(slow, 2)} and ${formatNumber(middle, 2)} times as long as a server without a model takes, and ${ratio} times may be`,
  };
}

/** `monotone up in "distance"`. */
function nameTest(test: SharedTest): string {
  switch (test.kind) {
    case "in-range":
      return `in range ${test.low} to ${test.high}`;
    case "simplex":
      return "simplex";
    case "invariant":
      return `invariant to "${test.feature}"`;
    case "monotone":
      return `monotone ${test.direction} in "${test.feature}"`;
    case "directional":
      return `${test.direction} with ${test.by > 0 ? "+" : ""}${test.by} of "${test.feature}"`;
  }
}

/** A number that is none is further off than any. */
function order(by: number): number {
  return Number.isNaN(by) ? Number.POSITIVE_INFINITY : by;
}

function show(value: number, limit: number): string {
  return Number.isFinite(value) ? formatNumber(value, tellingDecimals(value, limit)) : String(value);
}

function formatShare(share: number): string {
  return `${(share * 100).toLocaleString("en-US", { maximumFractionDigits: 2 })} %`;
}
