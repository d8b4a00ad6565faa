/**
 * The assignment of an experiment, replayed: every unit that a log has is dealt again, and must get the variant that answered it. Pure.
 * @module
 */
import { assignVariant } from "../serving/variants/assignment.ts";
import type { Routing } from "../serving/variants/routing.ts";

/** What a log says of one request. */
export interface LoggedAssignment {
  /** The inference's id. */
  readonly id: string;
  readonly unit: string;
  readonly variant: string;
}

/** A request that another variant answered than its unit has. */
export interface Mismatch extends LoggedAssignment {
  /** @default the unit has none: the weights do not reach that far */
  readonly expected?: string;
}

/** Replays the assignment of logged requests under the routing that was in force. @returns those that another variant answered */
export function replayAssignment(
  routing: Pick<Routing, "salt" | "variants">,
  log: Iterable<LoggedAssignment>,
): readonly Mismatch[] {
  const mismatches: Mismatch[] = [];
  for (const one of log) {
    const expected = assignVariant(routing, one.unit)?.name;
    if (expected !== one.variant) mismatches.push({ ...one, ...(expected !== undefined && { expected }) });
  }
  return mismatches;
}
