/**
 * What is held against each answer: that it came, and that it is of a package that its unit had at some moment between question and
 * answer. Pure.
 * @module
 */
import { type Change, findPackage, type Releases } from "./script.ts";

/** A change, and when it was in force; in milliseconds. */
export interface Phase {
  readonly change: Change;
  /** The moment before it was written. */
  readonly from: number;
  /** The moment at which the server said that it goes by the next. @default it does not yet */
  until?: number;
}

/** An answer, or what came in its place. */
export interface Answered {
  /** What its assignment goes by. */
  readonly unit: string;
  readonly sent: number;
  readonly received: number;
  readonly status: number | string;
  readonly digest?: string | undefined;
}

/** What is wrong with an answer. @returns nothing where nothing is */
export function findBreach(answered: Answered, phases: readonly Phase[], releases: Releases): string | undefined {
  const { unit, sent, received, status, digest } = answered;
  if (status !== 200) return `a request was not answered: ${status}`;
  const open = phases.filter(({ from, until = Infinity }) => from <= received && until >= sent);
  const allowed = open.map(({ change }) => findPackage(change, releases, unit));
  if (allowed.includes(digest)) return undefined;
  const version = releases.packages.indexOf(digest ?? "") + 1;
  const own = allowed.map((one) => releases.packages.indexOf(one ?? "") + 1).join(" or ");
  return `version ${version} answered ${unit}, whose version was ${own}`;
}
