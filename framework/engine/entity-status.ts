/**
 * What is true of an entity now: how far it has come, and what is live.
 * @module
 */
import type { FormatOf } from "../definitions/format.ts";
import type { Reference } from "../store/reference.ts";
import type { DesiredModel } from "./desired.ts";
import type { EntityKind, Step } from "./entity-names.ts";
import type { Actor, ApplyMessage } from "./messages.ts";

/** Decisions on quarantined rows that are in force. */
export interface Readmitted {
  /** The stored `Readmissions`. */
  readonly list: Reference;
  /** The digest of the rows that are taken back, which is in a version's identity. @default none are any more */
  readonly rows?: string;
}

/** `working`: towards `generation`. `failed`: `reasons` say why, what was live before still is. */
export type EntityState = "working" | "ready" | "awaiting-approval" | "failed" | "retired";

/** What is true of an entity now. Small: it is also the workflow's memo, which listings read without a worker. */
export interface EntityStatus {
  readonly format: FormatOf<"entity-status">;
  readonly kind: EntityKind;
  readonly name: string;
  readonly owner: string;
  /** Who asked for the latest generation. @default nobody yet */
  readonly actor?: Actor;
  /** The latest accepted generation. */
  readonly generation: number;
  /** The latest generation that came to an end: ready, awaiting, failed or superseded. */
  readonly settled: number;
  readonly state: EntityState;
  /** One line for people: `"awaiting approval by ops-lead"`, `"training: round 120 of 200"`. */
  readonly summary: string;
  /** Why it failed, each a sentence. */
  readonly reasons: readonly string[];
  /** The digest of the latest `apply`. */
  readonly digest: string;
  /** What the latest `apply` asked for. */
  readonly desired: ApplyMessage["desired"];
  /** What serves or is used now. @default nothing yet */
  readonly live?: LiveDataset | LiveModel | LiveEndpoint;
  /** The child workflow at work for this entity. Its activities' heartbeats are the live progress. @default none */
  readonly work?: { readonly step: Step; readonly workflowId: string } | undefined;
  /** Seconds that each step took last, for estimates: `{ "train": 13.2 }`. */
  readonly durations: Readonly<Partial<Record<Step, number>>>;
  /** The candidate that waits for a decision. @default none */
  readonly candidate?: Candidate | undefined;
  /** The version that an endpoint moves to step by step. @default it moves to none */
  readonly canary?: MovingCanary | undefined;
  /** What is known of an endpoint's experiment since it was looked at last. @default it has none, or was not looked at yet */
  readonly experiment?: LookedExperiment | undefined;
  /** How often the test rows were read that a model was judged on last. @default nothing was judged, or it is no model */
  readonly testReads?: TestReads;
  /** When a dataset's source was looked at last beside a deploy, RFC 3339. @default it was not */
  readonly looked?: string;
  /** The decisions on a dataset's quarantined rows that are in force. @default there are none */
  readonly readmitted?: Readmitted;
}

/** A version that some of an endpoint's callers have. */
export interface MovingCanary {
  readonly version: number;
  /** The digest of its package. */
  readonly package: string;
  /** The share of callers that it answers, in per cent. */
  readonly percent: number;
  /** Since when, RFC 3339. @default the server does not go by it yet */
  readonly since?: string;
}

/** What a look at an experiment came to. */
export interface LookedExperiment {
  readonly name: string;
  /** The digest of the stored `ExperimentLook`. */
  readonly look: string;
  readonly verdict: "continue" | "winner" | "no-winner" | "invalid";
  /** The arm that won. @default none did */
  readonly winner?: string;
  /** The arms whose callers the control answers. */
  readonly stopped: readonly string[];
  /** When it was looked at, RFC 3339. */
  readonly at: string;
  /** What is decided, in words. */
  readonly sentence: string;
}

/** Where a version comes from that was trained for another model and won an experiment against this one's. */
export interface WonFrom {
  /** The model whose release it was, and the number and the package that it had there. */
  readonly model: string;
  readonly version: number;
  readonly package: string;
  readonly endpoint: string;
  readonly experiment: string;
  /** The digest of the look that decided: `ExperimentLook`. */
  readonly look: string;
  /** The recipes that lost, by `recipeIdentity`: what is made by one of them again is not released over it. */
  readonly lost: readonly string[];
}

/** How often test rows were read. Who chooses by them again and again fits them: each candidate is to read them once. */
export interface TestReads {
  /** For the candidate that was judged last. More than once where an evaluation was cut off and begun again. */
  readonly candidate: number;
  /** How many candidates were ever judged on these rows, it included. */
  readonly candidates: number;
}

/** A model that passed its gates and waits for people to agree. */
export interface Candidate {
  /** Binds package, evaluation and approval policy: when one of them changes, so does this, and approvals given are void. */
  readonly digest: string;
  readonly package: string;
  readonly evaluation: string;
  readonly run: string;
  /** What it was made from. */
  readonly desired: DesiredModel;
  /** Who may approve, how many of them must, and who may not. */
  readonly policy: { readonly from: readonly string[]; readonly count: number; readonly notBy?: string };
  /** Who has approved so far. */
  readonly approvals: readonly string[];
  /** The experiment that it won. @default it was trained for this model */
  readonly from?: WonFrom;
}

export interface LiveDataset {
  readonly kind: "dataset";
  readonly root: string;
  readonly rows: number;
  readonly quarantined: number;
  /** What the version depends on: `ingestIdentity`. */
  readonly identity: string;
  /** Its number in the dataset's log. @default it became live before there was a log */
  readonly number?: number;
  /** What the source was when it was taken in, as a digest. @default it became live before this was kept */
  readonly fingerprint?: string;
  /** Where it was taken from: the digest of the source as its spec had it. @default it became live before this was kept */
  readonly source?: string;
  /** The root of the version of each dataset that it is derived from, by name. @default it is derived from none */
  readonly upstream?: { readonly [dataset: string]: string };
}

export interface LiveModel {
  readonly kind: "model";
  /** Counts releases, from 1; a rollback is a new release of an old package under the next number. */
  readonly version: number;
  /** The digest of the model package. */
  readonly package: string;
  /** The digest of the evaluation report. */
  readonly evaluation: string;
  /** The identity of the run that trained it. */
  readonly run: string;
  /** What it was made from: later candidates are compared with it on the same rows. */
  readonly desired: DesiredModel;
  /** The fence of the production ref. */
  readonly fence: number;
  /** The experiment that it won. @default it was trained for this model */
  readonly from?: WonFrom;
}

export interface LiveEndpoint {
  readonly kind: "endpoint";
  readonly address: string;
  /** The digest of the package it answers with. */
  readonly package: string;
  readonly version: number;
}
