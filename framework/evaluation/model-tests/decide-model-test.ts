/**
 * Tests of models decide on answers, or say why not: each gives a verdict and one sentence with the numbers. Pure.
 * @module
 */
import type { ModelTestSpec } from "../../definitions/model-test-spec.ts";
import type { ModelTestVerdict } from "../evaluation.ts";
import { formatCount, formatNumber, tellingDecimals } from "../number-text.ts";

/** The answers to the rows of a test, group by group. */
export type Answers = readonly (readonly number[])[];

/** What a model answered. */
export interface AnsweredTest {
  readonly answers: Answers;
  /** The same rows asked again, and of a model that was opened anew; asked of `deterministic` alone. @default not asked */
  readonly again?: readonly Answers[];
  /** The first, the middle and the last row, each asked by itself; of `answers-each-row` alone. @default not asked */
  readonly alone?: readonly { readonly row: number; readonly answer: number }[];
  /** Within how many milliseconds 99 of 100 single rows were answered; of `latency` alone. @default not asked */
  readonly latency?: LatencyFact;
}

/** How long answers took at a rate, beside those of the control. */
export interface LatencyFact {
  readonly candidate: number;
  /** @default nothing is in production */
  readonly control?: number;
  /** How many single rows each was asked. */
  readonly asked: number;
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
      return decideShare(test, answers, of);
  }
}

type Ruling = Pick<ModelTestVerdict, "verdict" | "reason">;
type Rule = (ruling: Ruling, exceeding?: number) => ModelTestVerdict;
type SharedTest = Extract<
  ModelTestSpec,
  { readonly kind: "in-range" | "simplex" | "monotone" | "invariant" | "directional" }
>;

/** Counts the rows that are off by more than they may be, and holds their share against the one that may. */
function decideShare(test: SharedTest, answers: Answers, of: Rule): ModelTestVerdict {
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
  const off = answers.map((group) => measureOff(test, group));
  const exceeding = off.filter((by) => !(by <= tolerance)).length;
  const worst = off.reduce((most, by) => Math.max(most, order(by)), 0);
  const holds = exceeding / answers.length <= share;
  const found = `${exceeding.toLocaleString("en-US")} of ${formatCount(answers.length, "row")} (${formatShare(exceeding / answers.length)}) are off by more than ${tolerance}`;
  const limit = `${formatShare(share)} may`;
  const most = worst > 0 ? `, the worst by ${show(worst, tolerance)}` : "";
  return of({ verdict: holds ? "pass" : "fail", reason: `${name}: ${found}${most}; ${limit}` }, exceeding);
}

/** By how much a group of answers is not what the test asks, in the label's unit; without end where one is no number. */
function measureOff(test: SharedTest, group: readonly number[]): number {
  if (!group.every(Number.isFinite)) return Number.POSITIVE_INFINITY;
  const [first = 0] = group;
  const scale = rounding * Math.max(1, ...group.map(Math.abs));
  const off = (() => {
    switch (test.kind) {
      case "in-range":
        return Math.max(test.low - first, first - test.high, 0);
      case "simplex":
        // The other class has what is left to 1: its share is below 0 where this one's is above 1.
        return Math.max(-first, first - 1, 0);
      case "invariant":
        return Math.max(...group.map((answer) => Math.abs(answer - first)));
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
  const different = alone.find(({ row, answer }) => {
    const among = answers[row]?.[0] ?? Number.NaN;
    return !(Math.abs(answer - among) <= aloneTolerance * Math.max(1, Math.abs(among)));
  });
  if (!different) return of({ verdict: "pass", reason: `each of ${rows} has one answer, alone as among others` });
  const among = answers[different.row]?.[0];
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
  fact: LatencyFact | undefined,
): Ruling {
  if (!fact) return { verdict: "inconclusive", reason: "latency: nothing was timed" };
  const own = `99 of 100 of ${formatCount(fact.asked, "row")} at ${rate} a second are answered in ${formatNumber(fact.candidate, 3)} ms`;
  if (fact.control === undefined)
    return { verdict: "first-version", reason: `latency: ${own}; nothing is in production to compare with` };
  const times = fact.candidate / Math.max(fact.control, leastMilliseconds);
  const holds = times <= ratio;
  const other = `production in ${formatNumber(fact.control, 3)} ms`;
  return {
    verdict: holds ? "pass" : "fail",
    reason: `latency: ${own}, ${other}: ${formatNumber(times, 2)} times as long, and ${ratio} times may be`,
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
