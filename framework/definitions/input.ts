/**
 * Inputs: what the stack must supply. A spec and its digests keep the reference; the value is put in where it is used.
 * @module
 */

/** A value that the stack supplies under a name. */
export interface Input {
  readonly kind: "input";
  readonly input: string;
}

/**
 * Refers to a value of the stack's `inputs`. It stands where a definition takes a path.
 *
 * @param name letters, digits, dots and hyphens; the stack supplies a value under it
 *
 * @example
 * parquet(input("flights.path"))
 */
export function input(name: string): Input {
  return { kind: "input", input: name };
}
