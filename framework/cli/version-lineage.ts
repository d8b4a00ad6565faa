/**
 * Where a version of a dataset comes from and where it went, gathered from the store and the entities.
 * @module
 */
import { z } from "zod";
import { mapConcurrently } from "../data/concurrency.ts";
import { readVersionFiles } from "../data/version-files.ts";
import type { EntityStatus } from "../engine/entity-status.ts";
import { modelPackageSchema } from "../models/model-package.ts";
import type { Digest } from "../plan/digest.ts";
import { readScoring } from "../scoring/find-scored.ts";
import { scoringPrefix } from "../scoring/scoring.ts";
import { artefactNames, readArtefact } from "../store/artefacts.ts";
import { documentNames, lineagePrefix, readDocuments, readLineage } from "../store/lineage.ts";
import type { Store } from "../store/store.ts";
import type { OpenedVersion } from "./dataset-versions.ts";

export interface VersionLineage {
  readonly dataset: string;
  /** @default it was never numbered */
  readonly number?: number;
  readonly root: Digest;
  readonly rows: number;
  readonly quarantined: number;
  /** Where its rows are from, as OpenLineage calls it; of a derived dataset, the datasets upstream. */
  readonly sources: readonly LineageSource[];
  /** The first of its files, in the order of their names. */
  readonly files: readonly { readonly name: string; readonly fingerprint: Digest; readonly rows: number }[];
  readonly fileCount: number;
  readonly trainingSets: readonly BuiltTrainingSet[];
  /** Rows that were scored by a model, of it or with features from it. */
  readonly scored: readonly ScoredFrom[];
  /** Datasets that are derived from it and live. */
  readonly derived: readonly { readonly dataset: string; readonly root: Digest; readonly number?: number }[];
}

export interface LineageSource {
  readonly namespace: string;
  readonly name: string;
  /** The version of a dataset upstream, or the digest of the source. @default it is not known */
  readonly version?: string;
}

export interface BuiltTrainingSet {
  readonly identity: Digest;
  /** The training job's name. @default it was built before that was kept */
  readonly job?: string;
  /** The models in production that were trained on it. */
  readonly models: readonly { readonly model: string; readonly version: number; readonly package: Digest }[];
}

/** Scored rows: a version of a dataset of their own, and what answered. */
export interface ScoredFrom {
  readonly dataset: string;
  readonly root: Digest;
  readonly model: string;
  /** The number of the model's release. */
  readonly version: number;
  readonly package: Digest;
}

const readAtOnce = 16;

/** An event, as far as it is read again. */
export const storedEventSchema = z.looseObject({
  eventType: z.string(),
  job: z.looseObject({ namespace: z.string(), name: z.string() }),
  inputs: z.array(
    z.looseObject({
      namespace: z.string(),
      name: z.string(),
      facets: z.looseObject({ version: z.looseObject({ datasetVersion: z.string() }).optional() }),
    }),
  ),
});

export type StoredEvent = z.output<typeof storedEventSchema>;

export interface TracedVersion {
  readonly dataset: string;
  readonly opened: OpenedVersion;
  /** The event of its ingest. @default it has none */
  readonly event?: StoredEvent | undefined;
  readonly statuses: readonly EntityStatus[];
  /** How many of its files are told. */
  readonly files: number;
}

/** Traces a version to its sources, and to what was made of it. */
export async function traceVersion(store: Store, traced: TracedVersion): Promise<VersionLineage> {
  const { dataset, opened, event, statuses } = traced;
  const { root, number, version } = opened;
  const files = [];
  for await (const { name, fingerprint, rows } of readVersionFiles(store, version)) {
    if (files.length === traced.files) break;
    files.push({ name, fingerprint, rows });
  }
  const sources = (event?.inputs ?? []).map(({ namespace, name, facets: { version } }): LineageSource => {
    return version ? { namespace, name, version: version.datasetVersion } : { namespace, name };
  });
  return {
    dataset,
    ...(number !== undefined && { number }),
    root,
    rows: version.rows,
    quarantined: version.quarantined?.rows ?? 0,
    sources,
    files,
    fileCount: version.files?.length ?? (version.pages ?? []).reduce((sum, { files }) => sum + files, 0),
    trainingSets: await findTrainingSets(store, { dataset, root, statuses }),
    scored: await findScoredFrom(store, dataset, root),
    derived: findDerived(statuses, dataset, root),
  };
}

interface Origin {
  readonly dataset: string;
  readonly root: Digest;
  readonly statuses: readonly EntityStatus[];
}

async function findTrainingSets(store: Store, { dataset, root, statuses }: Origin): Promise<BuiltTrainingSet[]> {
  const identities = (await listTrainingSets(store)).sort();
  const lineages = await mapConcurrently(identities, readAtOnce, (identity) => readLineage(store, identity));
  const built = identities.filter((_, index) => lineages[index]?.[dataset] === root);
  if (built.length === 0) return [];
  const models = await readModels(store, statuses);
  return await mapConcurrently(built, readAtOnce, async (identity): Promise<BuiltTrainingSet> => {
    const [digest, job] = await Promise.all([
      readArtefact(store, artefactNames.trainingSet(identity)),
      readJob(store, identity),
    ]);
    const trained = models.filter(({ trainingSet }) => trainingSet === digest);
    return {
      identity,
      ...(job !== undefined && { job }),
      models: trained.map(({ model, version, package: digest }) => ({ model, version, package: digest })),
    };
  });
}

async function listTrainingSets(store: Pick<Store, "listNames">): Promise<Digest[]> {
  const identities: Digest[] = [];
  // Beside each there may be the name of its documents.
  for await (const name of store.listNames(lineagePrefix)) {
    const rest = name.slice(lineagePrefix.length);
    if (!rest.includes("/")) identities.push(rest);
  }
  return identities;
}

async function readJob(store: Store, identity: Digest): Promise<string | undefined> {
  const documents = await readDocuments(store, documentNames.trainingSet(identity));
  if (!documents || !(await store.has(documents.openlineage.sha256))) return undefined;
  const { job } = await store.getJson(documents.openlineage, storedEventSchema);
  return job.name.replace(/\.materialise$/, "");
}

async function readModels(store: Store, statuses: readonly EntityStatus[]) {
  const models = statuses.flatMap(({ name, live }) => (live?.kind === "model" ? [{ name, live }] : []));
  return await mapConcurrently(models, readAtOnce, async ({ name, live }) => {
    const { trainingSet } = await store.getJson(live.package, modelPackageSchema);
    return { model: name, version: live.version, package: live.package, trainingSet };
  });
}

async function findScoredFrom(store: Store, dataset: string, root: Digest): Promise<ScoredFrom[]> {
  const identities: Digest[] = [];
  for await (const name of store.listNames(scoringPrefix)) identities.push(name.slice(scoringPrefix.length));
  const scorings = await mapConcurrently(identities, readAtOnce, (identity) => readScoring(store, identity));
  return scorings.flatMap((scoring) => {
    if (scoring?.datasets[dataset] !== root) return [];
    const { dataset: scored, root: own, model, version, package: digest } = scoring;
    return [{ dataset: scored, root: own, model, version, package: digest }];
  });
}

function findDerived(statuses: readonly EntityStatus[], dataset: string, root: Digest): VersionLineage["derived"] {
  return statuses.flatMap(({ name, live }) => {
    if (live?.kind !== "dataset" || live.upstream?.[dataset] !== root) return [];
    return [{ dataset: name, root: live.root, ...(live.number !== undefined && { number: live.number }) }];
  });
}
