/**
 * Round numbers at even distances. Pure.
 * @module
 */

/**
 * Round numbers from one to another, about as many as asked for.
 *
 * @param least how far apart they are at least @default however near
 */
export function listEvenTicks(
  { from, to }: { readonly from: number; readonly to: number },
  most: number,
  least = 0,
): readonly number[] {
  const wanted = (to - from) / most;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= wanted) ?? wanted;
  const apart = Math.max(least, step);
  // What rounding put just beyond an end is at it.
  const first = Math.ceil(from / apart - 1e-9);
  const count = Math.max(0, Math.floor(to / apart + 1e-9) - first + 1);
  // By a product and not by sums: 0.1 + 0.2 is no tick.
  return Array.from({ length: count }, (_, index) => Number(((first + index) * apart).toPrecision(12)));
}
