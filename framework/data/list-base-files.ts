/**
 * The files of a version as a source: what is built on them needs the source only where the version has not all of a file.
 * @module
 */
import { StewardError } from "../definitions/problem.ts";
import type { Digest } from "../plan/digest.ts";
import type { Store } from "../store/store.ts";
import { datasetVersionSchema } from "./dataset-version.ts";
import type { RemoteFile, SourceListing } from "./source-files.ts";
import { readVersionFiles } from "./version-files.ts";

/**
 * Lists the files that a version was made of.
 *
 * @param listNow lists the source as it is now; asked at most once, when a file has to be read
 */
export async function listBaseFiles(
  store: Pick<Store, "getJson">,
  root: Digest,
  listNow: () => Promise<SourceListing>,
): Promise<SourceListing> {
  const version = await store.getJson(root, datasetVersionSchema);
  let listed: Promise<SourceListing> | undefined;
  const files: RemoteFile[] = [];
  for await (const { name, fingerprint } of readVersionFiles(store, version)) {
    files.push({
      name,
      fingerprint,
      size: 0,
      fetch: async (folder, options) => {
        listed ??= listNow();
        const now = (await listed).files.find((file) => file.name === name && file.fingerprint === fingerprint);
        if (!now) throw describeChanged(version.dataset, name);
        return "path" in now ? now.path : now.fetch(folder, options);
      },
    });
  }
  return { fingerprint: version.fingerprint, files };
}

function describeChanged(dataset: string, name: string): StewardError {
  const file = name === "" ? "The source" : `File "${name}" of the source`;
  return new StewardError({
    code: "source-changed",
    at: `${dataset}.source`,
    what: `${file} is not what it was when the live version was made, and has to be read again for this`,
    fix: `npx steward ingest ${dataset} takes in what is there now; decide again after that`,
  });
}
