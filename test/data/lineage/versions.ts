/**
 * Versions to be told of.
 * @module
 */
import type { DatasetVersion, VersionFile } from "../../../framework/data/dataset-version.ts";
import type { IngestedVersion } from "../../../framework/data/lineage/ingested-version.ts";
import { formatOf } from "../../../framework/definitions/format.ts";
import { digestBytes, digestOf } from "../../../framework/plan/digest.ts";
import { testSpec } from "../ingesting.ts";

const part = (text: string, rows: number): VersionFile["parts"][number] => ({
  object: { sha256: digestBytes(text), size: text.length },
  rows,
});

export function exampleFile(name: string, parts: readonly string[]): VersionFile {
  return {
    name,
    fingerprint: digestBytes(name),
    identity: digestBytes(`identity of ${name}`),
    rows: 5 * parts.length,
    from: "2024-01-01T00:00:00Z",
    to: "2024-02-01T00:00:00Z",
    parts: parts.map((text) => part(text, 5)),
  };
}

/** A version of two files, of three parts, with rows set apart for reasons of each kind. */
export function exampleVersion(change: Partial<DatasetVersion> = {}): IngestedVersion {
  const spec = testSpec([
    { name: "amount", type: "integer", min: 0, unit: "CHF", description: "What was paid" },
    { name: "odd, name/ü", type: "string", nullable: true },
    { name: "share", type: "number" },
    { name: "open", type: "boolean" },
  ]);
  const files = [exampleFile("a.csv", ["one", "two"]), exampleFile("b.csv", ["three"])];
  const reasons = [
    { column: "amount", reason: "is below 0", rows: 3 },
    { column: "t, amount", reason: "repeats an earlier row", rows: 2 },
    { column: "", reason: "share only where open", rows: 1 },
  ];
  const version: DatasetVersion = {
    format: formatOf("dataset-version"),
    dataset: spec.name,
    columns: spec.columns,
    eventTime: spec.eventTime,
    key: [],
    rows: 15,
    from: "2024-01-01T00:00:00Z",
    to: "2024-02-01T00:00:00Z",
    quarantined: { rows: 4, reasons },
    fingerprint: digestBytes("source"),
    files,
    ...change,
  };
  return {
    spec,
    number: 2,
    identity: digestBytes("identity"),
    version,
    root: digestOf(version),
    files,
    takenAt: "2024-02-02T12:00:00Z",
  };
}
