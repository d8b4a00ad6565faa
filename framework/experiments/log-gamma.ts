/**
 * The logarithm of the gamma function. Pure.
 * @module
 */

/** From here on five terms of the series are exact to the last digits. */
const large = 15;

/** ln Γ(x) for x above 0: Stirling's series, to which a small x comes by Γ(x + 1) = xΓ(x) (Abramowitz and Stegun 6.1.15, 6.1.41). */
export function logGamma(x: number): number {
  let [at, product] = [x, 1];
  while (at < large) {
    product *= at;
    at += 1;
  }
  const inverse = 1 / (at * at);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / at;
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series - Math.log(product);
}
