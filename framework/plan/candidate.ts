/**
 * How far a candidate has come, and which steps are missing. The planner foretells with it, the model's entity acts by it.
 * @module
 */
import type { Digest } from "./digest.ts";

export interface CandidateProgress {
  /** The training set. */
  readonly trainingSet: { readonly identity: Digest; readonly present: boolean };
  /** The rows of the version in production, under its own features. @default its rows are the candidate's, or nothing is compared */
  readonly comparison?: { readonly identity: Digest; readonly present: boolean };
  /** With `tuned`, its run is the best trial of a study. @default it is one training */
  readonly run: { readonly identity: Digest; readonly tuned?: boolean };
  /** The digest of the package made of the run. @default not made yet */
  readonly package?: Digest;
  /** The digest of the evaluation report. @default not made yet */
  readonly evaluation?: Digest;
}

export type MissingStep =
  | { readonly step: "materialise"; readonly identity: Digest; readonly of: "candidate" | "production" }
  | { readonly step: "train" | "tune"; readonly identity: Digest }
  | { readonly step: "evaluate" };

/** The steps still to run before the gates can decide, in order. None when the evaluation is there. */
export function listMissingSteps({
  trainingSet,
  comparison,
  run,
  package: made,
  evaluation,
}: CandidateProgress): readonly MissingStep[] {
  if (made && evaluation) return [];
  const steps: MissingStep[] = [];
  if (!trainingSet.present) steps.push({ step: "materialise", identity: trainingSet.identity, of: "candidate" });
  if (!made) steps.push({ step: run.tuned ? "tune" : "train", identity: run.identity });
  if (comparison && !comparison.present)
    steps.push({ step: "materialise", identity: comparison.identity, of: "production" });
  return [...steps, { step: "evaluate" }];
}
