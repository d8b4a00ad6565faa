/**
 * The base of an ingest: an earlier version, from which it takes over what depends on nothing that has changed.
 * @module
 */
import type { z } from "zod";
import type { Digest } from "../plan/digest.ts";
import type { Reference } from "../store/reference.ts";
import { unlessLost } from "../store/unless-lost.ts";
import { mapConcurrently } from "./concurrency.ts";
import { datasetVersionSchema, type VersionFile, type VersionPage, versionPageSchema } from "./dataset-version.ts";

/** What is to be taken over. Files are looked for among those whose page is not taken over whole. */
export interface BaseVersion {
  /** By their identity. */
  readonly pages: ReadonlyMap<string, VersionPage>;
  /** A file of the same identity: its parts, under whatever name it had. */
  findFile(identity: Digest, name: string): VersionFile | undefined;
}

/** What reading a base needs of the store. */
interface BaseStore {
  getJson<T>(object: Reference | Digest, schema: z.ZodType<T>): Promise<T>;
}

/** How many pages are read at once. */
const readers = 16;

/**
 * Reads a version as a base: of its pages only those that are none of the wanted ones.
 * @param options.root the version; what of it is not in the store, or damaged, is as if it had never been
 * @param options.wanted the identities of the pages that the new version will have
 */
export async function openBase(
  store: BaseStore,
  { root, wanted }: { readonly root: Digest | undefined; readonly wanted: readonly Digest[] },
): Promise<BaseVersion> {
  const version = root === undefined ? undefined : await unlessLost(store.getJson(root, datasetVersionSchema));
  const kept = new Set(wanted);
  const pages = version?.pages ?? [];
  const changed = pages.filter(({ identity }) => !kept.has(identity));
  const read = await mapConcurrently(changed, readers, ({ object }) =>
    unlessLost(store.getJson(object, versionPageSchema)),
  );
  const files = new Map<string, VersionFile>();
  for (const file of [...(version?.files ?? []), ...read.flatMap((page) => page?.files ?? [])])
    files.set(keyOf(file.identity, file.name), file);
  return {
    pages: new Map(pages.filter(({ identity }) => kept.has(identity)).map((page) => [page.identity, page])),
    findFile: (identity, name) => files.get(keyOf(identity, name)),
  };
}

/** Whether a text is compressed is told by its file's name, and is no part of its identity. */
function keyOf(identity: Digest, name: string): string {
  return name.endsWith(".gz") ? `${identity}.gz` : identity;
}
