/**
 * Collection: what a store holds that nothing needs any more. Kept is whatever an entity, a name or a ref leads to, but
 * versions of datasets beyond their retention only where something else leads to them: a training set, or a younger version
 * that shares their parts.
 * @module
 */
import { StewardError } from "../definitions/problem.ts";
import { datasetSpec } from "../definitions/spec.ts";
import type { EntityStatus, LiveDataset } from "../engine/entity-status.ts";
import type { Digest } from "../plan/digest.ts";
import { artefactNames } from "../store/artefacts.ts";
import type { ListedUpload } from "../store/bucket.ts";
import { lineagePrefix } from "../store/lineage.ts";
import { findDigests, lastingKinds, readObjectGraph } from "../store/object-graph.ts";
import { findCollectable, type ObjectNode } from "../store/reachability.ts";
import type { Store } from "../store/store.ts";
import { datasetVersionSchema } from "./dataset-version.ts";
import { findExpiredVersions } from "./expired-versions.ts";
import { logPrefix, readVersionLog } from "./version-log.ts";

/** What a collection needs of a store. */
export type CollectedStore = Pick<
  Store,
  "inventory" | "getBytes" | "getJson" | "listNames" | "listRefs" | "readName" | "readRef" | "writeOnce"
>;

export interface CollectionOptions {
  readonly store: CollectedStore;
  /** The statuses of all entities of the stack. */
  readonly statuses: readonly EntityStatus[];
  /** RFC 3339. */
  readonly now: string;
  /** How long an object is kept whoever refers to it, in seconds: a step may be about to name it. */
  readonly grace: number;
}

export interface Collection {
  readonly kept: readonly ObjectNode[];
  /** In the order in which they are to be removed. */
  readonly garbage: readonly ObjectNode[];
  /** Uploads that were begun before the grace and not completed. */
  readonly uploads: readonly ListedUpload[];
  /** Versions in the store beyond the retention of their datasets. Of some, parts or all may be kept for what else needs them. */
  readonly expired: readonly Digest[];
}

/** Names whose values lead to versions that retention may give up. */
const versionNames = artefactNames.version("");
const trainingSetNames = artefactNames.trainingSet("");

/** Finds what a store holds that nothing needs any more. Removes nothing. @throws StewardError when that cannot be said */
export async function planCollection(options: CollectionOptions): Promise<Collection> {
  const { store, statuses, now, grace } = options;
  const held = await readHeld(store);
  const fromEntities = findDigests(statuses);
  const roots = new Set(fromEntities);
  for (const { digests } of held) for (const digest of digests) roots.add(digest);
  const objects = await readObjectGraph(store, roots);
  const expired = await findExpired(options, { held, objects });
  const needed = held.flatMap(({ name, digests }) =>
    name.startsWith(versionNames) || name.startsWith(logPrefix)
      ? [...digests].filter((digest) => !expired.has(digest))
      : [...digests],
  );
  const since = new Date(Date.parse(now) - grace * 1000).toISOString();
  const garbage = findCollectable({ objects, roots: [...fromEntities, ...needed], lasting: lastingKinds, since });
  const removed = new Set(garbage);
  const uploads: ListedUpload[] = [];
  for await (const upload of store.inventory.uploads()) if (upload.begun < since) uploads.push(upload);
  return {
    kept: [...objects.values()].filter((object) => !removed.has(object)),
    garbage,
    uploads,
    expired: [...expired].filter((root) => objects.has(root)),
  };
}

/** As many objects are removed between two looks at the entities. */
const removedAtOnce = 200;

/**
 * Removes what was planned: documents first, so that whoever looks for a version finds it whole or not at all. Those that
 * were removed since the last look are put back when an entity began something meanwhile, for it may have found one.
 *
 * @param requireStill throws when an entity has begun something since the plan
 */
export async function collect(
  store: Pick<Store, "inventory" | "getBytes" | "putBytes">,
  { garbage, uploads }: Collection,
  requireStill: () => Promise<void>,
): Promise<void> {
  await requireStill();
  const documents = garbage.filter(({ format }) => format !== undefined);
  for (let start = 0; start < documents.length; start += removedAtOnce) {
    const some = documents.slice(start, start + removedAtOnce);
    const bytes = await Promise.all(some.map((document) => store.getBytes(document)));
    await store.inventory.remove(some.map(({ sha256 }) => sha256));
    try {
      await requireStill();
    } catch (error) {
      for (const one of bytes) await store.putBytes(one);
      throw error;
    }
  }
  const others = garbage.filter(({ format }) => format === undefined);
  for (let start = 0; start < others.length; start += removedAtOnce) {
    await requireStill();
    await store.inventory.remove(others.slice(start, start + removedAtOnce).map(({ sha256 }) => sha256));
  }
  for (const upload of uploads) await store.inventory.abort(upload);
}

