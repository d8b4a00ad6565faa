/**
 * Assignment: which variant a caller gets. It is a pure function of salt and unit, so it is sticky, the same on every replica and
 * platform, and can be replayed from the log. Pure.
 * @module
 */
import { hash } from "node:crypto";
import { allPoints } from "./routing.ts";

/** What assignment reads of a variant. */
interface Weighted {
  /** In basis points. */
  readonly weight: number;
}

/**
 * The place of a unit among the 10,000 of a salt: the first 48 bits of SHA-256 over `<salt>\n<unit>` in UTF-8, as a fraction of
 * 2^48, times 10,000, rounded down.
 *
 * @example placeUnit("checkout-colour", "customer-17") // 0 to 9,999
 */
export function placeUnit(salt: string, unit: string): number {
  const digest = hash("sha256", `${salt}\n${unit}`, "buffer");
  return Math.floor((digest.readUIntBE(0, 6) / 2 ** 48) * allPoints);
}

/**
 * The variant that a unit gets: weights are laid end to end in the variants' order, and the one that covers the unit's place is its.
 * A unit keeps its variant while the variants before it keep their weights.
 *
 * @returns nothing where the weights do not reach that far
 */
export function assignVariant<V extends Weighted>(
  { salt, variants }: { readonly salt: string; readonly variants: readonly V[] },
  unit: string,
): V | undefined {
  const place = placeUnit(salt, unit);
  let end = 0;
  for (const variant of variants) {
    end += variant.weight;
    if (place < end) return variant;
  }
  return undefined;
}
