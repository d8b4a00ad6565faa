/**
 * The files of a dataset's version, wherever its manifest has them.
 * @module
 */
import type { z } from "zod";
import type { Reference } from "../store/reference.ts";
import { type DatasetVersion, type VersionFile, versionPageSchema } from "./dataset-version.ts";

/** What reading pages needs of the store. */
interface PageStore {
  getJson<T>(reference: Reference, schema: z.ZodType<T>): Promise<T>;
}

/** The files of a version, in the order of their names; pages are read as far as they are asked for. */
export async function* readVersionFiles(store: PageStore, version: DatasetVersion): AsyncGenerator<VersionFile> {
  yield* version.files ?? [];
  for (const { object } of version.pages ?? []) yield* (await store.getJson(object, versionPageSchema)).files;
}

/** The Parquet parts of a version, in the order of its files. */
export async function listVersionParts(
  store: PageStore,
  version: DatasetVersion,
): Promise<readonly VersionFile["parts"][number][]> {
  const parts = [];
  for await (const file of readVersionFiles(store, version)) parts.push(...file.parts);
  return parts;
}

/** The objects that a file of a version names. */
export function listFileObjects({ parts, quarantine }: VersionFile): Reference[] {
  const named = parts.flatMap(({ object, profile }) => (profile ? [object, profile] : [object]));
  return quarantine ? [...named, quarantine.object] : named;
}
