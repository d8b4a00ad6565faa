/**
 * Types that definitions and expressions carry for the compiler alone.
 * @module
 */

/** The key of what the compiler infers of a value. No value ever has it: it is there for the types. */
export declare const inferred: unique symbol;

/** A value as it is, without what only the compiler sees. */
export type Plain<T> = Omit<T, typeof inferred>;

/** Says of a value what the compiler shall infer of it. */
export function infer<T>(value: Plain<T>): T {
  return value as T;
}

/** A message in the form of a property that nobody has: what the compiler prints where a program cannot be right. */
export interface Wrong<Message extends string> {
  readonly wrong: Message;
}
