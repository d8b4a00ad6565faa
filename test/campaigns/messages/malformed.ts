/**
 * Malformed projects: what each case of the campaign says.
 * @module
 */
import type { ProblemCode } from "../../../framework/definitions/problem-catalogue.ts";

/** A malformed project, and what must be said of it. */
export interface Malformed {
  readonly name: string;
  /** What is replaced in the right project, in turn: a text that occurs in it, and what stands there instead. */
  readonly edits?: readonly (readonly [from: string, to: string])[];
  /** What is put before the right project's default export. @default nothing */
  readonly before?: string;
  /** The whole file. @default the right project, edited */
  readonly source?: string;
  /** Other files beside the project file, by their names. */
  readonly files?: Readonly<Record<string, string>>;
  /** Within what it is to come to its end, in milliseconds, where it does not. @default what every project comes to its end within */
  readonly patience?: number;
  /** Whether the types are checked; most cases are what gets past them. @default false */
  readonly typed?: boolean;
  /** The codes of all problems, without repetition. */
  readonly codes: readonly ProblemCode[];
  /** The place of one of the problems. @default any */
  readonly at?: string;
  /** What the line that one of the problems names begins with, without its indentation. @default any line */
  readonly line?: string;
  /** Parts of the printed message that matter. */
  readonly says: readonly string[];
  /** What must not be printed. */
  readonly hides?: string;
}
