/**
 * Lineage: which versions of datasets a training set was built from, under a write-once name beside its own. What stands
 * here is kept as long as the training set may be asked where its rows came from.
 * @module
 */
import { formatOf } from "../definitions/format.ts";
import type { Digest } from "../plan/digest.ts";
import type { NameStore } from "./artefacts.ts";

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
