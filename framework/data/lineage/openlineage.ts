/**
 * An ingest in OpenLineage 2-0-2, the events from which catalogues draw where data come from. Pure.
 * @module
 */
import { type Digest, digestOf } from "../../plan/digest.ts";
import type { IngestedVersion } from "./ingested-version.ts";

export interface EventPlace {
  /** Whose jobs these are: the project and its environment. */
  readonly jobNamespace: string;
  /** Where the versions are kept, as OpenLineage names it: `s3://bucket`. */
  readonly datasetNamespace: string;
}

interface Facet {
  readonly _producer: string;
  readonly _schemaURL: string;
  readonly [name: string]: unknown;
}

type Facets = Readonly<Record<string, Facet>>;

interface LineageDataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets: Facets;
}

export interface RunEvent {
  readonly eventType: "START" | "COMPLETE";
  /** RFC 3339. */
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string };
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Facets };
  readonly inputs: readonly (LineageDataset & { readonly inputFacets: Facets })[];
  readonly outputs: readonly (LineageDataset & { readonly outputFacets: Facets })[];
}

const producer = "urn:steward";
const specification = "https://openlineage.io/spec";

/** The event of an ingest's begin or of its end, which is when its version was taken in. A run has one of each. */
export function composeRunEvent(
  ingested: IngestedVersion,
  eventType: RunEvent["eventType"],
  { jobNamespace, datasetNamespace }: EventPlace,
): RunEvent {
  const { spec, identity, takenAt } = ingested;
  const type = { processingType: "BATCH", integration: "STEWARD", jobType: "INGEST" };
  return {
    eventType,
    eventTime: takenAt,
    producer,
    schemaURL: `${specification}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
    run: { runId: deriveRunId(spec.name, identity) },
    job: {
      namespace: jobNamespace,
      name: `${spec.name}.ingest`,
      facets: { jobType: facet("2-0-4/JobTypeJobFacet", type) },
    },
    inputs: [describeSource(ingested)],
    outputs: [describeOutput(ingested, datasetNamespace)],
  };
}

/** A UUID of its own making (version 8, RFC 9562) from what decides the ingest: the same ingest is the same run. */
export function deriveRunId(dataset: string, identity: Digest): string {
  const digest = Buffer.from(digestOf({ run: "ingest", dataset, identity }), "hex").subarray(0, 16);
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  return digest.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** A facet of the specification: `1-0-1/DatasetVersionDatasetFacet`. */
function facet(schema: string, content: Readonly<Record<string, unknown>>): Facet {
  const name = schema.slice(schema.indexOf("/") + 1);
  return { _producer: producer, _schemaURL: `${specification}/facets/${schema}.json#/$defs/${name}`, ...content };
}

function describeSource({ spec, version, files }: IngestedVersion): RunEvent["inputs"][number] {
  const { path } = spec.source;
  const isPackaged = path.startsWith("npm:");
  const rowCount = version.rows + (version.quarantined?.rows ?? 0);
  return {
    namespace: isPackaged ? "npm" : "file",
    name: isPackaged ? path.slice("npm:".length) : path,
    facets: {
      dataSource: facet("1-0-1/DatasourceDatasetFacet", { name: path, ...(isPackaged && { uri: encodeURI(path) }) }),
      version: facet("1-0-1/DatasetVersionDatasetFacet", { datasetVersion: version.fingerprint }),
    },
    inputFacets: {
      inputStatistics: facet("1-0-0/InputStatisticsInputDatasetFacet", { rowCount, fileCount: files.length }),
      dataQualityAssertions: facet("1-1-0/DataQualityAssertionsDatasetFacet", { assertions: listAssertions(version) }),
    },
  };
}

interface Assertion {
  readonly assertion: string;
  readonly success: boolean;
  /** @default it is about several columns, or whole rows */
  readonly column?: string;
  /** The columns that it is about, where they are several. @default they are not */
  readonly name?: string;
  readonly severity?: string;
  readonly expected?: string;
  readonly actual?: string;
}

/** The contract as a whole, and each rule of it that was broken, with how many rows did. */
function listAssertions({ quarantined }: IngestedVersion["version"]): Assertion[] {
  const whole = { assertion: "keeps the contract", success: quarantined === undefined };
  if (!quarantined) return [whole];
  const counted = (rows: number) => ({ severity: "warn", expected: "0", actual: String(rows) });
  const broken = quarantined.reasons.map(({ column, reason, rows }) => ({
    // A rule over the whole row says what holds; a reason of a column's says what is the matter.
    assertion: column === "" ? reason : `none ${reason}`,
    success: false,
    ...(column.includes(", ") ? { name: column } : column !== "" && { column }),
    ...counted(rows),
  }));
  return [{ ...whole, ...counted(quarantined.rows) }, ...broken];
}

function describeOutput(
  { spec, version, root, files }: IngestedVersion,
  namespace: string,
): RunEvent["outputs"][number] {
  const parts = files.flatMap(({ parts }) => parts);
  const size = parts.reduce((total, { object }) => total + object.size, 0);
  const fields = version.columns.map(({ name, type, description }, index) => ({
    name,
    type,
    ...(description !== undefined && { description }),
    ordinal_position: index + 1,
  }));
  return {
    namespace,
    name: spec.name,
    facets: {
      version: facet("1-0-1/DatasetVersionDatasetFacet", { datasetVersion: root }),
      schema: facet("1-2-0/SchemaDatasetFacet", { fields }),
      ownership: facet("1-0-1/OwnershipDatasetFacet", { owners: [{ name: spec.owner, type: "OWNER" }] }),
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
