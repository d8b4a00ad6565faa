/**
 * Facets of OpenLineage: what is said of a run, a job or a dataset, each with the address of its schema. Pure.
 * @module
 */
import { digestOf } from "../../plan/digest.ts";

export interface Facet {
  readonly _producer: string;
  readonly _schemaURL: string;
  readonly [name: string]: unknown;
}

export type Facets = Readonly<Record<string, Facet>>;

export interface LineageDataset {
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

/** What every event begins with, whatever it is about. */
export const eventHead = { producer, schemaURL: `${specification}/2-0-2/OpenLineage.json#/$defs/RunEvent` } as const;

/** A facet of the specification: `1-0-1/DatasetVersionDatasetFacet`. */
export function facet(schema: string, content: Readonly<Record<string, unknown>>): Facet {
  const name = schema.slice(schema.indexOf("/") + 1);
  return { _producer: producer, _schemaURL: `${specification}/facets/${schema}.json#/$defs/${name}`, ...content };
}

export function versionFacet(datasetVersion: string): Facet {
  return facet("1-0-1/DatasetVersionDatasetFacet", { datasetVersion });
}

/** A UUID of its own making (version 8, RFC 9562) from what makes a run the one that it is: said again, it is the same run. */
export function deriveRunId(what: Readonly<Record<string, unknown>>): string {
  const digest = Buffer.from(digestOf(what), "hex").subarray(0, 16);
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  return digest.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
