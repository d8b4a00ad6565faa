/**
 * Sample-ratio mismatch: whether the arms have as many units as the allocation gives them. It may be looked at as often as one
 * likes. Where it fails, units are lost on the way or counted twice in one arm, and no comparison of the arms means anything. Pure.
 * @module
 */
import { logGamma } from "./log-gamma.ts";

/** One arm, as the check sees it. */
export interface ArmCount {
  /** The share of units that it should have, more than 0. */
  readonly share: number;
  /** How many units it has. */
  readonly units: number;
}

/** A p-value below it is a mismatch. A sound experiment has one, at any of its looks, with this chance at most. */
export const mismatchLevel = 0.0005;

/**
 * How sure the alternative is that the shares are nearly right: as sure as after so many units. Larger finds smaller mismatches, and
 * large ones a little later.
 */
const concentration = 1_000;

/**
 * The logarithm of the Bayes factor against the allocation: Lindon and Malek 2022, "Anytime-valid inference for multinomial count data"
 * (NeurIPS 35), with the Dirichlet prior centred at the shares. It is a martingale with mean 1 while the allocation
 * holds, so that by Ville's inequality it ever exceeds 1/α with a chance of at most α.
 */
export function measureMismatch(arms: readonly ArmCount[]): number {
  const whole = arms.reduce((sum, { share }) => sum + share, 0);
  const total = arms.reduce((sum, { units }) => sum + units, 0);
  let log = logGamma(concentration) - logGamma(concentration + total);
  for (const arm of arms) {
    const share = arm.share / whole;
    const prior = concentration * share;
    log += logGamma(prior + arm.units) - logGamma(prior) - arm.units * Math.log(share);
  }
  return log;
}

/** The always-valid p-value: one over the largest Bayes factor of all looks, at most 1. */
export function mismatchProbability(largest: number): number {
  return Math.min(1, Math.exp(-largest));
}
