/**
 * An ingest in OpenLineage 2-0-2, the events from which catalogues draw where data come from. Pure.
 * @module
 */
import { listAssertions } from "./assertions.ts";
import { deriveRunId, eventHead, type Facets, facet, type RunEvent, versionFacet } from "./facet.ts";
import type { IngestedVersion } from "./ingested-version.ts";
import { describeMetrics } from "./metrics.ts";
import type { LineagePlace } from "./place.ts";
import { nameSources } from "./source-datasets.ts";

/** The event of an ingest's begin or of its end, which is when its version became live. A run has one of each. */
export function composeRunEvent(
  ingested: IngestedVersion,
  eventType: RunEvent["eventType"],
  place: LineagePlace,
): RunEvent {
  const { spec, number, identity, takenAt } = ingested;
  const type = { processingType: "BATCH", integration: "STEWARD", jobType: "INGEST" };
  return {
    eventType,
    eventTime: takenAt,
    ...eventHead,
    // A content that becomes live again is another run than when it did first.
    run: { runId: deriveRunId({ run: "ingest", dataset: spec.name, number, identity }) },
    job: {
      namespace: place.jobNamespace,
      name: `${spec.name}.ingest`,
      facets: { jobType: facet("2-0-4/JobTypeJobFacet", type) },
    },
    inputs: describeSources(ingested, place),
    outputs: [describeOutput(ingested, place)],
  };
}

function describeSources(ingested: IngestedVersion, place: LineagePlace): RunEvent["inputs"] {
  const { spec, version, files, upstream = {} } = ingested;
  const isDerived = spec.source.kind === "derived";
  const rowCount = version.rows + (version.quarantined?.rows ?? 0);
  const statistics = { rowCount, fileCount: files.length };
  return nameSources(spec, place).map(({ namespace, name, uri }, index) => {
    const dataSource = facet("1-0-1/DatasourceDatasetFacet", { name: `${namespace}/${name}`, ...(uri && { uri }) });
    const source = isDerived ? upstream[name] : version.fingerprint;
    const facets: Facets = {
      ...(!isDerived && { dataSource }),
      ...(source !== undefined && { version: versionFacet(source) }),
    };
    // The contract judges what steps made of all that a dataset is derived from: it is told once.
    const judged: Facets =
      index > 0
        ? {}
        : {
            dataQualityAssertions: facet("1-1-0/DataQualityAssertionsDatasetFacet", {
              assertions: listAssertions(ingested),
            }),
          };
    const counted: Facets = isDerived
      ? {}
      : { inputStatistics: facet("1-0-0/InputStatisticsInputDatasetFacet", statistics) };
    return { namespace, name, facets, inputFacets: { ...counted, ...judged } };
  });
}

function describeOutput(
  ingested: IngestedVersion,
  { datasetNamespace: namespace }: LineagePlace,
): RunEvent["outputs"][number] {
  const { spec, version, root, files } = ingested;
  const parts = files.flatMap(({ parts }) => parts);
  const size = parts.reduce((total, { object }) => total + object.size, 0);
  const fields = version.columns.map(({ name, type, description }, index) => ({
    name,
    type,
    ...(description !== undefined && { description }),
    ordinal_position: index + 1,
  }));
  const metrics = describeMetrics(ingested);
  return {
    namespace,
    name: spec.name,
    facets: {
      version: versionFacet(root),
      schema: facet("1-2-0/SchemaDatasetFacet", { fields }),
      ownership: facet("1-0-1/OwnershipDatasetFacet", { owners: [{ name: spec.owner, type: "OWNER" }] }),
      ...(metrics && { dataQualityMetrics: facet("1-0-1/DataQualityMetricsDatasetFacet", metrics) }),
    },
    outputFacets: {
      outputStatistics: facet("1-0-2/OutputStatisticsOutputDatasetFacet", {
        rowCount: version.rows,
        size,
        fileCount: parts.length,
      }),
    },
  };
}
