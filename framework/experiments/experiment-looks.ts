/**
 * How an endpoint looks at its experiment: which one it is, and how often. Pure.
 * @module
 */
import type { ExperimentLooks, ExperimentSpec } from "../definitions/experiment-spec.ts";
import type { FeedbackSpec } from "../definitions/feedback-spec.ts";
import { toSeconds } from "../definitions/units.ts";
import { digestOf } from "../plan/digest.ts";

/** The shortest and the longest pause between two looks, in seconds. */
const [shortest, longest] = [5, 15 * 60];

/**
 * How long after one look the next comes, in seconds: a twentieth of the time that a unit takes to count, so that a decision comes hardly
 * later than it could. At least 5 seconds, for a look reads the log. At most 15 minutes: what a server counted is lost when it
 * is started anew, and an arm that fails its callers is to be stopped soon, however late its labels are.
 */
export function chooseLookPause(
  { window }: Pick<ExperimentSpec, "window">,
  { matures }: Pick<FeedbackSpec, "matures">,
): number {
  return Math.min(Math.max((toSeconds(window) + toSeconds(matures)) / 20, shortest), longest);
}

/**
 * What tells an experiment from another: the endpoint, its name, and all that its inference goes by. What becomes of a decision, and
 * the power that it was planned with, are no part of it: what was decided stays decided.
 */
export function identifyExperiment(endpoint: string, experiment: ExperimentSpec): string {
  const { decide: _decide, power: _power, ...inferred } = experiment;
  return digestOf({ format: 1, endpoint, ...inferred });
}

/** What an endpoint's entity is told of the looks at its experiment. */
export function describeLooks(
  endpoint: string,
  experiment: ExperimentSpec,
  feedback: Pick<FeedbackSpec, "matures">,
): ExperimentLooks {
  return {
    identity: identifyExperiment(endpoint, experiment),
    pause: chooseLookPause(experiment, feedback),
    decide: experiment.decide,
  };
}
