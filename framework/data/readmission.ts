/**
 * Readmission: decisions of people that take rows of a dataset back out of its quarantine. A decision is about rows of files as
 * they were, by the files' fingerprints and the rows' positions, so that it says nothing of a file that has changed. Pure.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../definitions/format.ts";
import { StewardError } from "../definitions/problem.ts";
import { versioned } from "../definitions/versioned.ts";
import { type Digest, digestOf } from "../plan/digest.ts";

const rowsOfFile = z.strictObject({
  /** The fingerprint of the file. */
  file: z.string(),
  /** Of the rows in it, from 1, ascending. */
  positions: z.array(z.int().min(1)).min(1),
});

const decisionSchema = z.strictObject({
  /** Counts from 1 in its dataset, whatever was taken back since. */
  number: z.int().min(1),
  /** RFC 3339. */
  at: z.string(),
  actor: z.strictObject({ id: z.string(), via: z.string() }),
  /** Why, in the words of who decided. */
  because: z.string().min(1),
  rows: z.array(rowsOfFile).min(1),
});

/** The decisions that are in force for a dataset. */
export const readmissionsSchema = versioned("readmissions", {
  dataset: z.string(),
  /** The number of the latest decision, in force or not. */
  last: z.int().min(0),
  /** By their numbers. */
  decisions: z.array(decisionSchema),
});

export type Readmissions = z.output<typeof readmissionsSchema>;
export type RowsOfFile = z.output<typeof rowsOfFile>;
type Decision = z.output<typeof decisionSchema>;

/** The decisions in force with one more. @param before nothing where there were none */
export function addDecision(
  dataset: string,
  before: Readmissions | undefined,
  decision: Omit<Decision, "number">,
): Readmissions {
  const number = (before?.last ?? 0) + 1;
  const decisions = [...(before?.decisions ?? []), { number, ...decision }];
  return { format: formatOf("readmissions"), dataset, last: number, decisions };
}

/** The decisions in force without one. @throws StewardError when it is not in force */
export function takeBackDecision(dataset: string, before: Readmissions | undefined, number: number): Readmissions {
  const { last = 0, decisions = [] } = before ?? {};
  const left = decisions.filter((decision) => decision.number !== number);
  if (left.length < decisions.length) return { format: formatOf("readmissions"), dataset, last, decisions: left };
  const known = decisions.map((decision) => decision.number).join(", ");
  throw new StewardError({
    code: "readmission-refused",
    at: dataset,
    what: `no decision ${number} on rows of dataset "${dataset}" is in force`,
    expected: known === "" ? "one that is; none is" : `one of ${known}`,
    fix: "npx steward data show <dataset> lists those that are",
  });
}

/** The positions of the rows that are taken back, ascending, by the fingerprints of their files. */
export type ReadmittedRows = ReadonlyMap<Digest, readonly number[]>;

/** Which rows the decisions in force take back, whichever of them does. */
export function listReadmitted({ decisions }: Pick<Readmissions, "decisions">): ReadmittedRows {
  const found = new Map<Digest, Set<number>>();
  for (const { file, positions } of decisions.flatMap(({ rows }) => rows)) {
    const known = found.get(file) ?? new Set();
    for (const position of positions) known.add(position);
    found.set(file, known);
  }
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([file, positions]) => [file, [...positions].sort((a, b) => a - b)]));
}

/** The digest of rows that are taken back, which is in a version's identity. @returns nothing where there are none */
export function identifyReadmitted(rows: ReadmittedRows): Digest | undefined {
  return rows.size === 0 ? undefined : digestOf({ readmitted: [...rows] });
}

/** The digest of the rows of one file that are taken back. @returns nothing where there are none */
export function identifyPositions(positions: readonly number[] | undefined): Digest | undefined {
  return positions === undefined || positions.length === 0 ? undefined : digestOf({ positions });
}

/** The wanted positions that are not there yet. @returns nothing when some are there that are not wanted */
export function findAdded(wanted: readonly number[], there: readonly number[]): readonly number[] | undefined {
  const [asked, known] = [new Set(wanted), new Set(there)];
  return there.every((position) => asked.has(position)) ? wanted.filter((position) => !known.has(position)) : undefined;
}
