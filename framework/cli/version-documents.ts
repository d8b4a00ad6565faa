/**
 * The documents that tell other tools of a version: those that were kept with its number, or made now where none were.
 * @module
 */
import { z } from "zod";
import { composeCroissant } from "../data/lineage/croissant.ts";
import { readIngestedVersion } from "../data/lineage/keep-lineage.ts";
import { composeRunEvent } from "../data/lineage/openlineage.ts";
import type { LineagePlace } from "../data/lineage/place.ts";
import { datasetSpec } from "../definitions/spec.ts";
import type { EntityStatus } from "../engine/entity-status.ts";
import { documentNames, readDocuments } from "../store/lineage.ts";
import type { Store } from "../store/store.ts";
import type { DatasetHistory, OpenedVersion } from "./dataset-versions.ts";

export interface VersionDocuments {
  /** The event of the end of its ingest. */
  readonly openlineage: unknown;
  readonly croissant: unknown;
  /** Whether they are those that were kept. */
  readonly isKept: boolean;
}

export interface ToldVersion {
  readonly history: DatasetHistory;
  readonly opened: OpenedVersion;
  readonly statuses: readonly EntityStatus[];
  readonly place: LineagePlace;
}

/** Reads the documents of a version. @returns nothing where it was never numbered, or nothing is known of its dataset any more */
export async function readVersionDocuments(store: Store, told: ToldVersion): Promise<VersionDocuments | undefined> {
  const { history, opened, statuses, place } = told;
  const { dataset, records } = history;
  if (opened.number === undefined) return undefined;
  const kept = await readDocuments(store, documentNames.version(dataset, opened.number));
  if (kept?.croissant && (await store.has(kept.openlineage.sha256)) && (await store.has(kept.croissant.sha256))) {
    const read = (object: typeof kept.openlineage) => store.getJson(object, z.unknown());
    return { openlineage: await read(kept.openlineage), croissant: await read(kept.croissant), isKept: true };
  }
  const record = records.find(({ number }) => number === opened.number);
  const status = statuses.find(({ kind, name }) => kind === "dataset" && name === dataset);
  if (!record || status?.desired?.kind !== "dataset") return undefined;
  const spec = await store.getJson(status.desired.spec, datasetSpec);
  const { live } = status;
  // Of a version that is not live any more it stands nowhere what it was derived from.
  const upstream = live?.kind === "dataset" && live.root === record.root ? live.upstream : undefined;
  const ingested = { ...(await readIngestedVersion(store, spec, record)), upstream };
  return {
    openlineage: composeRunEvent(ingested, "COMPLETE", place),
    croissant: composeCroissant(ingested, place),
    isKept: false,
  };
}
