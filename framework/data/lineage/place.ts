/**
 * Where a stack's jobs and data are, as catalogues name them. Pure.
 * @module
 */
import type { Connection } from "../../connection/connection.ts";
import type { Digest } from "../../plan/digest.ts";
import { nameKey, objectKey } from "../../store/keys.ts";

export interface LineagePlace {
  /** Whose jobs these are: the project and its stack, `flights/local`. */
  readonly jobNamespace: string;
  /** Where the versions are kept, as OpenLineage names it: `s3://bucket`. */
  readonly datasetNamespace: string;
}

/** The place of a stack. No address of a server is in it: a stack that moves keeps its names. */
export function placeOf({ owner, store }: Pick<Connection, "owner" | "store">): LineagePlace {
  return { jobNamespace: owner, datasetNamespace: `s3://${store.bucket}` };
}

/** The address of an object. */
export function locateObject({ datasetNamespace }: LineagePlace, digest: Digest): string {
  return `${datasetNamespace}/${objectKey("", digest)}`;
}

/** The address of a write-once name. */
export function locateName({ datasetNamespace }: LineagePlace, name: string): string {
  return `${datasetNamespace}/${nameKey("", name)}`;
}
