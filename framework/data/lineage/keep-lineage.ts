/**
 * Keeping the documents that tell other tools of a version that became live: written with its number, and never otherwise again.
 * @module
 */
import type { DatasetSpec } from "../../definitions/spec.ts";
import type { Digest } from "../../plan/digest.ts";
import { documentNames, keepDocuments } from "../../store/lineage.ts";
import type { Store } from "../../store/store.ts";
import { datasetVersionSchema, type VersionFile } from "../dataset-version.ts";
import { profileVersion } from "../profile/profile-version.ts";
import { readVersionFiles } from "../version-files.ts";
import { readRecord, type VersionRecord } from "../version-log.ts";
import { composeCroissant } from "./croissant.ts";
import type { IngestedVersion } from "./ingested-version.ts";
import { composeRunEvent } from "./openlineage.ts";
import type { LineagePlace } from "./place.ts";

type ReadStore = Pick<Store, "getJson" | "fetchFile">;
type KeepStore = ReadStore & Pick<Store, "putJson" | "has" | "readName" | "writeOnce">;

/** Of versions of more parts than this it is not told how their values are spread. */
const mostProfiled = 2_000;

export interface LiveNumber {
  readonly dataset: string;
  /** The number of its version in its log. */
  readonly number: number;
  readonly spec: DatasetSpec;
  readonly place: LineagePlace;
  /** The roots of the versions that it is derived from, by their datasets' names. @default it is derived from none */
  readonly upstream?: Readonly<Record<string, Digest>> | undefined;
}

/** Keeps the documents of a version that has a number. Repeated, it changes nothing: they tell what the log says. */
export async function keepVersionLineage(store: KeepStore, live: LiveNumber): Promise<void> {
  const { dataset, number, spec, place, upstream } = live;
  await keepDocuments(store, documentNames.version(dataset, number), async () => {
    const record = await readRecord(store, dataset, number);
    if (!record) throw new TypeError(`version ${number} of dataset "${dataset}" is not in its log`);
    const ingested = { ...(await readIngestedVersion(store, spec, record)), upstream };
    return {
      openlineage: composeRunEvent(ingested, "COMPLETE", place),
      croissant: composeCroissant(ingested, place),
    };
  });
}

/** Reads all that is told of a version: its files and the profile of its values. */
export async function readIngestedVersion(
  store: ReadStore,
  spec: DatasetSpec,
  { number, root, identity, at }: Pick<VersionRecord, "number" | "root" | "identity" | "at">,
): Promise<IngestedVersion> {
  const version = await store.getJson(root, datasetVersionSchema);
  const files: VersionFile[] = [];
  for await (const file of readVersionFiles(store, version)) files.push(file);
  // To profile a part that an older Steward wrote is to read it, and profiles of many parts are many requests: neither is
  // something that a version waits for to become live.
  const parts = files.flatMap((file) => file.parts);
  const isProfiled = parts.length <= mostProfiled && parts.every(({ profile }) => profile !== undefined);
  const profiled = isProfiled ? await profileVersion(store, version) : undefined;
  const ingested = { spec, number, identity, version, root, files, takenAt: at };
  return profiled ? { ...ingested, profile: profiled.profile } : ingested;
}
