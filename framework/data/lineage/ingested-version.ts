/**
 * What is told to other tools of a version of a dataset, whatever their language. Plain data.
 * @module
 */
import type { DatasetSpec } from "../../definitions/spec.ts";
import type { Digest } from "../../plan/digest.ts";
import type { DatasetVersion, VersionFile } from "../dataset-version.ts";

export interface IngestedVersion {
  /** The dataset, as it is defined. */
  readonly spec: Pick<DatasetSpec, "name" | "owner" | "license" | "source">;
  /** What the version depends on: `ingestIdentity`, as its record in the log has it. */
  readonly identity: Digest;
  readonly version: DatasetVersion;
  /** The digest of the version. */
  readonly root: Digest;
  /** All files of the version, those on pages too. */
  readonly files: readonly VersionFile[];
  /** When it was taken in, RFC 3339. */
  readonly takenAt: string;
}
