/**
 * Composing what is asked for when a dataset is scored: which versions of which datasets, by which package, with everything that can be
 * wrong with it found before anything runs.
 * @module
 */
import { StewardError } from "../definitions/problem.ts";
import { featuresSpec, trainingJobSpec } from "../definitions/spec.ts";
import type { EntityStatus, LiveModel } from "../engine/entity-status.ts";
import type { Actor } from "../engine/messages.ts";
import type { Digest } from "../plan/digest.ts";
import type { Reference } from "../store/reference.ts";
import type { Store } from "../store/store.ts";
import { type ScoreRequest, scoringIdentity } from "./scoring.ts";
import { readSubject } from "./scoring-subject.ts";

export interface Asked {
  readonly model: string;
  /** The release of it that answers. */
  readonly release: LiveModel;
  readonly dataset: string;
  /** The digest of the version that is scored. */
  readonly root: Digest;
  /** What is kept beside event time and key. */
  readonly columns: readonly string[];
  readonly actor: Actor;
  /** The statuses of all entities. */
  readonly statuses: readonly EntityStatus[];
}

/** Composes the request. @throws StewardError with what is wrong with it */
export async function composeRequest(store: Pick<Store, "getJson">, asked: Asked): Promise<ScoreRequest> {
  const { model, release, dataset, root, columns, actor, statuses } = asked;
  const { training, features } = release.desired;
  const joined = await listJoined(store, release);
  const datasets = Object.fromEntries([
    ...joined.flatMap((name) => (name === dataset ? [] : [[name, requireLive(statuses, name)] as const])),
    [dataset, { spec: requireSpec(statuses, dataset), root }] as const,
  ]);
  const common = { model, version: release.version, package: release.package, training, features, dataset, columns };
  const all = { ...common, datasets };
  const { way } = await readSubject(store, all);
  // What the features are not made of is in no identity.
  const needed = new Set([dataset, ...way.joined]);
  const request = {
    ...all,
    datasets: Object.fromEntries(Object.entries(datasets).filter(([name]) => needed.has(name))),
  };
  return { ...request, identity: scoringIdentity(request), actor };
}

/** The datasets of the sets that a model's training job joins. */
async function listJoined(store: Pick<Store, "getJson">, { desired }: LiveModel): Promise<readonly string[]> {
  const { features } = await store.getJson(desired.training, trainingJobSpec);
  const sets = await Promise.all(
    features.map(async ({ set, by }) => {
      const reference = desired.features[set];
      return { from: reference && (await store.getJson(reference, featuresSpec)).from, by };
    }),
  );
  const [first] = sets;
  const joined = sets.filter(({ from, by }) => from !== first?.from || Object.keys(by).length > 0);
  return [...new Set(joined.flatMap(({ from }) => from ?? []))];
}

function requireLive(
  statuses: readonly EntityStatus[],
  dataset: string,
): { readonly spec: Reference; readonly root: Digest } {
  const status = findDataset(statuses, dataset);
  if (status?.live?.kind === "dataset") return { spec: requireSpec(statuses, dataset), root: status.live.root };
  throw new StewardError({
    code: "scoring-impossible",
    at: `dataset/${dataset}`,
    what: `dataset "${dataset}", whose features are joined, has no version`,
    got: status?.summary ?? `no dataset "${dataset}"`,
    fix: "wait until npx steward status shows it ready, or see there why it is not",
  });
}

function requireSpec(statuses: readonly EntityStatus[], dataset: string): Reference {
  const status = findDataset(statuses, dataset);
  if (status?.desired?.kind === "dataset") return status.desired.spec;
  throw new StewardError({
    code: "scoring-impossible",
    at: `dataset/${dataset}`,
    what: `dataset "${dataset}" is none that is deployed`,
    fix: "score a dataset that npx steward status lists",
  });
}

function findDataset(statuses: readonly EntityStatus[], dataset: string): EntityStatus | undefined {
  return statuses.find(({ kind, name }) => kind === "dataset" && name === dataset);
}
