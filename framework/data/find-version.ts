/**
 * Finding a dataset's version by what it depends on.
 * @module
 */
import type { Digest } from "../plan/digest.ts";
import { artefactNames, readArtefact } from "../store/artefacts.ts";
import type { Store } from "../store/store.ts";
import { unlessLost } from "../store/unless-lost.ts";
import { mapConcurrently } from "./concurrency.ts";
import { type DatasetVersion, datasetVersionSchema, type VersionFile, versionPageSchema } from "./dataset-version.ts";
import { listFileObjects } from "./version-files.ts";

/** How many objects are asked for at once. */
const askers = 16;

/**
 * Finds the version of an ingest's identity.
 * @param options.whole the root of a version all of whose objects are known to be there: what is shared with it is not
 * looked for. @default everything is
 * @returns nothing when there is none, or a part of it is not in the store
 */
export async function findVersion(
  store: Store,
  identity: Digest,
  { whole }: { readonly whole?: Digest | undefined } = {},
): Promise<{ readonly root: Digest; readonly version: DatasetVersion } | undefined> {
  const root = await readArtefact(store, artefactNames.version(identity));
  if (!root || !(await store.has(root))) return undefined;
  const version = await store.getJson(root, datasetVersionSchema);
  return (await isWhole(store, version, root === whole ? {} : { whole })) ? { root, version } : undefined;
}

/** So many objects are looked for at most before a version is built on: a commit should cost what it changes. */
const mostLookedFor = 1_000;

/**
 * Whether a version and what it names are in the store, so that another one may take over from it. Of more than a thousand
 * objects as many are looked for, spread evenly: a bucket that was emptied shows, a single lost object may not.
 */
export async function isVersionWhole(store: Store, root: Digest): Promise<boolean> {
  const version = await unlessLost(store.getJson(root, datasetVersionSchema));
  return version !== undefined && isWhole(store, version, { most: mostLookedFor });
}

interface Search {
  /** The root of a version that is known to be whole. @default none is known */
  readonly whole?: Digest | undefined;
  /** How many objects are looked for. @default all */
  readonly most?: number;
}

async function isWhole(store: Store, version: DatasetVersion, { whole, most = Infinity }: Search): Promise<boolean> {
  const other = whole === undefined ? undefined : await unlessLost(store.getJson(whole, datasetVersionSchema));
  const [own, others] = await Promise.all([
    readFilesApart(store, version, other),
    readFilesApart(store, other, version),
  ]);
  if (own.includes(undefined)) return false;
  const known = new Set(others.flatMap((file) => (file ? listFileObjects(file) : [])).map(({ sha256 }) => sha256));
  const named = own.flatMap((file) => (file ? listFileObjects(file) : [])).filter(({ sha256 }) => !known.has(sha256));
  const stride = Math.ceil(named.length / most);
  const asked = named.filter((_, index) => stride <= 1 || index % stride === 0);
  let found = true;
  await mapConcurrently(asked, askers, async ({ sha256 }) => {
    // One that is missing is enough to know.
    if (found && !(await store.has(sha256))) found = false;
  });
  return found;
}

/** The files of a version on the pages that another has not; in the place of a page that is lost, nothing. */
async function readFilesApart(
  store: Store,
  version: DatasetVersion | undefined,
  other: DatasetVersion | undefined,
): Promise<(VersionFile | undefined)[]> {
  const shared = new Set(other?.pages?.map(({ object }) => object.sha256));
  const apart = (version?.pages ?? []).filter(({ object }) => !shared.has(object.sha256));
  const pages = await mapConcurrently(apart, askers, ({ object }) =>
    unlessLost(store.getJson(object, versionPageSchema)),
  );
  return [...(version?.files ?? []), ...pages.flatMap((page) => page?.files ?? [undefined])];
}
