/**
 * Comparisons: how a candidate is measured against the version in production, on the same rows.
 * @module
 */
import type { FeaturesSpec, ModelSpec, TrainingJobSpec } from "../definitions/spec.ts";
import { type Digest, digestOf } from "./digest.ts";
import { trainingSetIdentity } from "./identity.ts";

/** What the version in production was made from and judged by. */
export interface ProductionRecipe {
  readonly model: ModelSpec;
  readonly training: TrainingJobSpec;
  /** By the set's name. */
  readonly features: Readonly<Record<string, FeaturesSpec>>;
}

export interface Comparison {
  /** Production's training job on the candidate's split. */
  readonly training: TrainingJobSpec;
  /** Of the training set that has the candidate's rows under production's features. */
  readonly identity: Digest;
}

/**
 * Finds the rows on which production is compared with a candidate: the candidate's data and split, production's features.
 *
 * @returns nothing when production predicts something else, or from data the candidate does not read
 */
export function findComparison(
  production: Omit<ProductionRecipe, "model">,
  candidate: TrainingJobSpec,
  roots: Readonly<Record<string, Digest>>,
): Comparison | undefined {
  const before = production.training;
  const asked = ({ label, task, classes }: TrainingJobSpec) => digestOf([label, task, ...(classes ?? [])]);
  if (asked(before) !== asked(candidate)) return undefined;
  if (Object.values(production.features).some(({ from }) => !roots[from])) return undefined;
  const training = { ...before, split: candidate.split };
  return { training, identity: trainingSetIdentity({ training, features: production.features, roots }) };
}

/** Whether two models ask the same of a candidate: then a package judged for one needs no judgement for the other. */
export function asksTheSame(before: ModelSpec, after: ModelSpec): boolean {
  const measures = ({ metrics, baseline, gates, tests }: ModelSpec): Digest =>
    digestOf({ metrics, baseline, gates, ...(tests && { tests }) });
  return measures(before) === measures(after);
}
