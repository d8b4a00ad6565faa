/**
 * The building of a training set in OpenLineage 2-0-2: from versions of datasets to examples. Pure.
 * @module
 */
import type { Digest } from "../../plan/digest.ts";
import type { Reference } from "../../store/reference.ts";
import { deriveRunId, eventHead, facet, type RunEvent, versionFacet } from "./facet.ts";
import type { LineagePlace } from "./place.ts";

/** What is told of a training set. */
export interface BuiltExamples {
  /** The training job's name. */
  readonly job: string;
  /** What the set depends on. */
  readonly identity: Digest;
  /** The digest of the set. */
  readonly digest: Digest;
  /** The root of each version that it was built from, by the datasets' names. */
  readonly datasets: Readonly<Record<string, Digest>>;
  readonly features: readonly { readonly name: string; readonly type: string }[];
  readonly splits: Readonly<Record<string, { readonly object: Reference; readonly rows: number }>>;
  /** When it was built, RFC 3339. */
  readonly at: string;
}

/** The event of the end of a building. */
export function composeTrainingSetEvent(built: BuiltExamples, place: LineagePlace): RunEvent {
  const { job, identity, digest, datasets, features, splits, at } = built;
  const parts = Object.values(splits);
  const type = { processingType: "BATCH", integration: "STEWARD", jobType: "MATERIALISE" };
  return {
    eventType: "COMPLETE",
    eventTime: at,
    ...eventHead,
    run: { runId: deriveRunId({ run: "materialise", job, identity }) },
    job: {
      namespace: place.jobNamespace,
      name: `${job}.materialise`,
      facets: { jobType: facet("2-0-4/JobTypeJobFacet", type) },
    },
    inputs: Object.entries(datasets).map(([name, root]) => ({
      namespace: place.datasetNamespace,
      name,
      facets: { version: versionFacet(root) },
      inputFacets: {},
    })),
    outputs: [
      {
        namespace: place.datasetNamespace,
        name: `${job}.examples`,
        facets: {
          version: versionFacet(digest),
          schema: facet("1-2-0/SchemaDatasetFacet", {
            fields: features.map(({ name, type }, index) => ({ name, type, ordinal_position: index + 1 })),
          }),
        },
        outputFacets: {
          outputStatistics: facet("1-0-2/OutputStatisticsOutputDatasetFacet", {
            rowCount: parts.reduce((sum, { rows }) => sum + rows, 0),
            size: parts.reduce((sum, { object }) => sum + object.size, 0),
            fileCount: parts.length,
          }),
        },
      },
    ],
  };
}
