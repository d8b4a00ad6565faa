/**
 * Golden rows against the features of a training job, wherever they were written. Pure.
 * @module
 */
import { z } from "zod";
import type { Problem } from "./problem.ts";

export const goldenRow = z.strictObject({
  /** Values by the names of features; one that is left out is missing. */
  features: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  answer: z.number(),
});
export type GoldenRowSpec = z.output<typeof goldenRow>;

/** The most rows of one test. */
export const mostGoldenRows = 256;

/** What a row has a value for. */
export interface GoldenFeature {
  readonly name: string;
  readonly type: "number" | "boolean" | "category";
}

/** What is wrong with rows, without a place. */
type Finding = Pick<Problem, "what" | "got" | "expected">;

/**
 * Finds what is no feature, and values of another type than their features.
 *
 * @param training the name of the training job
 */
export function findGoldenProblems(
  rows: readonly GoldenRowSpec[],
  features: readonly GoldenFeature[],
  training: string,
): readonly Finding[] {
  const known = new Map(features.map((feature) => [feature.name, feature]));
  const given = new Set(rows.flatMap((row) => Object.keys(row.features)));
  const unknown = [...given].filter((name) => !known.has(name));
  const unfit = rows.flatMap((row, at) =>
    Object.entries(row.features).flatMap(([name, value]) => {
      const feature = known.get(name);
      return feature && !fits(feature.type, value) ? [`${name} of row ${at}`] : [];
    }),
  );
  return [
    ...(unknown.length > 0
      ? [
          {
            what: `golden rows have what is no feature of "${training}"`,
            got: list(unknown),
            expected: [...known.keys()].join(", "),
          },
        ]
      : []),
    ...(unfit.length > 0
      ? [{ what: "golden rows have values of another type than their features", got: list(unfit) }]
      : []),
  ];
}

/** Finds features that rows say nothing of: a file was written when there were others. */
export function findMissingFeatures(
  rows: readonly GoldenRowSpec[],
  features: readonly GoldenFeature[],
): Finding | undefined {
  const missing = rows.flatMap((row, at) =>
    features.flatMap(({ name }) => (Object.hasOwn(row.features, name) ? [] : [`${name} of row ${at}`])),
  );
  if (missing.length === 0) return undefined;
  return {
    what: "golden rows of a file lack features",
    got: list(missing),
    expected: "a value or null for each feature",
  };
}

const mostListed = 5;

function list(names: readonly string[]): string {
  const left = names.length - mostListed;
  return `${names.slice(0, mostListed).join(", ")}${left > 0 ? ` and ${left} more` : ""}`;
}

/** Whether a value may stand for a feature: null for any, and 0 or 1 for a truth. */
function fits(type: GoldenFeature["type"], value: unknown): boolean {
  if (value === null) return true;
  if (type === "category") return typeof value === "string";
  return typeof value === "number" ? type === "number" || value === 0 || value === 1 : typeof value === type;
}
