/**
 * Distributions: what a parameter may be while a training job is tuned.
 * @module
 */
import { infer, type inferred } from "./inferred.ts";

/** A value that a parameter of a trainer can have. */
type ParamValue = string | number | boolean;

/** What a parameter may be: values of type `V`, searched where the condition `C` holds. */
export interface Distribution<V = ParamValue, C = unknown> {
  readonly kind: "int" | "float" | "choice";
  /** Never set: it carries the two types. */
  readonly [inferred]: { readonly value: V; readonly condition: C };
}

/** A parameter that is searched whatever the others are, unless it is told otherwise. */
export interface FreeDistribution<V, K extends Distribution["kind"]> extends Distribution<V, never> {
  readonly kind: K;
  /**
   * Searches the parameter only where another one, which stands before it in the space and is a `choice`, has this value.
   * Elsewhere it has its default.
   * @example float(0.05, 0.5).when("boosting", "dart")
   */
  when<const P extends string, const Is extends ParamValue>(
    param: P,
    is: Is,
  ): Distribution<V, { readonly [Name in P]: Is }> & { readonly kind: K };
}

/** How whole numbers are drawn beside evenly. */
export interface IntOptions {
  /**
   * How far apart the values are. A whole number, at least 1, that divides the distance of the bounds.
   * @default 1
   * @example 16
   */
  readonly step?: number;
}

/**
 * A whole number from `low` to `high`, both included.
 *
 * @param how `"log"` draws as many from 1 to 10 as from 10 to 100, and needs bounds above 0. @default "linear"
 * @example
 * int(8, 256, "log")
 */
export function int(
  low: number,
  high: number,
  how: "linear" | "log" | IntOptions = "linear",
): FreeDistribution<number, "int"> {
  const drawn = typeof how === "string" ? { scale: how } : { scale: "linear", ...how };
  return create({ kind: "int", low, high, ...drawn });
}

/**
 * A number from `low` to `high`, both included.
 *
 * @param scale `"log"` draws as many from 0.01 to 0.1 as from 0.1 to 1, and needs bounds above 0. @default "linear"
 * @example
 * float(0.01, 0.3, "log")
 */
export function float(
  low: number,
  high: number,
  scale: "linear" | "log" = "linear",
): FreeDistribution<number, "float"> {
  return create({ kind: "float", low, high, scale });
}

/**
 * One of some values, which have no order.
 *
 * @example
 * choice("gbdt", "dart")
 */
export function choice<const V extends ParamValue>(...values: readonly [V, ...V[]]): FreeDistribution<V, "choice"> {
  return create({ kind: "choice", values });
}

function create<D extends FreeDistribution<unknown, Distribution["kind"]>>(written: {
  readonly kind: D["kind"];
  readonly [field: string]: unknown;
}): D {
  const free = { ...written, when: (param: string, is: ParamValue) => ({ ...written, condition: { param, is } }) };
  return infer<D>(free as never);
}
