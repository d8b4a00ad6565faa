/**
 * What a group of processes and its members say to each other.
 * @module
 */

/** Asks all members of a group something, by its name. */
export interface Question {
  readonly kind: "question";
  readonly id: number;
  readonly name: string;
}

export type FromMember =
  | { readonly kind: "ready" }
  /** It lives; `oldest` is for how long its oldest work is under way, in milliseconds. */
  | { readonly kind: "beat"; readonly oldest: number }
  /** Asks all members something, itself too. */
  | Question
  /** Answers the question of an id, by its name. */
  | { readonly kind: "answer"; readonly id: number; readonly name: string; readonly value: unknown };

export type FromGroup =
  | Question
  | ({ readonly kind: "answers"; readonly id: number } & Gathered)
  /** What all members are to know, by its name: what was told before by that name holds no more. */
  | ({ readonly kind: "told" } & Told);

/** What all members of a group are to know. */
export interface Told {
  readonly name: string;
  readonly value: unknown;
}

/** What the members of a group answered. */
export interface Gathered {
  /** Of those that answered in time, in the members' order; those of one that hangs or begins are missing. */
  readonly values: readonly unknown[];
  /** The last answers of those that have ended since the group began, as far as they had been asked. */
  readonly past: readonly unknown[];
}

/** The variables that tell a process which of how many it is. */
export const memberVariables = { index: "STEWARD_PROCESS", count: "STEWARD_PROCESSES" } as const;
