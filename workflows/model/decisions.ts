/**
 * Decisions of people on a model, as pure functions: may this person approve, is that enough, where does a rollback go.
 * @module
 */

import type { EntityStatus, LiveModel } from "../../framework/engine/entity-status.ts";
import type { DecisionMessage, RollbackMessage } from "../../framework/engine/messages.ts";

/** Why a message is refused, and what to do instead. */
export interface Refusal {
  readonly message: string;
  readonly fix: string;
}

/** Whose word is asked for: `ops-lead`, `ann and bob`, `2 of ann, bob, eve`. */
export function describeApprovers({
  from,
  count,
}: {
  readonly from: readonly string[];
  readonly count: number;
}): string {
  return from.length === count ? from.join(" and ") : `${count} of ${from.join(", ")}`;
}

/** What was decided, by whom and why: `rejected by eve: unfair to night flights`. */
export function describeDecision(
  decision: string,
  { by, reason }: { readonly by: readonly string[]; readonly reason: string },
): string {
  return `${decision} by ${by.join(", ")}${reason ? `: ${reason}` : ""}`;
}

export interface ApprovalDecision {
  /** @default the approval counts */
  readonly refusal?: Refusal;
  /** Everybody who has approved, this approval included. */
  readonly approvals: readonly string[];
  /** Whether they are enough. */
  readonly complete: boolean;
}

/** Judges an approval against the candidate that waits and its policy. */
export function decideApproval(status: EntityStatus, { actor, candidate: digest }: DecisionMessage): ApprovalDecision {
  const { candidate } = status;
  const refuse = (message: string, fix: string): ApprovalDecision => ({
    refusal: { message, fix },
    approvals: candidate?.approvals ?? [],
    complete: false,
  });
  if (!candidate)
    return refuse(`model "${status.name}" has no candidate that waits for approval`, "look at `npx steward status`");
  if (candidate.digest !== digest) {
    return refuse(
      `the approval is for candidate ${digest.slice(0, 12)}, but ${candidate.digest.slice(0, 12)} waits now; an approval of the earlier one is void`,
      "look at the new evaluation, then approve that one",
    );
  }
  const { policy, approvals } = candidate;
  if (!policy.from.includes(actor.id)) {
    return refuse(
      `"${actor.id}" may not approve model "${status.name}"`,
      `ask ${policy.from.join(" or ")}; name yourself with --as`,
    );
  }
  if (policy.notBy === "author" && actor.id === status.actor?.id) {
    return refuse(
      `"${actor.id}" asked for this version and may not approve it too`,
      `ask another of ${policy.from.join(", ")}`,
    );
  }
  if (approvals.includes(actor.id)) return refuse(`"${actor.id}" has approved already`, "one more person must approve");
  const all = [...approvals, actor.id];
  return { approvals: all, complete: all.length >= policy.count };
}

/** Finds the release to go back to: the asked-for version, else the latest before the one in production. */
export function planRollback(
  releases: readonly LiveModel[],
  { to }: RollbackMessage,
): { readonly target?: LiveModel; readonly refusal?: Refusal } {
  const current = releases.at(-1);
  const earlier = releases.slice(0, -1);
  const list = earlier.map(({ version }) => version).join(", ") || "none";
  const target =
    to === undefined
      ? earlier.findLast((past) => past.package !== current?.package)
      : earlier.find(({ version }) => version === to);
  if (target) return { target };
  const message =
    to === undefined ? "there is no earlier version to go back to" : `there is no earlier version ${to} to go back to`;
  return { refusal: { message, fix: `earlier versions: ${list}` } };
}
