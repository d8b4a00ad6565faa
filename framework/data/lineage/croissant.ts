/**
 * A version of a dataset in Croissant 1.1, the JSON-LD that catalogues and loaders of datasets read. Pure.
 * @module
 */
import type { ColumnSpec } from "../../definitions/spec.ts";
import type { Reference } from "../../store/reference.ts";
import { recordName } from "../version-log.ts";
import type { IngestedVersion } from "./ingested-version.ts";
import { type LineagePlace, locateName, locateObject } from "./place.ts";

type JsonLd = { readonly [name: string]: unknown };

/** The context of Croissant 1.1, as its specification has it. */
const context: JsonLd = {
  "@language": "en",
  "@vocab": "https://schema.org/",
  arrayShape: "cr:arrayShape",
  citeAs: "cr:citeAs",
  column: "cr:column",
  conformsTo: "dct:conformsTo",
  containedIn: "cr:containedIn",
  cr: "http://mlcommons.org/croissant/",
  rai: "http://mlcommons.org/croissant/RAI/",
  data: { "@id": "cr:data", "@type": "@json" },
  dataType: { "@id": "cr:dataType", "@type": "@vocab" },
  dct: "http://purl.org/dc/terms/",
  description: { "@container": "@language" },
  equivalentProperty: "cr:equivalentProperty",
  examples: { "@id": "cr:examples", "@type": "@json" },
  extract: "cr:extract",
  field: "cr:field",
  fileObject: "cr:fileObject",
  fileProperty: "cr:fileProperty",
  fileSet: "cr:fileSet",
  format: "cr:format",
  includes: "cr:includes",
  isArray: "cr:isArray",
  isLiveDataset: "cr:isLiveDataset",
  jsonPath: "cr:jsonPath",
  key: "cr:key",
  md5: "cr:md5",
  name: { "@container": "@language" },
  parentField: "cr:parentField",
  path: "cr:path",
  recordSet: "cr:recordSet",
  references: "cr:references",
  regex: "cr:regex",
  repeated: "cr:repeated",
  replace: "cr:replace",
  samplingRate: "cr:samplingRate",
  sc: "https://schema.org/",
  separator: "cr:separator",
  source: "cr:source",
  subField: "cr:subField",
  transform: "cr:transform",
};

const dataTypes: Readonly<Record<ColumnSpec["type"], string>> = {
  string: "sc:Text",
  integer: "sc:Integer",
  number: "sc:Float",
  boolean: "sc:Boolean",
  timestamp: "sc:DateTime",
  vector: "sc:Float",
};

/** So it is known to loaders; the registered `application/vnd.apache.parquet` they take for text. */
const parquet = "application/x-parquet";
const partsId = "parts";

/** Describes a version: each part as a file with its digest, all of them as one set, and its columns as the fields of a record. */
export function composeCroissant(ingested: IngestedVersion, place: LineagePlace): JsonLd {
  const { spec, version, root, files, takenAt } = ingested;
  // Whatever becomes live is other data than before.
  const number = `${ingested.number}.0.0`;
  const parts = distinct(files.flatMap(({ parts }) => parts.map(({ object }) => object)));
  const [only] = parts;
  // A single file is named itself: loaders read a set only from what they unpack.
  const isOne = only !== undefined && parts.length === 1;
  const source = isOne ? { fileObject: { "@id": namePart(only) } } : { fileSet: { "@id": partsId } };
  return {
    "@context": context,
    "@type": "sc:Dataset",
    conformsTo: "http://mlcommons.org/croissant/1.1",
    name: spec.name,
    description: describeVersion(ingested),
    license: spec.license ?? "not stated",
    url: locateName(place, recordName(spec.name, ingested.number)),
    identifier: `sha256:${root}`,
    creator: { "@type": "sc:Organization", name: spec.owner },
    datePublished: takenAt,
    version: number,
    isLiveDataset: false,
    citeAs: `${spec.owner}: ${spec.name}, version ${number}, sha256:${root}`,
    ...(version.from !== "" && { temporalCoverage: `${version.from}/${version.to}` }),
    distribution: [...parts.map((object) => describePart(object, place)), ...(isOne ? [] : [describeSet(parts)])],
    recordSet: [
      {
        "@type": "cr:RecordSet",
        "@id": "rows",
        name: "rows",
        description: `The rows that keep the contract, in the order of ${version.eventTime} within each part.`,
        field: version.columns.map((column) => describeField(column, source)),
      },
    ],
  };
}

function describeVersion({ spec, version }: IngestedVersion): string {
  const apart = version.quarantined?.rows ?? 0;
  const kept = `${version.rows} rows of ${spec.name} that keep its contract`;
  return apart === 0 ? `${kept}.` : `${kept}; ${apart} more do not and are not among them.`;
}

/** Two files of the same rows have the same part. */
function distinct(objects: readonly Reference[]): Reference[] {
  return [...new Map(objects.map((object) => [object.sha256, object])).values()];
}

function namePart({ sha256 }: Reference): string {
  return `${sha256}.parquet`;
}

function describePart(object: Reference, place: LineagePlace): JsonLd {
  return {
    "@type": "cr:FileObject",
    "@id": namePart(object),
    name: namePart(object),
    contentUrl: locateObject(place, object.sha256),
    contentSize: `${object.size} B`,
    encodingFormat: parquet,
    sha256: object.sha256,
  };
}

function describeSet(parts: readonly Reference[]): JsonLd {
  return {
    "@type": "cr:FileSet",
    "@id": partsId,
    name: partsId,
    containedIn: parts.map((object) => ({ "@id": namePart(object) })),
    encodingFormat: parquet,
    includes: "*",
  };
}

function describeField({ name, type, length, description, unit }: ColumnSpec, source: JsonLd): JsonLd {
  const meaning = [description, unit && `in ${unit}`].filter(Boolean).join(", ");
  return {
    "@type": "cr:Field",
    "@id": `rows/${encodeURIComponent(name)}`,
    name,
    ...(meaning !== "" && { description: meaning }),
    dataType: dataTypes[type],
    ...(length !== undefined && { isArray: true, arrayShape: String(length) }),
    source: { ...source, extract: { column: name } },
  };
}
