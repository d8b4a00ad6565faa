/**
 * What passes between a dataset's entity, its activities and its schedule, and what the entity keeps beside its status.
 * @module
 */

import type { Readmitted } from "../../framework/engine/entity-status.ts";
import type { Actor, IngestMessage } from "../../framework/engine/messages.ts";
import type { Reference } from "../../framework/store/reference.ts";
import type { IngestedVersion } from "../ingest/messages.ts";

/** What is read again of a source. */
export type ReadAgain = NonNullable<IngestMessage["again"]>;

/** The roots of versions, by the names of their datasets. */
export type Roots = Readonly<Record<string, string>>;

export interface FoundVersion {
  readonly identity: string;
  /** What the source is, as a digest. @default as the look-up was told */
  readonly fingerprint?: string;
  /** Where it is: the digest of the spec's source. @default nobody knows: an older worker looked it up */
  readonly source?: string;
  /** @default no version of this identity is in the store, whole */
  readonly version?: IngestedVersion;
}

export interface DesiredVersion {
  readonly spec: Reference;
  /** What the source is, as a digest; whatever it is where there is an `upstream`. */
  readonly fingerprint: string;
  /** The versions that a derived dataset is made from. @default it is derived from none */
  readonly upstream?: Roots;
  /** The stored closures of its steps' programs. @default it has none */
  readonly programs?: readonly Reference[];
  /** The digest of the rows that are taken back out of quarantine. @default none are */
  readonly readmitted?: string;
  /** A version that is known to be whole: when it is the wanted one, the store is not looked through. @default none is known */
  readonly known?: IngestedVersion & { readonly identity: string };
}

/** Where to look for what is new. */
export interface SourceLook {
  readonly spec: Reference;
  readonly location: string;
  /** The root of the live version: a source that only grows is asked for what came after. @default nothing is live */
  readonly base?: string;
  /** What the live version was taken from: the digest of a source. @default nobody knows */
  readonly takenFrom?: string;
  /** The digest of the rows that are taken back out of quarantine. @default none are */
  readonly readmitted?: string;
}

/** What a source is now. */
export interface SeenSource {
  /** Of the version that an ingest would make: `ingestIdentity`. */
  readonly identity: string;
  /** The digest of the spec's source. */
  readonly source: string;
}

/** A schedule that there shall be, or not be. */
export interface ScheduleWish {
  readonly project: string;
  readonly dataset: string;
  /** A duration. @default there shall be none */
  readonly every?: string;
}

/** What a run of a schedule takes. */
export type LookInput = Omit<ScheduleWish, "every">;

/** What an entity was asked to look for beside its wish. */
export interface Ask {
  readonly why: "asked" | "schedule";
  /** Who asked. @default nobody did: the schedule */
  readonly actor?: Actor;
  /** @default only what is new is read */
  readonly again?: ReadAgain;
}

/** Decisions on quarantined rows that are to come in force. */
export interface PendingReadmission {
  readonly why: "readmitted";
  readonly actor: Actor;
  readonly readmitted: Readmitted;
  /** The generation that asked for it. */
  readonly generation: number;
  /** Whether nothing else was to be done when it was asked for. */
  readonly isAlone: boolean;
}

/** What is known of the live version of a dataset that this one is derived from. */
export interface UpstreamVersion {
  /** @default nothing is live */
  readonly root?: string;
  /** Its number in its dataset's log. @default it has none */
  readonly number?: number;
}

/** What the entity keeps beside its status. */
export interface DatasetMemory {
  /** What is still to be looked for. @default nothing */
  readonly ask?: Ask | undefined;
  /** What is still to come in force. @default nothing */
  readonly readmission?: PendingReadmission | undefined;
  /** How often its schedule runs. @default it has none */
  readonly every?: string | undefined;
  /** The datasets that this one follows, by name, as far as they have answered. @default none */
  readonly upstream?: Readonly<Record<string, UpstreamVersion>> | undefined;
  /** The roots that the latest ingest was made from, or tried to be. @default it is derived from none */
  readonly tried?: Roots | undefined;
  /** The datasets to tell of versions, by name. @default none */
  readonly downstream?: readonly string[] | undefined;
}
