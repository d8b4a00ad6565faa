/**
 * When an endpoint's features are put into the online store again. Pure.
 * @module
 */
import { toSeconds } from "../../framework/definitions/units.ts";
import type { LiveEndpoint } from "../../framework/engine/entity-status.ts";
import type { PromotedMessage } from "../../framework/engine/messages.ts";

/**
 * The time of the next filling, in milliseconds since 1970.
 *
 * @param refresh how long after one the next comes: `"1 hour"`
 * @returns nothing where there is none
 */
export function findRefresh(refresh: string | undefined, now: number): number | undefined {
  return refresh === undefined ? undefined : now + Math.round(toSeconds(refresh) * 1000);
}

/** Whether an endpoint answers with what is in production: else it is followed first, which fills the store too. */
export function isFollowing(
  promoted: PromotedMessage["promoted"] | undefined,
  live: LiveEndpoint | undefined,
): boolean {
  return promoted?.version !== undefined && promoted.version === live?.version && promoted.package === live.package;
}
