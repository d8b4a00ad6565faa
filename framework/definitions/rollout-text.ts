/**
 * A rollout in words. Pure.
 * @module
 */
import type { CanarySpec } from "./rollout-spec.ts";

/** `in steps of 5, 25 and 100 %`. */
export function sayRollout({ steps }: CanarySpec): string {
  const all = steps.map(String);
  return `in steps of ${all.slice(0, -1).join(", ")} and ${all.at(-1)} %`;
}
