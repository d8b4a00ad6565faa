/**
 * What the probabilities of several classes must be: each from 0 to 1, together 1. Pure.
 * @module
 */

/** How far 32-bit probabilities may be from what they should be: one by itself, and all of a row together. */
const rounding = 1e-5;
const roundingOfSum = 1e-4;

/**
 * What is wrong with rows of probabilities, in words.
 *
 * @param probabilities `width` for each row
 * @returns nothing where every row is a distribution
 */
export function findNoDistribution(probabilities: ArrayLike<number>, width: number): string | undefined {
  let [count, first] = [0, ""];
  for (let start = 0; start < probabilities.length; start += width) {
    const wrong = describeRow(probabilities, start, start + width);
    if (wrong === undefined) continue;
    if (count === 0) first = wrong;
    count++;
  }
  if (count === 0) return undefined;
  return `${count} ${count === 1 ? "row" : "rows"}, the first with ${first}`;
}

function describeRow(probabilities: ArrayLike<number>, from: number, to: number): string | undefined {
  let sum = 0;
  for (let at = from; at < to; at++) {
    const value = probabilities[at] as number;
    if (!(value >= -rounding && value <= 1 + rounding)) return String(value);
    sum += value;
  }
  return Math.abs(sum - 1) <= roundingOfSum ? undefined : `probabilities that add up to ${Number(sum.toPrecision(6))}`;
}
