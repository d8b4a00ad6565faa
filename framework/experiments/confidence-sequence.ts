/**
 * Confidence sequences: intervals for a difference of means that hold at all looks together, so that an experiment may be watched
 * all the time and ended at any of them. Pure.
 *
 * They are those of the normal mixture (Robbins 1970, "Statistical methods related to the law of the iterated logarithm"), as the
 * mSPRT of Johari, Koomen, Pekelis and Walsh 2022 ("Always valid inference", Operations Research 70) has them. That they hold for
 * means of any distribution, with an estimated variance, once there are enough units, is the asymptotic confidence sequence of
 * Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024 ("Time-uniform central limit theory and asymptotic confidence sequences",
 * Annals of Statistics 52).
 * @module
 */

/** What an interval is made from. */
export interface Spread {
  /** The variance of the estimated difference: its standard error, squared. More than 0. */
  readonly variance: number;
  /**
   * The difference that the sequence is made to find soonest: the standard deviation of the normal distribution over which
   * differences are mixed. Any one is valid; it is chosen before the first look.
   */
  readonly sought: number;
  /** The chance that the interval misses the truth at any look. */
  readonly alpha: number;
}

/** How much is known, in units of what is sought: 1 where the standard error is as large as the difference that is sought. */
export function informationOf({ variance, sought }: Pick<Spread, "variance" | "sought">): number {
  return (sought * sought) / variance;
}

/** How far the interval reaches to each side of the estimate. */
export function reachBothSides(spread: Spread): number {
  const information = informationOf(spread);
  return scale(spread, information) * Math.sqrt(Math.log(Math.sqrt(information + 1) / spread.alpha));
}

/** How far the interval reaches to the one side that is asked about; on the other it is endless. */
export function reachOneSide(spread: Spread): number {
  const information = informationOf(spread);
  return scale(spread, information) * Math.sqrt(Math.log1p(Math.sqrt(information + 1) / (2 * spread.alpha)));
}

function scale({ variance }: Spread, information: number): number {
  return Math.sqrt((variance * 2 * (information + 1)) / information);
}
