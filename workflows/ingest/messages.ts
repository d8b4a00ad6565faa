/**
 * What the ingest flow takes and gives.
 * @module
 */
import type { Readmitted } from "../../framework/engine/entity-status.ts";
import type { Reference } from "../../framework/store/reference.ts";

export interface IngestInput {
  readonly spec: Reference;
  readonly location: string;
  /** What the version depends on, `ingestIdentity`; of a source that is looked at, what it did when it was looked at first. */
  readonly identity: string;
  /** What the source is to be; "" where what is there now is taken in. */
  readonly fingerprint: string;
  /** The root of the live version: what it has of the source is taken over. @default all is read */
  readonly base?: string;
  /** What the live version was taken from: the digest of a source. @default nobody knows */
  readonly takenFrom?: string;
  /** The root of the version of each dataset that a derived one is made from, by name. @default it is derived from none */
  readonly upstream?: Readonly<Record<string, string>>;
  /** The stored closures of its steps' programs, in the order of the steps. @default it has none */
  readonly programs?: readonly Reference[];
  /** What is read again: a range of what the source orders its rows by. @default only what is new */
  readonly again?: { readonly from?: string; readonly to?: string };
  /** The decisions on quarantined rows that are in force. @default there are none */
  readonly readmitted?: Readmitted;
  /** The files of the live version are taken, whatever the source has now. @default those of the source are */
  readonly fromBase?: boolean;
}

/** A version as messages carry it. */
export interface IngestedVersion {
  readonly root: string;
  readonly rows: number;
  readonly quarantined: number;
}

/** A version with what was really taken in. */
export interface TakenVersion extends IngestedVersion {
  /** What it depends on. @default as the ingest was told: an older worker made it */
  readonly identity?: string;
  /** What the source was, as a digest. @default as the ingest was told */
  readonly fingerprint?: string;
  /** The digest of the spec's source. @default nobody knows */
  readonly source?: string;
}
