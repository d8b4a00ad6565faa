/**
 * Keeping the document that tells other tools of a training set: what it was built from, and what came of it.
 * @module
 */
import type { LineagePlace } from "../data/lineage/place.ts";
import { composeTrainingSetEvent } from "../data/lineage/training-set-event.ts";
import type { Digest } from "../plan/digest.ts";
import { type DocumentStore, documentNames, keepDocuments } from "../store/lineage.ts";
import { reservedColumns, type TrainingSet } from "./training-set.ts";

export interface BuiltSet {
  /** The training job's name. */
  readonly job: string;
  readonly identity: Digest;
  /** The digest of the set. */
  readonly digest: Digest;
  readonly trainingSet: TrainingSet;
  /** The root of each version that it was built from, by the datasets' names. */
  readonly datasets: Readonly<Record<string, Digest>>;
  /** When it was built, RFC 3339: what the first who tells of it says. */
  readonly at: string;
  readonly place: LineagePlace;
}

/** Keeps the event of a training set's end. Repeated, it changes nothing. */
export async function keepTrainingSetLineage(
  store: DocumentStore,
  { trainingSet, place, ...built }: BuiltSet,
): Promise<void> {
  await keepDocuments(store, documentNames.trainingSet(built.identity), async () => {
    const { task, features, splits } = trainingSet;
    const types = { binary: "boolean", multiclass: "category", regression: "number" } as const;
    const label = { name: reservedColumns.label, type: types[task] };
    return { openlineage: composeTrainingSetEvent({ ...built, features: [...features, label], splits }, place) };
  });
}
