/**
 * Rollouts: how an endpoint's traffic moves to a new version.
 * @module
 */
import type { EndpointSpec } from "./spec.ts";

export type Rollout = EndpointSpec["rollout"];

/** All traffic moves to the new version at once. */
export function allAtOnce(): Rollout {
  return { kind: "allAtOnce" };
}
