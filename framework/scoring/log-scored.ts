/**
 * Numbering the version that scored rows became, in the log of its dataset, with the documents that tell other tools where it comes from.
 * @module
 */
import { composeCroissant } from "../data/lineage/croissant.ts";
import { deriveRunId, eventHead, facet, type RunEvent, versionFacet } from "../data/lineage/facet.ts";
import type { IngestedVersion } from "../data/lineage/ingested-version.ts";
import { readIngestedVersion } from "../data/lineage/keep-lineage.ts";
import type { LineagePlace } from "../data/lineage/place.ts";
import { readLatestRecord, readRecord, recordVersion, type VersionCause } from "../data/version-log.ts";
import { datasetSpec } from "../definitions/spec.ts";
import type { Digest } from "../plan/digest.ts";
import { documentNames, keepDocuments } from "../store/lineage.ts";
import type { Store } from "../store/store.ts";
import { readScoring } from "./find-scored.ts";
import type { ScoreRequest, Scoring } from "./scoring.ts";

export interface LogOptions {
  readonly request: ScoreRequest;
  /** RFC 3339. */
  readonly at: string;
  readonly place: LineagePlace;
}

/** Gives the version of a scoring its number, and keeps its documents. Repeated, it changes nothing. */
export async function logScored(store: Store, { request, at, place }: LogOptions): Promise<number> {
  const scoring = await readScoring(store, request.identity);
  if (!scoring) throw new TypeError("a scoring is logged that never came to its end");
  const { dataset, root, rows } = scoring;
  const { actor, identity } = request;
  const latest = await readLatestRecord(store, dataset);
  const number = await recordVersion(store, {
    dataset,
    root,
    rows,
    quarantined: 0,
    at,
    actor: { id: actor.id, via: actor.via },
    cause: await findCauses(store, scoring, latest?.identity),
    identity,
  });
  const record = await readRecord(store, dataset, number);
  await keepDocuments(store, documentNames.version(dataset, number), async () => {
    const spec = await store.getJson(request.datasets[request.dataset]?.spec ?? "", datasetSpec);
    const told = record ?? { number, root, identity, at };
    const ingested = await readIngestedVersion(store, { ...spec, name: dataset }, told);
    return { openlineage: composeScoringEvent(ingested, scoring, place), croissant: composeCroissant(ingested, place) };
  });
  return number;
}

/** What is not as it was at the scoring before. */
async function findCauses(store: Store, scoring: Scoring, before: Digest | undefined): Promise<VersionCause[]> {
  const was = before === undefined ? undefined : await readScoring(store, before);
  if (!was) return before === undefined ? ["first"] : [];
  const roots = ({ datasets }: Scoring): string => JSON.stringify(Object.entries(datasets).sort());
  return [
    ...(roots(was) === roots(scoring) ? [] : ["source" as const]),
    ...(was.package === scoring.package ? [] : ["model" as const]),
  ];
}

/** The end of a scoring in OpenLineage 2-0-2: from a model and versions of datasets to rows with answers. Pure. */
function composeScoringEvent(
  { number, identity, version, root, files, takenAt }: IngestedVersion,
  { model, package: digest, dataset, datasets }: Scoring,
  { jobNamespace, datasetNamespace }: LineagePlace,
): RunEvent {
  const type = { processingType: "BATCH", integration: "STEWARD", jobType: "SCORE" };
  const parts = files.flatMap((file) => file.parts);
  const input = (name: string, version: string): RunEvent["inputs"][number] => {
    return { namespace: datasetNamespace, name, facets: { version: versionFacet(version) }, inputFacets: {} };
  };
  return {
    eventType: "COMPLETE",
    eventTime: takenAt,
    ...eventHead,
    run: { runId: deriveRunId({ run: "score", dataset, number, identity }) },
    job: {
      namespace: jobNamespace,
      name: `${dataset}.score`,
      facets: { jobType: facet("2-0-4/JobTypeJobFacet", type) },
    },
    inputs: [...Object.entries(datasets).map(([name, root]) => input(name, root)), input(`${model}.model`, digest)],
    outputs: [
      {
        namespace: datasetNamespace,
        name: dataset,
        facets: {
          version: versionFacet(root),
          schema: facet("1-2-0/SchemaDatasetFacet", {
            fields: version.columns.map(({ name, type, description }, index) => {
              return { name, type, ...(description !== undefined && { description }), ordinal_position: index + 1 };
            }),
          }),
        },
        outputFacets: {
          outputStatistics: facet("1-0-2/OutputStatisticsOutputDatasetFacet", {
            rowCount: version.rows,
            size: parts.reduce((total, { object }) => total + object.size, 0),
            fileCount: parts.length,
          }),
        },
      },
    ],
  };
}
