/**
 * Finding a dataset's version by what it depends on.
 * @module
 */
import type { Digest } from "../plan/digest.ts";
import { artefactNames, readArtefact } from "../store/artefacts.ts";
import type { Store } from "../store/store.ts";
import { type DatasetVersion, datasetVersionSchema } from "./dataset-version.ts";
import { readVersionFiles } from "./version-files.ts";

/** Finds the version of an ingest's identity. @returns nothing when there is none, or a part of it is not in the store */
export async function findVersion(
  store: Store,
  identity: Digest,
): Promise<{ readonly root: Digest; readonly version: DatasetVersion } | undefined> {
  const root = await readArtefact(store, artefactNames.version(identity));
  if (!root || !(await store.has(root))) return undefined;
  const version = await store.getJson(root, datasetVersionSchema);
  const objects = [];
  for await (const { parts, quarantine } of readVersionFiles(store, version))
    objects.push(...parts, ...(quarantine ? [quarantine] : []));
  const present = await Promise.all(objects.map(({ object }) => store.has(object.sha256)));
  return present.includes(false) ? undefined : { root, version };
}
