/**
 * The labels of a version on its way: when they are read, and whether what they said is what a step is judged by. Pure.
 * @module
 */
import { type CanarySpec, isOfLabels } from "../../framework/definitions/rollout-spec.ts";
import { toSeconds } from "../../framework/definitions/units.ts";
import { describeLabels } from "../../framework/serving/variants/judge-labels.ts";
import type { CanaryMemory } from "./messages.ts";

/** The metrics of labels that a rollout's conditions are of. */
export function listLabelMetrics({ abortOn }: CanarySpec): readonly string[] {
  return [...new Set(abortOn.filter(isOfLabels).map(({ metric }) => metric))];
}

/**
 * When labels are read next, in milliseconds since 1970: from when the first of a step may be final, and once more when its time is over.
 * A log is long to read and labels are slow to come, so it is twenty times in a step, not more often than every five seconds, and
 * every quarter of an hour at least.
 * @returns nothing where no step is under way, or no condition is of labels
 */
export function findLabelTime(canary: CanaryMemory | undefined): number | undefined {
  if (canary?.since === undefined || listLabelMetrics(canary.rollout).length === 0) return undefined;
  const { since, labels, over } = canary;
  const { hold, matures = "0 seconds" } = canary.rollout;
  if (over !== undefined && (labels?.at ?? since) < over) return over;
  const pause = Math.min(Math.max(toSeconds(hold) * 50, 5_000), 900_000);
  return labels ? labels.at + Math.round(pause) : since + Math.round(Math.max(toSeconds(matures) * 1000, pause));
}

/** Why what labels said is not what a step is judged by at its end. @returns nothing where it is */
export function findUnread({ over, labels, rollout }: CanaryMemory): string | undefined {
  if (over === undefined || listLabelMetrics(rollout).length === 0) return undefined;
  if (!labels || labels.at < over) return "the labels are still to be read";
  return labels.unread === undefined ? undefined : `the labels cannot be read: ${labels.unread}`;
}

/** What labels said of a version that is judged: `accuracy 0.81 of 612 labels (champion 0.83 of 2,410)`. @returns nothing where none count */
export function sayLabels({ rollout, labels }: CanaryMemory): string | undefined {
  const said = listLabelMetrics(rollout).map((metric) => describeLabels(metric, labels?.evidence));
  return said.length > 0 ? said.join(", ") : undefined;
}
