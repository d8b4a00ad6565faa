/**
 * What is said to entity workflows and what they answer: the names, the shapes, and nothing that needs Node, so that
 * workflows import it too.
 * @module
 */
import type { DealtExperiment } from "../definitions/experiment-spec.ts";
import type { FormatOf } from "../definitions/format.ts";
import type { CanarySpec, ShadowSpec } from "../definitions/rollout-spec.ts";
import type { Reference } from "../store/reference.ts";

/** The kinds that have an entity workflow of their own. */
export type EntityKind = "dataset" | "model" | "endpoint";

/** Who sends a message, and through what. */
export interface Actor {
  /** A person's or a service's name. */
  readonly id: string;
  readonly via: "pulumi" | "cli" | "workflow" | "test";
}

/** The steps that entities have done by child workflows; what a plan foretells and a history shows. */
export const steps = [
  "ingest",
  "materialise",
  "train",
  "tune",
  "evaluate",
  "release",
  "serve",
  "materialise-online",
] as const;
export type Step = (typeof steps)[number];

/** What people have done beside that, by a workflow of its own: it follows from no change, and no plan foretells it. */
export type AskedWork = "score";

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

export interface DesiredDataset {
  readonly kind: "dataset";
  /** The stored `DatasetSpec`. */
  readonly spec: Reference;
  /**
   * Where the worker finds the source: on the local platform the absolute path of a file, or a pattern of files. Of a source
   * elsewhere, what people are told of it.
   */
  readonly location: string;
  /** The source's content at the time of asking, as a digest; "" where the worker is to look at it. */
  readonly fingerprint: string;
  /** How often the worker looks whether there is something new. @default when it is asked to */
  readonly every?: string;
  /** The root of the version of each dataset that this one is derived from, by name. @default it is derived from none */
  readonly upstream?: { readonly [dataset: string]: string };
  /** The stored closures of the programs of its steps, in their order: `TrainerClosure`. @default it has none */
  readonly programs?: readonly Reference[];
}

/** The code that a wish was made from, as git had it. */
export interface CodeState {
  /** The commit of the checkout; "" where there was none yet. */
  readonly commit: string;
  /** How many files differed from it, and the stored document that names them and has the patch. @default none did */
  readonly uncommitted?: { readonly files: number; readonly patch: Reference } | undefined;
}

export interface DesiredModel {
  readonly kind: "model";
  /** The stored `ModelSpec`. */
  readonly spec: Reference;
  /** The stored `TrainingJobSpec`. */
  readonly training: Reference;
  /** The stored closure of the trainer: `TrainerClosure`. */
  readonly trainer: Reference;
  /** The stored `FeaturesSpec` of each set, by name. */
  readonly features: { readonly [set: string]: Reference };
  /** The root of the version of each dataset to train on, by the dataset's name. */
  readonly datasets: { readonly [dataset: string]: { readonly spec: Reference; readonly root: string } };
  /**
   * The code of who asked, for the record. It is in no digest: the same definitions from another commit ask for the same thing.
   * @default it was not under version control, or the wish is older than this record
   */
  readonly code?: CodeState;
}

export interface DesiredEndpoint {
  readonly kind: "endpoint";
  /** The stored `EndpointSpec`. */
  readonly spec: Reference;
  /** The model's name. */
  readonly model: string;
  /** Where the model server answers: `http://127.0.0.1:8080`. */
  readonly address: string;
  /** The root of the version of each dataset that its server looks features up of, by name. @default it looks none up */
  readonly datasets?: { readonly [dataset: string]: string };
  /** How long after features were put into the online store they are put there again: `"1 hour"`. @default never */
  readonly refresh?: string;
  /** The moment as of which they are put there. @default that at which they are */
  readonly asOf?: "latest-event";
  /** How traffic moves to a new version, where it does step by step. @default at once */
  readonly rollout?: CanarySpec;
  /** The models that are asked beside its own, unseen. @default there are none */
  readonly shadow?: readonly ShadowSpec[];
  /** The models that answer its callers, each its share. @default its own alone does, and where there is one its canary */
  readonly experiment?: DealtExperiment;
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

/** Decisions on quarantined rows that are in force. */
export interface Readmitted {
  /** The stored `Readmissions`. */
  readonly list: Reference;
  /** The digest of the rows that are taken back, which is in a version's identity. @default none are any more */
  readonly rows?: string;
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
}

export interface LiveEndpoint {
  readonly kind: "endpoint";
  readonly address: string;
  /** The digest of the package it answers with. */
  readonly package: string;
  readonly version: number;
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

/** The workflow type of each kind's entity. */
export const entityTypes: Readonly<Record<EntityKind, string>> = {
  dataset: "datasetEntity",
  model: "modelEntity",
  endpoint: "endpointEntity",
};

/** The one task queue: Worker Versioning tells builds apart, not queues. */
export const taskQueue = "steward";

/** The worker deployment whose versions are builds of the workflow bundle. */
export const deploymentName = "steward";

/** The memo key under which an entity keeps its `EntityStatus`. */
export const statusMemo = "status";

/** A readable id: `flights/model/late-arrival`. */
export function entityId(project: string, kind: EntityKind, name: string): string {
  return `${project}/${kind}/${name}`;
}

/** The id of a step's child workflow: `flights/train/late-training@1f2e3d4c5b6a`. */
export function stepId(project: string, step: Step | AskedWork, subject: string): string {
  return `${project}/${step}/${subject}`;
}

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
    /** It was gone back to: it reaches all callers at once, whatever the rollout. @default it came by a release, or an older Steward says it */
    readonly rollback?: true;
  };
}

/** What an endpoint's entity tells the entity of its model: from now on, tell me of promotions. */
export interface SubscribeMessage {
  readonly endpoint: string;
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
} as const;

/** The id of a dataset's schedule, and what the ids of its runs begin with: `flights/schedule/weather`. */
export function scheduleId(project: string, dataset: string): string {
  return `${project}/schedule/${dataset}`;
}

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
