/**
 * A rollout in words. Pure.
 * @module
 */
import { type CanarySpec, isOfLabels } from "./rollout-spec.ts";

/** `in steps of 5, 25 and 100 %`; where labels decide, `in steps of 5 and 100 %, judged by accuracy of labels after 1 day`. */
export function sayRollout({ steps, abortOn, matures }: CanarySpec): string {
  const all = steps.map(String);
  const said = `in steps of ${all.slice(0, -1).join(", ")} and ${all.at(-1)} %`;
  const metrics = [...new Set(abortOn.filter(isOfLabels).map(({ metric }) => metric))];
  if (metrics.length === 0) return said;
  return `${said}, judged by ${metrics.join(" and ")} of labels${matures === undefined ? "" : ` after ${matures}`}`;
}
