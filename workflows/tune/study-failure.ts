/**
 * Why a study comes to nothing, as a problem. Pure.
 * @module
 */
import type { Problem } from "../../framework/definitions/problem.ts";
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { Trial } from "../../framework/training/tuning/study.ts";
import type { StudyEnd } from "../../framework/training/tuning/study-record.ts";

/** What is wrong with a study that failed: too many trials did, or none was completed. */
export function describeFailedStudy(
  { name, tuning }: Pick<TrainingJobSpec, "name" | "tuning">,
  { trials, because }: { readonly trials: readonly Trial[]; readonly because: StudyEnd },
): Problem {
  const failed = trials.filter(({ state }) => state === "failed");
  const last = failed.at(-1);
  const example = last?.reason === undefined ? "" : `; trial ${last.number + 1}: ${last.reason}`;
  if (because === "failures") {
    return {
      code: "study-failed",
      at: `${name}.tune.failures`,
      what: `${failed.length} of ${trials.length} trials failed${example}`,
      expected: `a share of at most ${tuning?.failures ?? 0}`,
    };
  }
  const pruned = trials.filter(({ state }) => state === "pruned").length;
  return {
    code: "study-failed",
    at: `${name}.tune`,
    what: `no trial was completed: of ${trials.length}, ${failed.length} failed and ${pruned} were given up early${example}`,
  };
}
