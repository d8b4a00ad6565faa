/**
 * Lineage: which versions of datasets a training set was built from, under a write-once name beside its own, and the documents
 * that tell other tools of a version or a training set. What stands here is kept as long as somebody may ask where rows came from.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../definitions/format.ts";
import { versioned } from "../definitions/versioned.ts";
import type { Digest } from "../plan/digest.ts";
import { type NameStore, nameArtefact, readArtefact } from "./artefacts.ts";
import { type Reference, referenceSchema } from "./reference.ts";

/** What the names of lineages begin with. */
export const lineagePrefix = "lineage/training-sets/";

/** Records the versions that a training set is built from, by the datasets' names. Repeated, it changes nothing. */
export async function nameLineage(
  store: NameStore,
  identity: Digest,
  versions: Readonly<Record<string, { readonly root: Digest }>>,
): Promise<void> {
  const datasets = Object.fromEntries(Object.entries(versions).map(([name, { root }]) => [name, root]));
  await store.writeOnce(`${lineagePrefix}${identity}`, { format: formatOf("lineage"), datasets });
}

/** The versions that a training set was built from, by the datasets' names. @returns nothing when that stands nowhere */
export async function readLineage(
  store: Pick<NameStore, "readName">,
  identity: Digest,
): Promise<Readonly<Record<string, Digest>> | undefined> {
  const value = await store.readName(`${lineagePrefix}${identity}`);
  return value === undefined ? undefined : lineageSchema.parse(value).datasets;
}

const lineageSchema = versioned("lineage", { datasets: z.record(z.string(), z.string()) });

/** The names under which documents are found: an artefact each, which names a `lineage-documents`. */
export const documentNames = {
  /** Of a version of a dataset, by its number in the dataset's log. */
  version: (dataset: string, number: number) => `lineage/datasets/${dataset}/${number}`,
  trainingSet: (identity: string) => `${lineagePrefix}${identity}/event`,
} as const;

/** Which documents there are, each in somebody else's format and stored as it is. */
export const documentsSchema = versioned("lineage-documents", {
  /** A run event of OpenLineage: how it ended. */
  openlineage: referenceSchema,
  /** @default a training set has none */
  croissant: referenceSchema.optional(),
});

export interface LineageDocuments {
  readonly openlineage: Reference;
  readonly croissant?: Reference | undefined;
}

/** What writing documents needs of a store. */
export interface DocumentStore extends NameStore {
  putJson(value: unknown): Promise<Reference>;
  getJson<T>(object: Digest, schema: z.ZodType<T>): Promise<T>;
  has(digest: Digest): Promise<boolean>;
}

/**
 * Stores documents and gives them their name, unless it has some that are there: what was told once is not told otherwise.
 * @param compose makes them: `openlineage` and, of a version, `croissant`
 */
export async function keepDocuments(
  store: DocumentStore,
  name: string,
  compose: () => Promise<{ readonly openlineage: unknown; readonly croissant?: unknown }>,
): Promise<void> {
  const known = await readDocuments(store, name);
  if (known && (await store.has(known.openlineage.sha256))) return;
  const { openlineage, croissant } = await compose();
  const documents: LineageDocuments = {
    openlineage: await store.putJson(openlineage),
    ...(croissant !== undefined && { croissant: await store.putJson(croissant) }),
  };
  const { sha256 } = await store.putJson({ format: formatOf("lineage-documents"), ...documents });
  await nameArtefact(store, name, sha256);
}

/** The documents of a name. @returns nothing when it has none, or they are there no more */
export async function readDocuments(
  store: Pick<DocumentStore, "readName" | "writeOnce" | "getJson" | "has">,
  name: string,
): Promise<LineageDocuments | undefined> {
  const digest = await readArtefact(store, name);
  if (digest === undefined || !(await store.has(digest))) return undefined;
  const { openlineage, croissant } = await store.getJson(digest, documentsSchema);
  return { openlineage, ...(croissant && { croissant }) };
}
