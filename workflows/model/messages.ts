/**
 * What passes between a model's entity, its steps and its look-ups.
 * @module
 */
import type { ApprovalSpec } from "../../framework/definitions/spec.ts";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import type { LiveModel, TestReads, WonFrom } from "../../framework/engine/entity-status.ts";
import type { ProposeMessage } from "../../framework/engine/messages.ts";
import type { CandidateProgress } from "../../framework/plan/candidate.ts";
import type { Entity } from "../entity/entity.ts";

export type ModelEntity = Entity<DesiredModel, LiveModel, ModelMemory>;

/** How far a candidate has come, what the evaluation says, and who must agree. */
export interface FoundCandidate {
  readonly progress: CandidateProgress;
  /** The training job's name, for people. */
  readonly trainingJob: string;
  /** The identity under which the evaluation is, or will be. @default there is no package to evaluate yet */
  readonly evaluationIdentity?: string;
  /** What to build the comparison's training set from. @default nothing is compared */
  readonly comparison?: DesiredModel;
  /** @default not evaluated yet */
  readonly result?: EvaluationResult;
  /** Who must agree before the release. */
  readonly policy: ApprovalSpec | "waived";
  /** What it is made by, whatever its rows: `recipeIdentity`. @default a worker of an older Steward looked it up */
  readonly recipe?: string;
}

export interface EvaluationResult {
  /** The report's digest. */
  readonly evaluation: string;
  readonly passed: boolean;
  /** One sentence for each gate that holds the candidate back. */
  readonly reasons: readonly string[];
  /** What an approval binds: `candidateDigest`. */
  readonly candidate: string;
  /** One line of metrics, for the status. */
  readonly headline: string;
  /** How often the test rows were read. @default it was evaluated before that was counted */
  readonly testReads?: TestReads;
}

/** What the entity keeps beside its status. */
export interface ModelMemory {
  /** The latest releases, oldest first, at most 20. */
  readonly releases: readonly LiveModel[];
  /** Endpoints to tell of promotions, by name. */
  readonly endpoints: readonly string[];
  /** A candidate that was decided on, or a version to go back to, not yet released. @default nothing waits */
  readonly release?: PendingRelease | undefined;
  /** The fence and the version of the ref when it was read last: at the first release, as a name that was retired goes on counting. @default not yet read */
  readonly began?: { readonly fence: number; readonly version: number } | undefined;
  /** The number of the release in production, where that was a rollback. @default it was none */
  readonly rolledBack?: number | undefined;
  /** A release that won an experiment and is not decided on yet. @default none is proposed */
  readonly proposal?: ProposalMemory | undefined;
  /** Those of other endpoints that came meanwhile, in their order. @default none came */
  readonly proposals?: readonly ProposeMessage[];
  /** The looks whose winners were decided on, the latest 20: told again, they are heard no more. @default none was */
  readonly answered?: readonly string[];
}

/** A proposal that waits for its turn, or for people. */
export interface ProposalMemory {
  readonly proposed: ProposeMessage;
  /** The digest of the candidate whose decision it waits for: its own, or that of another recipe. @default it waits for none */
  readonly waitsFor?: string | undefined;
  /** The generation in which it was taken up and came to nothing: a later wish takes it up again. @default it did not */
  readonly after?: number | undefined;
}

export interface PendingRelease {
  readonly package: string;
  readonly evaluation: string;
  readonly run: string;
  /** What it was made from. */
  readonly desired: DesiredModel;
  /** The generation that asked for it; a newer one is worked on after the release. */
  readonly generation: number;
  /** Why it is released, for people: `"gates passed"`, `"rolled back to version 2 by ann: wrong answers"`. */
  readonly why: string;
  /** Whether an earlier version is gone back to. @default a candidate is released */
  readonly rollback?: true;
  /** The experiment that it won. @default it was trained for this model */
  readonly from?: WonFrom;
}

/** A proposal, and what it is held against. */
export interface WeighInput {
  /** The name of the model that it is proposed to, and what that is to be. */
  readonly model: string;
  readonly desired: DesiredModel;
  readonly proposed: ProposeMessage;
  /** What the release in production was made from. */
  readonly live: DesiredModel;
  /** What the candidate was made from that waits for people. @default none waits */
  readonly waiting?: DesiredModel;
}

/** What a proposal comes to. */
export interface WeighedProposal {
  /** The digest of the package as the model's own: the same in all but its model's name. */
  readonly package: string;
  /** What an approval binds: `candidateDigest`, with the look. */
  readonly candidate: string;
  /** Who must agree before the release. */
  readonly policy: ApprovalSpec | "waived";
  /** By `recipeIdentity`: of what won, of what lost, of what is in production, and of the candidate that waits. */
  readonly recipes: { readonly won: string; readonly over: string; readonly live: string; readonly waiting?: string };
}

export interface MaterialiseInput {
  readonly identity: string;
  readonly desired: DesiredModel;
}

export interface TrainInput extends MaterialiseInput {
  readonly run: string;
}

export interface EvaluateInput {
  readonly identity: string;
  readonly desired: DesiredModel;
  readonly package: string;
  /** The candidate's training set. */
  readonly trainingSet: string;
  /** The package in production, and the identity of the training set with the same rows under its features. @default nothing is compared */
  readonly production?: { readonly package: string; readonly trainingSet: string };
}

export interface ReleaseInput {
  readonly model: string;
  /** What the package was made from, for whoever serves it. @default an entity of an older Steward asks for the release */
  readonly desired?: DesiredModel;
  readonly fence: number;
  readonly version: number;
  readonly package: string;
  readonly evaluation: string;
}
