/**
 * Repeatable randomness for resampling: one seed, one sequence, on every machine.
 * @module
 */

/** Draws the next unsigned 32-bit integer. */
export type Draw = () => number;

/** A generator (xoshiro128**, Blackman and Vigna 2018) whose state is filled from the seed by splitmix32. */
export function createDraw(seed: number): Draw {
  let mixed = seed >>> 0;
  const mix = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let z = mixed;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = mix();
  let b = mix();
  let c = mix();
  let d = mix();
  return () => {
    const scaled = Math.imul(b, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };
}

/** P(X ≤ k) of Poisson(1) for k = 0 … 12, scaled to 2³²; what lies beyond is less than one draw in 2³². */
const cumulative = new Float64Array(13);
let probability = Math.exp(-1);
for (let k = 0; k < cumulative.length; k++) {
  cumulative[k] = (cumulative[k - 1] ?? 0) + probability * 2 ** 32;
  probability /= k + 1;
}

function countOf(drawn: number): number {
  let count = 0;
  while (count < 12 && drawn >= (cumulative[count] as number)) count++;
  return count;
}

const undecided = 255;

/** The count by the upper 16 bits of a draw, for all but the dozen of them whose lower bits decide. */
const countByUpperBits = Uint8Array.from({ length: 2 ** 16 }, (_, upper) => {
  const [lowest, highest] = [countOf(upper * 2 ** 16), countOf(upper * 2 ** 16 + 2 ** 16 - 1)];
  return lowest === highest ? lowest : undecided;
});

/** Fills the weights of one bootstrap replicate: each row counts Poisson(1) times. */
export function fillPoissonWeights(weights: Uint8Array, draw: Draw): void {
  for (let row = 0; row < weights.length; row++) {
    const drawn = draw();
    const count = countByUpperBits[drawn >>> 16] as number;
    weights[row] = count === undecided ? countOf(drawn) : count;
  }
}
