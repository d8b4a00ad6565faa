/**
 * What is said to entity workflows and what they answer: the names, the shapes, and nothing that needs Node, so that
 * workflows import it too.
 * @module
 */
import type { FormatOf } from "../definitions/format.ts";
import type { DesiredDataset, DesiredEndpoint, DesiredModel } from "./desired.ts";
import type { EntityKind } from "./entity-names.ts";
import type { EntityStatus, Readmitted } from "./entity-status.ts";

/** Who sends a message, and through what. */
export interface Actor {
  /** A person's or a service's name. */
  readonly id: string;
  readonly via: "pulumi" | "cli" | "workflow" | "test";
}

/** Asks an entity to become what a spec says. */
export interface ApplyMessage {
  readonly actor: Actor;
  /** The stack that owns the entity. Another stack is refused unless it adopts. */
  readonly owner: string;
  /** Takes the entity over from the stack that owns it now; recorded. */
  readonly adopt: boolean;
  /** The digest of everything below but a model's `code`: equal digests ask for the same thing. */
  readonly digest: string;
  readonly desired: DesiredDataset | DesiredModel | DesiredEndpoint;
}

/** The answer to `apply`: accepted, under this generation. Readiness is then polled from the status. */
export interface ApplyAnswer {
  readonly generation: number;
}

/** An approval or a rejection of the candidate that waits; void when the digest is not the waiting one's. */
export interface DecisionMessage {
  readonly actor: Actor;
  /** The digest that binds model, evaluation and policy, as the status shows it. */
  readonly candidate: string;
  /** Why, for the history; empty when none was given. */
  readonly reason: string;
}

export interface RollbackMessage {
  readonly actor: Actor;
  /** The version to go back to. @default the one before the one in production */
  readonly to?: number;
  /** Why, for the history; empty when none was given. */
  readonly reason: string;
}

/** Asks a dataset's entity to look at its source now, and to take in what is new. Accepted under a generation, as a wish is. */
export interface IngestMessage {
  readonly actor: Actor;
  /**
   * What is read again, whether it looks changed or not: from the first value on of what the source orders its rows by, up to
   * and without the second; without one from the beginning, or to the end. @default only what is new is read
   */
  readonly again?: { readonly from?: string; readonly to?: string };
}

/** Puts decisions on quarantined rows of a dataset in force; accepted under a generation, in force when its version is made. */
export interface ReadmitMessage {
  readonly actor: Actor;
  /** The digest of the decisions that these follow: void when others are in force by now. @default there were none */
  readonly before?: string;
  readonly readmitted: Readmitted;
}

/** What a person decides of a canary under way, whatever was seen of it: that it goes to its next step, or back. */
export interface RolloutMessage {
  readonly actor: Actor;
  /** Why, for the history; empty when none was given. */
  readonly reason: string;
}

export interface RetireMessage {
  readonly actor: Actor;
  readonly owner: string;
}

/** The names of messages from outside. Each is an update but `status` and, of a model, `releases`, which are queries. `ingest` and `readmit` are a dataset's, `advance` and `abort` an endpoint's. */
export const messageNames = {
  apply: "apply",
  approve: "approve",
  reject: "reject",
  rollback: "rollback",
  ingest: "ingest",
  readmit: "readmit",
  advance: "advance",
  abort: "abort",
  retire: "retire",
  status: "status",
  releases: "releases",
} as const;

/** What a model's entity tells an endpoint's about the version in production. */
export interface PromotedMessage {
  /** The model's name: an endpoint that has left for another model does not listen to the old one. */
  readonly model: string;
  /** Empty while nothing is in production. */
  readonly promoted: {
    readonly version?: number;
    readonly package?: string;
    /** What it was made from. @default an entity of an older Steward says it */
    readonly desired?: DesiredModel;
    /** The digest of its evaluation, and the identity of its run. @default an entity of an older Steward says it */
    readonly evaluation?: string;
    readonly run?: string;
    /** The digest of the look at the experiment that it won. @default it won none */
    readonly won?: string;
    /** It was gone back to: it reaches all callers at once, whatever the rollout. @default it came by a release, or an older Steward says it */
    readonly rollback?: true;
  };
}

/** What an endpoint's entity tells the entity of its model: from now on, tell me of promotions. */
export interface SubscribeMessage {
  readonly endpoint: string;
}

/** What an endpoint's entity proposes to that of its model: the release that has won an experiment against the model's own. */
export interface ProposeMessage {
  readonly endpoint: string;
  readonly experiment: string;
  /** The model whose release it is, and its number there. */
  readonly from: { readonly model: string; readonly version: number };
  readonly package: string;
  readonly evaluation: string;
  readonly run: string;
  /** What it was made from. */
  readonly desired: DesiredModel;
  /** What the release was made from that lost. */
  readonly over: DesiredModel;
  /** The digest of the look that decided: one is proposed once. */
  readonly look: string;
  /** What was decided, in words. */
  readonly sentence: string;
}

/** What a dataset's entity tells that of one derived from it about its live version. */
export interface VersionedMessage {
  /** The dataset whose version it is. */
  readonly dataset: string;
  /** Empty while nothing is live. */
  readonly version: { readonly root?: string; readonly number?: number };
}

/** What a derived dataset's entity tells that of a dataset it is made from: from now on, tell me of versions; or no more. */
export interface FollowMessage {
  /** The derived dataset. */
  readonly dataset: string;
}

/** The names of the signals to entities, from others and from a dataset's schedule. */
export const signalNames = {
  promoted: "promoted",
  subscribe: "subscribe",
  unsubscribe: "unsubscribe",
  versioned: "versioned",
  follow: "follow",
  unfollow: "unfollow",
  look: "look",
  propose: "propose",
} as const;

/** Progress as activities heartbeat it. */
export interface Heartbeat {
  /** `"training: round 120 of 200, auc 0.71"`. */
  readonly line: string;
}

/** The start argument of an entity; also what it continues as new with. */
export interface EntityStart {
  readonly format: FormatOf<"entity-start">;
  readonly project: string;
  readonly kind: EntityKind;
  readonly name: string;
  /** @default a fresh entity, which waits for its first `apply` */
  readonly state?: EntityStatus & { readonly memory?: unknown };
}
