/**
 * When a rate is exceeded beyond doubt, however little was seen. Pure, and read by workflows.
 *
 * The bound is Hoeffding's (Probability inequalities for sums of bounded random variables, 1963, theorem 1). It holds for whatever lies
 * between 0 and 1 and is independent, not for shares alone.
 * @module
 */

/** How unlikely a sum must be, were the true mean at its limit: less than one of a thousand looks sees it. */
const doubt = 0.001;

/** Whether the sum of so many values from 0 to 1 is beyond doubt more than it would be at a mean of `limit`. */
export function isBeyondDoubt({
  of,
  all,
  limit,
}: {
  readonly of: number;
  readonly all: number;
  readonly limit: number;
}): boolean {
  if (all === 0 || of / all <= limit) return false;
  const share = of / all;
  const divergence =
    share * Math.log(share / limit) + (share < 1 ? (1 - share) * Math.log((1 - share) / (1 - limit)) : 0);
  return all * divergence >= -Math.log(doubt);
}
