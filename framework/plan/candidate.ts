/**
 * How far a candidate has come, and which steps are missing. The planner foretells with it, the model's entity acts by it.
 * @module
 */
import type { Digest } from "./digest.ts";

export interface CandidateProgress {
  /** The training set. */
  readonly trainingSet: TrainingSetProgress;
  /** The rows of the version in production, under its own features. @default its rows are the candidate's, or nothing is compared */
  readonly comparison?: TrainingSetProgress;
  /**
   * With `tuned`, its run is the best trial of a study. @default it is one training
   * With `lost`, what is no longer whole of the package that was made of it. @default none was made
   */
  readonly run: { readonly identity: Digest; readonly tuned?: boolean; readonly lost?: string };
  /** The digest of the package made of the run. @default not made yet */
  readonly package?: Digest;
  /** The digest of the evaluation report. @default not made yet */
  readonly evaluation?: Digest;
  /** What of its evaluation is lost. @default none was made */
  readonly evaluationLost?: string;
}

interface TrainingSetProgress {
  readonly identity: Digest;
  readonly present: boolean;
  /** What is no longer whole of it. @default it is whole, or was never built */
  readonly lost?: string;
}

/** A step, and, where it runs again, what was lost: `the model file of its package is gone from the store`. */
export type MissingStep = (
  | { readonly step: "materialise"; readonly identity: Digest; readonly of: "candidate" | "production" }
  | { readonly step: "train" | "tune"; readonly identity: Digest }
  | { readonly step: "evaluate" }
) & { readonly lost?: string };

/** The steps still to run before the gates can decide, in order. None when the evaluation is there. */
export function listMissingSteps({
  trainingSet,
  comparison,
  run,
  package: made,
  evaluation,
  evaluationLost,
}: CandidateProgress): readonly MissingStep[] {
  if (made && evaluation) return [];
  const steps: MissingStep[] = [];
  if (!trainingSet.present)
    steps.push({ step: "materialise", identity: trainingSet.identity, of: "candidate", ...because(trainingSet.lost) });
  if (!made) steps.push({ step: run.tuned ? "tune" : "train", identity: run.identity, ...because(run.lost) });
  if (comparison && !comparison.present)
    steps.push({ step: "materialise", identity: comparison.identity, of: "production", ...because(comparison.lost) });
  return [...steps, { step: "evaluate", ...because(evaluationLost) }];
}

function because(lost: string | undefined): { readonly lost?: string } {
  return lost === undefined ? {} : { lost };
}
