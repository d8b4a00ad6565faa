/**
 * The standard normal distribution: density, distribution function, quantiles. Pure.
 * @module
 */

const root = Math.sqrt(2 * Math.PI);

/** Beyond it the series loses its digits, and the continued fraction has them. */
const far = 3;

export function normalDensity(z: number): number {
  return Math.exp(-(z * z) / 2) / root;
}

/**
 * The chance of a value of at most `z`: by Marsaglia's series (2004, "Evaluating the normal distribution", Journal of Statistical
 * Software 11), beyond 3 by the continued fraction of Mills' ratio (Laplace), so that both tails keep their digits.
 */
export function normalProbability(z: number): number {
  if (z < -far) return normalDensity(z) / millsOf(-z);
  if (z > far) return 1 - normalDensity(z) / millsOf(z);
  let [sum, term] = [z, z];
  for (let i = 3; Math.abs(term) > 1e-17 * Math.abs(sum); i += 2) {
    term *= (z * z) / i;
    sum += term;
  }
  return 0.5 + sum * normalDensity(z);
}

/** The inverse of Mills' ratio at `z`, above 0. */
function millsOf(z: number): number {
  let fraction = z;
  for (let i = 60; i >= 1; i -= 1) fraction = z + i / fraction;
  return fraction;
}

/** The value that is not exceeded with a chance, more than 0 and less than 1; found by halving. */
export function normalQuantile(chance: number): number {
  // Of the two tails the lower one has all its digits.
  if (chance > 0.5) return -normalQuantile(1 - chance);
  let [low, high] = [-40, 0];
  for (let i = 0; i < 80; i += 1) {
    const middle = (low + high) / 2;
    if (normalProbability(middle) < chance) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