/**
 * Sees to it that no entity is at work, as far as its status tells: what a step has looked up and not named yet is reached by
 * nothing. @throws StewardError which names them
 */
export function requireQuiet(statuses: readonly EntityStatus[], before?: readonly EntityStatus[]): void {
  const generations = new Map(before?.map(({ kind, name, generation }) => [`${kind}/${name}`, generation]));
  const busy = statuses.filter(({ kind, name, state, generation }) => {
    const known = before ? generations.get(`${kind}/${name}`) : generation;
    return state === "working" || known !== generation;
  });
  if (busy.length === 0) return;
  throw new StewardError({
    code: "collection-refused",
    at: busy.map(({ kind, name }) => `${kind}/${name}`).join(", "),
    what: "entities are at work, and may be about to need what nothing refers to yet",
    fix: "wait until npx steward status shows none at work, and run it again",
  });
}

/** A name or a ref, and the digests in its value. */
interface HeldName {
  readonly name: string;
  readonly digests: ReadonlySet<Digest>;
}

const readAtOnce = 32;

async function readHeld(store: CollectedStore): Promise<HeldName[]> {
  const names: string[] = [];
  for await (const name of store.listNames("")) names.push(name);
  const held: HeldName[] = [];
  for (let start = 0; start < names.length; start += readAtOnce) {
    const read = async (name: string) => ({ name, digests: findDigests(await store.readName(name)) });
    held.push(...(await Promise.all(names.slice(start, start + readAtOnce).map(read))));
  }
  for await (const name of store.listRefs())
    held.push({ name: `refs/${name}`, digests: findDigests((await store.readRef(name))?.value) });
  return held;
}

async function findExpired(
  { store, statuses, now }: CollectionOptions,
  { held, objects }: { readonly held: readonly HeldName[]; readonly objects: ReadonlyMap<Digest, ObjectNode> },
): Promise<Set<Digest>> {
  const named = held.filter(({ name }) => name.startsWith(versionNames)).flatMap(({ digests }) => [...digests]);
  const expired = new Set<Digest>();
  const byDataset = new Map<string, Digest[]>();
  for (const status of statuses) {
    if (status.kind !== "dataset" || status.desired?.kind !== "dataset") continue;
    const { retention } = await store.getJson(status.desired.spec, datasetSpec);
    if (!retention) continue;
    if (byDataset.size === 0) await groupByDataset(store, { named, objects, byDataset });
    const live = status.live as LiveDataset | undefined;
    const records = await readVersionLog(store, status.name);
    const versions = { retention, records, named: byDataset.get(status.name) ?? [], now };
    for (const root of findExpiredVersions({ ...versions, ...(live && { live: live.root }) })) expired.add(root);
  }
  if (expired.size > 0 && hasSetsWithoutLineage(held)) {
    // Which versions those sets were built from is written nowhere; but it was none that this Steward wrote.
    for (const root of expired) if (objects.get(root)?.format === "dataset-version/1") expired.delete(root);
  }
  return expired;
}

async function groupByDataset(
  store: CollectedStore,
  found: {
    readonly named: readonly Digest[];
    readonly objects: ReadonlyMap<Digest, ObjectNode>;
    readonly byDataset: Map<string, Digest[]>;
  },
): Promise<void> {
  for (const root of found.named) {
    if (found.objects.get(root)?.kind !== "dataset-version") continue;
    const { dataset } = await store.getJson(root as Digest, datasetVersionSchema);
    found.byDataset.set(dataset, [...(found.byDataset.get(dataset) ?? []), root]);
  }
}

/** Whether a Steward that recorded no lineage has built training sets here. */
function hasSetsWithoutLineage(held: readonly HeldName[]): boolean {
  const lineages = new Set(
    held.flatMap(({ name }) => (name.startsWith(lineagePrefix) ? [name.slice(lineagePrefix.length)] : [])),
  );
  return held.some(({ name }) => {
    if (!name.startsWith(trainingSetNames)) return false;
    const [identity = ""] = name.slice(trainingSetNames.length).split("/");
    return !lineages.has(identity);
  });
}

/** Objects and bytes of each kind, the largest first. */
export function sumByKind(
  objects: readonly ObjectNode[],
): readonly { readonly kind: string; readonly objects: number; readonly bytes: number }[] {
  const sums = new Map<string, { kind: string; objects: number; bytes: number }>();
  for (const { kind, size } of objects) {
    const sum = sums.get(kind) ?? { kind, objects: 0, bytes: 0 };
    sums.set(kind, { kind, objects: sum.objects + 1, bytes: sum.bytes + size });
  }
  return [...sums.values()].sort((a, b) => b.bytes - a.bytes || (a.kind < b.kind ? -1 : 1));
}
