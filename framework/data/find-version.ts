/**
 * Finding a dataset's version by what it depends on.
 * @module
 */
import type { Digest } from "../plan/digest.ts";
import { artefactNames, readArtefact } from "../store/artefacts.ts";
import type { Reference } from "../store/reference.ts";
import type { Store } from "../store/store.ts";
import { unlessLost } from "../store/unless-lost.ts";
import { mapConcurrently } from "./concurrency.ts";
import {
  type DatasetVersion,
  datasetVersionSchema,
  type VersionFile,
  type VersionPage,
  versionPageSchema,
} from "./dataset-version.ts";
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

/**
 * So many pages are read at most, and so many objects looked for, before a version is built on: a commit should cost what it
 * changes. Of a version with more pages so many of them, and so many of what is on those that are read.
 */
const mostPagesRead = 4;
const mostLookedFor = 256;
const mostOfMany = 64;

/**
 * Whether a version and what it names are in the store, so that another one may take over from it. Of many pages a few are
 * read, and of many objects some are looked for, spread evenly: a bucket that was emptied shows, a single lost object may not.
 */
export async function isVersionWhole(store: Store, root: Digest): Promise<boolean> {
  const version = await unlessLost(store.getJson(root, datasetVersionSchema));
  if (!version) return false;
  const read = spread(version.pages ?? [], mostPagesRead);
  const files = await readFilesApart(store, { files: version.files, pages: read }, undefined);
  if (files.includes(undefined)) return false;
  const others = (version.pages ?? []).filter((page) => !read.includes(page)).map(({ object }) => object);
  const named = files.flatMap((file) => (file ? listFileObjects(file) : []));
  const most = others.length > 0 ? mostOfMany : mostLookedFor;
  return hasAll(store, [...spread(others, mostOfMany), ...spread(named, most)]);
}

/** At most so many of some things, as far from one another as they can be, the first among them. */
function spread<T>(things: readonly T[], most: number): readonly T[] {
  const stride = Math.ceil(things.length / most);
  return things.filter((_, index) => stride <= 1 || index % stride === 0);
}

async function isWhole(
  store: Store,
  version: DatasetVersion,
  { whole }: { readonly whole?: Digest | undefined },
): Promise<boolean> {
  const other = whole === undefined ? undefined : await unlessLost(store.getJson(whole, datasetVersionSchema));
  const [own, others] = await Promise.all([
    readFilesApart(store, version, other),
    readFilesApart(store, other, version),
  ]);
  if (own.includes(undefined)) return false;
  const known = new Set(others.flatMap((file) => (file ? listFileObjects(file) : [])).map(({ sha256 }) => sha256));
  const named = own.flatMap((file) => (file ? listFileObjects(file) : []));
  return hasAll(
    store,
    named.filter(({ sha256 }) => !known.has(sha256)),
  );
}

async function hasAll(store: Store, objects: readonly Reference[]): Promise<boolean> {
  let found = true;
  await mapConcurrently(objects, askers, async ({ sha256 }) => {
    // One that is missing is enough to know.
    if (found && !(await store.has(sha256))) found = false;
  });
  return found;
}

/** How a version has its files. */
interface ListedFiles {
  readonly files?: readonly VersionFile[] | undefined;
  readonly pages?: readonly VersionPage[] | undefined;
}

/** The files of a version on the pages that another has not; in the place of a page that is lost, nothing. */
async function readFilesApart(
  store: Store,
  version: ListedFiles | undefined,
  other: DatasetVersion | undefined,
): Promise<(VersionFile | undefined)[]> {
  const shared = new Set(other?.pages?.map(({ object }) => object.sha256));
  const apart = (version?.pages ?? []).filter(({ object }) => !shared.has(object.sha256));
  const pages = await mapConcurrently(apart, askers, ({ object }) =>
    unlessLost(store.getJson(object, versionPageSchema)),
  );
  return [...(version?.files ?? []), ...pages.flatMap((page) => page?.files ?? [undefined])];
}
