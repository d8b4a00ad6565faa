/**
 * What the ingest flow takes and gives.
 * @module
 */
import type { Reference } from "../../framework/store/reference.ts";

export interface IngestInput {
  readonly spec: Reference;
  readonly location: string;
  /** What the version depends on: `ingestIdentity`. */
  readonly identity: string;
  readonly fingerprint: string;
  /** The root of the live version: what it has of the source is taken over. @default all is read */
  readonly base?: string;
}

/** A version as messages carry it. */
export interface IngestedVersion {
  readonly root: string;
  readonly rows: number;
  readonly quarantined: number;
}
