/**
 * Rollouts: how an endpoint's traffic moves to a new version.
 * @module
 */
import type { EndpointSpec } from "./spec.ts";

/** How an endpoint's traffic moves to a new version. */
export type Rollout = EndpointSpec["rollout"];

/**
 * All traffic moves to the new version at once. It stands in `rollout` of an endpoint.
 *
 * @example
 * endpoint("late-arrival", { model: late, rollout: allAtOnce() })
 */
export function allAtOnce(): Rollout {
  return { kind: "allAtOnce" };
}
