/**
 * How likely a sequential comparison is to end, and how, computed before there is a single unit: the chances that a random walk with a
 * drift crosses the boundaries of its confidence sequence at one of the looks, by the recursive integration of Armitage, McPherson and
 * Rowe 1969 ("Repeated significance tests on accumulating data", Journal of the Royal Statistical Society A 132). Pure.
 * @module
 */
import { reachBothSides } from "./confidence-sequence.ts";
import { normalDensity, normalProbability } from "./normal-distribution.ts";
import { findsNothing, leastInformation } from "./verdict.ts";

export interface SequentialDesign {
  /** How much is known at each look: one over the variance of the difference, rising. */
  readonly looks: readonly number[];
  /** The smallest difference worth finding, more than 0: what the sequence is made for, and within which two arms are the same. */
  readonly minimum: number;
  readonly alpha: number;
}

export interface Chances {
  /** That the arm is found to be better, worse, or the same but for less than the minimum; what is left was open at the last look. */
  readonly better: number;
  readonly worse: number;
  readonly same: number;
  /** How much is known when it ends, on average. */
  readonly information: number;
}

/** The cells of a density: the middle of each, and its chance. */
interface Cells {
  readonly width: number;
  readonly middles: Float64Array;
  readonly chances: Float64Array;
}

/** The chances of each end where the arm is better by `effect`, in the metric's unit. */
export function computeChances({ looks, minimum, alpha }: SequentialDesign, effect: number): Chances {
  let [better, worse, same, information, open] = [0, 0, 0, 0, 1];
  // Before the first look the score, which is the estimate times what is known, is 0.
  let cells: Cells = { width: 0, middles: Float64Array.of(0), chances: Float64Array.of(1) };
  let known = 0;
  for (const look of looks) {
    if (look * minimum * minimum < leastInformation || look <= known) continue;
    const step = look - known;
    const reach = reachBothSides({ variance: 1 / look, sought: minimum, alpha });
    const outer = look * reach;
    const inner = findsNothing({ difference: 0, reach, minimum }) ? look * (minimum - reach) : 0;
    const ends = sumEnds(cells, { step, drift: effect * step, outer, inner });
    better += ends.above;
    worse += ends.below;
    same += ends.within;
    information += look * (ends.above + ends.below + ends.within);
    open -= ends.above + ends.below + ends.within;
    cells = moveOn(cells, { step, drift: effect * step, outer, inner });
    known = look;
  }
  return { better, worse, same, information: information + known * Math.max(0, open) };
}

interface Step {
  /** The variance of the score's increment, and its mean. */
  readonly step: number;
  readonly drift: number;
  /** Beyond the one it ends, and within the other. */
  readonly outer: number;
  readonly inner: number;
}

/** How likely the next look is the end, on which side. */
function sumEnds({ middles, chances }: Cells, { step, drift, outer, inner }: Step) {
  const deviation = Math.sqrt(step);
  let [above, below, within] = [0, 0, 0];
  for (const [i, middle] of middles.entries()) {
    const chance = chances[i] as number;
    const mean = middle + drift;
    above += chance * normalProbability((mean - outer) / deviation);
    below += chance * normalProbability((-outer - mean) / deviation);
    if (inner > 0)
      within +=
        chance * (normalProbability((inner - mean) / deviation) - normalProbability((-inner - mean) / deviation));
  }
  return { above, below, within };
}

/** So many cells to a standard deviation of a step, and so many standard deviations to each side that count. */
const cellsPerDeviation = 4;
const reachOfStep = 8;

/** The density of the score at a look, where it goes on. */
function moveOn(before: Cells, { step, drift, outer, inner }: Step): Cells {
  const deviation = Math.sqrt(step);
  const count = Math.max(64, Math.ceil((2 * outer * cellsPerDeviation) / deviation));
  const width = (2 * outer) / count;
  const middles = Float64Array.from({ length: count }, (_, i) => -outer + (i + 0.5) * width);
  const chances = new Float64Array(count);
  for (const [i, from] of before.middles.entries()) {
    const chance = before.chances[i] as number;
    const mean = from + drift;
    const first = Math.max(0, Math.floor((mean - reachOfStep * deviation + outer) / width));
    const last = Math.min(count - 1, Math.ceil((mean + reachOfStep * deviation + outer) / width));
    for (let to = first; to <= last; to += 1) {
      const middle = middles[to] as number;
      chances[to] = (chances[to] as number) + (chance * normalDensity((middle - mean) / deviation) * width) / deviation;
    }
  }
  // Of a cell that lies on the edge of the inner part, what lies outside goes on.
  for (const [i, middle] of middles.entries()) {
    const outside = Math.min(Math.max((Math.abs(middle) - inner) / width + 0.5, 0), 1);
    chances[i] = (chances[i] as number) * outside;
  }
  return { width, middles, chances };
}
