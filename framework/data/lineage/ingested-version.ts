/**
 * What is told to other tools of a version of a dataset, whatever their language. Plain data.
 * @module
 */
import type { DatasetSpec } from "../../definitions/spec.ts";
import type { Digest } from "../../plan/digest.ts";
import type { DatasetVersion, VersionFile } from "../dataset-version.ts";
import type { Profile } from "../profile/profile.ts";

export interface IngestedVersion {
  /** The dataset, as it is defined. */
  readonly spec: Pick<DatasetSpec, "name" | "owner" | "license" | "source" | "columns" | "eventTime" | "contract">;
  /** Its number in the dataset's log. */
  readonly number: number;
  /** What the version depends on: `ingestIdentity`, as its record in the log has it. */
  readonly identity: Digest;
  readonly version: DatasetVersion;
  /** The digest of the version. */
  readonly root: Digest;
  /** All files of the version, those on pages too. */
  readonly files: readonly VersionFile[];
  /** When it became live, RFC 3339. */
  readonly takenAt: string;
  /** The roots of the versions that it is derived from, by their datasets' names. @default it is derived from none */
  readonly upstream?: Readonly<Record<string, Digest>> | undefined;
  /** How its values are spread. @default not every part has a profile, or they are too many to ask for */
  readonly profile?: Profile;
}
