/**
 * What an endpoint's entity remembers, and what passes between it and its activities.
 * @module
 */
import type { CanarySpec } from "../../framework/definitions/rollout-spec.ts";
import type { DesiredEndpoint, DesiredModel } from "../../framework/engine/desired.ts";
import type { LiveEndpoint, LookedExperiment } from "../../framework/engine/entity-status.ts";
import type { Actor, PromotedMessage } from "../../framework/engine/messages.ts";
import type { CanaryWindow } from "../../framework/serving/variants/advance-canary.ts";
import type { VariantEvidence } from "../../framework/serving/variants/evidence.ts";
import type { LabelEvidence } from "../../framework/serving/variants/judge-labels.ts";
import type { Variant } from "../../framework/serving/variants/routing.ts";
import type { Reference } from "../../framework/store/reference.ts";
import type { Entity } from "../entity/entity.ts";

export type EndpointEntity = Entity<DesiredEndpoint, LiveEndpoint, EndpointMemory>;

type Promoted = PromotedMessage["promoted"];

/** A released version of a model. */
export type Released = Promoted & Required<Pick<Promoted, "version" | "package">>;

/** A version on its way, step by step. */
export interface CanaryMemory {
  readonly released: Released;
  /** As it was when the version set out: another one begins anew. */
  readonly rollout: CanarySpec;
  readonly salt: string;
  /** The place of the step among the rollout's. */
  readonly step: number;
  /** Since when the server goes by the step, in milliseconds since 1970. @default it does not yet */
  readonly since?: number | undefined;
  /**
   * For how long of that it was watched, in milliseconds: while nobody reads evidence, as while the stack is down, a step does not pass.
   * @default all of the time since counts, as it did before this was kept
   */
  readonly watched?: number | undefined;
  /** When its time was first seen to be over, in milliseconds since 1970. @default it is not */
  readonly over?: number | undefined;
  /** What the matured labels said last. @default they were not read, or no condition is of labels */
  readonly labels?: LabelReading | undefined;
  readonly seen: CanaryWindow;
  /** The reading that was counted last. @default none was */
  readonly last?: CanaryReading | undefined;
  /** Since when the server says nothing of the step. @default it does */
  readonly silentSince?: number | undefined;
  /** When it is looked at again. @default it is not */
  readonly checkAt?: number | undefined;
  /** Whether that time has come. @default it has not */
  readonly checkDue?: boolean;
  /** What a person has decided meanwhile. @default nothing */
  readonly asked?: { readonly does: "advance" | "abort"; readonly actor: Actor; readonly reason: string } | undefined;
}

/** What a server says of both versions. */
export interface CanaryReading {
  readonly canary: VariantEvidence;
  readonly champion: VariantEvidence;
}

/** Labels as they were read at a moment. */
export interface LabelReading extends LabelAnswer {
  /** The moment, in milliseconds since 1970: only what was recorded by then counts. */
  readonly at: number;
}

/** What matured labels say, or why nobody can tell. */
export interface LabelAnswer {
  /** @default they could not be read */
  readonly evidence?: LabelEvidence;
  /** @default they were read */
  readonly unread?: string;
}

/** Whose labels are asked for. */
export interface LabelInput {
  readonly endpoint: string;
  /** The stored `EndpointSpec`. */
  readonly spec: Reference;
  /** The names of metrics. */
  readonly metrics: readonly string[];
  /** Answers count that were given since then, and what was known of them at that moment; in milliseconds since 1970. */
  readonly since: number;
  readonly asOf: number;
  readonly canary: Pick<Released, "version" | "package">;
  readonly champion: Pick<Released, "version" | "package">;
}

/** What an entity of an endpoint keeps beside its status. */
export interface EndpointMemory {
  /** The model subscribed to. @default none yet */
  readonly model?: string;
  /** What the model said last is in production. @default it has not answered yet */
  readonly promoted?: Promoted | undefined;
  /** What the models of shadows and of an experiment's arms said last, by their names. @default it has neither */
  readonly shadows?: Readonly<Record<string, Promoted | undefined>>;
  /** What answers callers, but for a canary. @default nothing of this model yet */
  readonly champion?: Released | undefined;
  /** @default no version is on its way */
  readonly canary?: CanaryMemory | undefined;
  /** The number of a release that was taken back, and is not tried again by itself. @default none was */
  readonly held?: number | undefined;
  /**
   * The counter that fences the routing's ref, and what it says; without variants while that is not known, and without the counter
   * while the store has to be asked for it.
   * @default it was never written by this entity
   */
  readonly routing?:
    | {
        readonly generation?: number;
        readonly variants?: readonly Variant[];
        /** What the arms of an experiment are dealt by. @default it has none */
        readonly salt?: string;
      }
    | undefined;
  /** What is known of the experiment that was looked at last. @default none was */
  readonly look?: LookMemory | undefined;
  /** Whether it is about to end: it writes no routing any more. @default it is not */
  readonly leaving?: boolean;
  /** When the online store is filled again, in milliseconds since 1970. @default it is not */
  readonly refreshAt?: number | undefined;
  /** Whether that time has come. @default it has not */
  readonly refreshDue?: boolean;
}

/** What an entity remembers of the looks at its experiment. */
export interface LookMemory {
  /** Of which experiment it is: what is known of another counts for nothing. */
  readonly identity: string;
  /** Since when its arms answer, in milliseconds since 1970: what arms of the same names answered before is another experiment's. */
  readonly since: number;
  /** When it is looked at next, in milliseconds since 1970. @default no more: it is decided */
  readonly next?: number | undefined;
  /** What the last look came to. @default it was not looked at yet */
  readonly seen?: LookAnswer | undefined;
  /** Why the last look failed. @default it did not */
  readonly trouble?: string | undefined;
  /** Whether the winner was proposed to the model. @default it was not */
  readonly isProposed?: boolean;
  /** Whether production answers all callers for good, whatever is released or gone back to later. @default it does not */
  readonly isOver?: boolean;
}

/** What a look at an experiment reads. */
export interface LookInput {
  readonly endpoint: string;
  /** The stored `EndpointSpec`. */
  readonly spec: Reference;
  /** Where its server answers. */
  readonly address: string;
  /**
   * The generation of the routing that its arms answer by: what a server says that goes by another counts for nothing.
   * @default it is not known, and no evidence counts
   */
  readonly generation?: number;
  /** `identifyExperiment`. */
  readonly identity: string;
  /** Since when its arms answer, in milliseconds since 1970. */
  readonly since: number;
  /** What answers as the control was made from: it says what is predicted. */
  readonly trained: DesiredModel;
  /** The digest of the look before. @default it is the first */
  readonly before?: string;
}

/** What a look came to; the whole of it is in the store. */
export interface LookAnswer extends Omit<LookedExperiment, "name"> {
  /** What it decided that the look before had not: a line each, for the history. */
  readonly news: readonly string[];
}

/** A routing to be written: nobody answers but these, or whatever is in production where there are none. */
export interface PublishRoutingInput {
  readonly endpoint: string;
  readonly generation: number;
  readonly salt: string;
  readonly variants: readonly Variant[];
}

/** Of whom evidence is asked. */
export interface EvidenceInput {
  /** The model server: `http://127.0.0.1:8080`. */
  readonly address: string;
  readonly endpoint: string;
  /** The routing that it must go by. */
  readonly generation: number;
}

/** Evidence, or why there is none. */
export interface EvidenceAnswer {
  /** @default there is none */
  readonly reading?: CanaryReading;
  /** @default there is evidence */
  readonly silence?: string;
}
