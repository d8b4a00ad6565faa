/**
 * The plan of an experiment: how many units it takes, and how long that lasts. Pure.
 * @module
 */
import { normalProbability, normalQuantile } from "./normal-distribution.ts";
import { computeChances, type SequentialDesign } from "./sequential-power.ts";

/** What an experiment is planned from. */
export interface Planning {
  /** The variance of the metric between units: p(1 − p) of a share p with one row to a unit. More than 0. */
  readonly variance: number;
  /** The smallest difference worth finding, in the metric's unit. More than 0. */
  readonly minimum: number;
  /** The shares of all units that the control and the arm have. */
  readonly shares: readonly [control: number, arm: number];
  /** The chance of finding a difference where there is none, of this comparison. */
  readonly alpha: number;
  /** The chance of finding the smallest difference that is worth it. */
  readonly power: number;
}

export interface ExperimentPlan {
  /** How many units a comparison takes that is looked at once, when all of them are there. */
  readonly fixed: number;
  /** How many it takes at most where it is watched all the time and ends when the answer is clear. */
  readonly most: number;
  /** How many it takes on average where the difference is the smallest worth finding, and where there is none. */
  readonly expected: { readonly minimum: number; readonly none: number };
}

/** How often a planned experiment is looked at. More looks change little: the intervals hold at all of them together. */
const looks = 40;

/** How many units there must be in all, over all arms. */
export function planExperiment({ variance, minimum, shares, alpha, power }: Planning): ExperimentPlan {
  // One unit more, over all arms, adds so much of what is known of the difference.
  const [control, arm] = shares;
  const perUnit = 1 / (variance * (1 / control + 1 / arm));
  const fixed = fixedInformation({ minimum, alpha, power });
  const design = (most: number): SequentialDesign => ({
    looks: Array.from({ length: looks }, (_, i) => (most * (i + 1)) / looks),
    minimum,
    alpha,
  });
  let [low, high] = [fixed, fixed * 2];
  while (computeChances(design(high), minimum).better < power) [low, high] = [high, high * 2];
  for (let i = 0; i < 12; i += 1) {
    const middle = (low + high) / 2;
    if (computeChances(design(middle), minimum).better < power) low = middle;
    else high = middle;
  }
  const average = (effect: number) => computeChances(design(high), effect).information;
  const unitsOf = (information: number) => Math.ceil(information / perUnit);
  return {
    fixed: unitsOf(fixed),
    most: unitsOf(high),
    expected: { minimum: unitsOf(average(minimum)), none: unitsOf(average(0)) },
  };
}

/**
 * How much must be known where the comparison is looked at once: (z of 1 − α/2 + z of the power)² over the squared difference
 * (Armitage, Berry and Matthews 2002, "Statistical methods in medical research").
 */
export function fixedInformation({ minimum, alpha, power }: Pick<Planning, "minimum" | "alpha" | "power">): number {
  return ((normalQuantile(1 - alpha / 2) + normalQuantile(power)) / minimum) ** 2;
}

/** The chance that a comparison which is looked at once finds `effect`, on the right side. */
export function fixedPower(
  { information, alpha }: { readonly information: number; readonly alpha: number },
  effect: number,
): number {
  return 1 - normalProbability(normalQuantile(1 - alpha / 2) - Math.abs(effect) * Math.sqrt(information));
}
