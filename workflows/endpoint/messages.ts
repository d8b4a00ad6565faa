/**
 * What an endpoint's entity remembers, and what passes between it and its activities.
 * @module
 */
import type { CanarySpec } from "../../framework/definitions/rollout-spec.ts";
import type { DesiredEndpoint } from "../../framework/engine/desired.ts";
import type { LiveEndpoint } from "../../framework/engine/entity-status.ts";
import type { Actor, PromotedMessage } from "../../framework/engine/messages.ts";
import type { CanaryWindow } from "../../framework/serving/variants/advance-canary.ts";
import type { VariantEvidence } from "../../framework/serving/variants/evidence.ts";
import type { Variant } from "../../framework/serving/variants/routing.ts";
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
  /** Whether it is about to end: it writes no routing any more. @default it is not */
  readonly leaving?: boolean;
  /** When the online store is filled again, in milliseconds since 1970. @default it is not */
  readonly refreshAt?: number | undefined;
  /** Whether that time has come. @default it has not */
  readonly refreshDue?: boolean;
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
