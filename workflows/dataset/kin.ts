/**
 * Datasets among each other: one that is derived from others follows their versions. It says so to each of them and is told of
 * every version that becomes live there, as endpoints are told of promotions.
 * @module
 */
import {
  ApplicationFailure,
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
} from "@temporalio/workflow";
import { entityId } from "../../framework/engine/entity-names.ts";
import type { LiveDataset } from "../../framework/engine/entity-status.ts";
import type { FollowMessage, VersionedMessage } from "../../framework/engine/messages.ts";
import { signalNames } from "../../framework/engine/messages.ts";
import { failWith } from "../entity/reasons.ts";
import { findRoots, hearOfVersion } from "./decisions.ts";
import type { DatasetMemory, Roots } from "./messages.ts";
import type { DatasetEntity } from "./settle.ts";

const versionedSignal = defineSignal<[VersionedMessage]>(signalNames.versioned);
const followSignal = defineSignal<[FollowMessage]>(signalNames.follow);
const unfollowSignal = defineSignal<[FollowMessage]>(signalNames.unfollow);

/** Takes what other datasets say: that one follows, leaves, or has another version. */
export function listenToKin(entity: DatasetEntity): void {
  setHandler(versionedSignal, (message) => {
    // One that this dataset is derived from no more may not have heard of it yet.
    if (!listUpstream(entity).includes(message.dataset)) return;
    remember(entity, { upstream: hearOfVersion(entity.memory.upstream, message) });
  });
  setHandler(followSignal, async ({ dataset }) => {
    remember(entity, { downstream: [...new Set([...listDownstream(entity), dataset])].sort() });
    await tell(entity, dataset, entity.live);
  });
  setHandler(unfollowSignal, ({ dataset }) => forget(entity, dataset));
}

/**
 * Follows the datasets that this one is derived from, and leaves those that it was.
 *
 * @returns the roots of the versions that are live there, by name; nothing when it is derived from none
 */
export async function meetUpstream(entity: DatasetEntity): Promise<Roots | undefined> {
  const names = listUpstream(entity);
  await leaveUpstream(entity, names);
  if (names.length === 0) return undefined;
  const gone = await follow(entity, names);
  if (gone.length === 0)
    await condition(() => names.every((upstream) => entity.memory.upstream?.[upstream] !== undefined));
  const { roots, missing } = findRoots(names, entity.memory.upstream);
  // What fails is tried again when there is another version upstream, and not before.
  remember(entity, { tried: roots });
  const { name } = entity.start;
  if (gone.length > 0)
    throw failWith(
      gone.map((upstream) => `there is no dataset "${upstream}" for dataset "${name}" to be derived from`),
    );
  if (missing.length > 0) throw failWith(missing.map((upstream) => `dataset "${upstream}" has no version yet`));
  return roots;
}

/** Says to datasets that this one follows them. @returns those that there are not */
async function follow(entity: DatasetEntity, names: readonly string[]): Promise<readonly string[]> {
  const gone: string[] = [];
  for (const upstream of names) {
    await handleOf(entity, upstream)
      .signal(followSignal, { dataset: entity.start.name })
      .catch((error: unknown) => {
        if (isCancellation(error)) throw error;
        gone.push(upstream);
      });
  }
  return gone;
}

/** Leaves the datasets that this one follows, but for some. @param kept @default none */
export async function leaveUpstream(entity: DatasetEntity, kept: readonly string[] = []): Promise<void> {
  const { upstream = {} } = entity.memory;
  const left = Object.keys(upstream).filter((name) => !kept.includes(name));
  if (left.length === 0) return;
  for (const name of left) {
    // One that ended meanwhile needs no telling.
    await handleOf(entity, name)
      .signal(unfollowSignal, { dataset: entity.start.name })
      .catch(() => undefined);
  }
  const now = Object.entries(entity.memory.upstream ?? {}).filter(([name]) => kept.includes(name));
  remember(entity, { upstream: Object.fromEntries(now), tried: undefined });
}

/** Tells the datasets that are derived from this one of the version that becomes live. */
export async function tellDownstream(entity: DatasetEntity, live: LiveDataset | undefined): Promise<void> {
  await Promise.all(listDownstream(entity).map((dataset) => tell(entity, dataset, live)));
}

/** Refuses to end while a dataset is derived from this one. Those that have gone without a word are forgotten. */
export async function releaseDownstream(entity: DatasetEntity): Promise<void> {
  await tellDownstream(entity, entity.live);
  const [dataset] = listDownstream(entity);
  if (dataset === undefined) return;
  throw ApplicationFailure.create({
    type: "refused",
    message: `dataset "${dataset}" is derived from dataset "${entity.start.name}"`,
    details: [`remove "${dataset}" first`],
    nonRetryable: true,
  });
}

async function tell(entity: DatasetEntity, dataset: string, live: LiveDataset | undefined): Promise<void> {
  const version = live ? { root: live.root, ...(live.number !== undefined && { number: live.number }) } : {};
  await handleOf(entity, dataset)
    .signal(versionedSignal, { dataset: entity.start.name, version })
    .catch(() => forget(entity, dataset));
}

function forget(entity: DatasetEntity, dataset: string): void {
  remember(entity, { downstream: listDownstream(entity).filter((name) => name !== dataset) });
}

function listUpstream(entity: DatasetEntity): readonly string[] {
  return Object.keys(entity.desired.upstream ?? {}).sort();
}

function listDownstream(entity: DatasetEntity): readonly string[] {
  return entity.memory.downstream ?? [];
}

function remember(entity: DatasetEntity, change: Partial<DatasetMemory>): void {
  entity.memory = { ...entity.memory, ...change };
}

function handleOf({ start }: DatasetEntity, dataset: string) {
  return getExternalWorkflowHandle(entityId(start.project, "dataset", dataset));
}
