import { describe, expect, it } from "vitest";
import { z } from "zod";
import { composeRunEvent, deriveRunId } from "../../../framework/data/lineage/openlineage.ts";
import { exampleVersion } from "./versions.ts";

const place = { jobNamespace: "shop/local", datasetNamespace: "s3://steward" };

/** Every facet of an event, under its name. */
function listFacets(value: unknown): [name: string, facet: { readonly _schemaURL: string }][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(typeof inner === "object" && inner !== null && "_schemaURL" in inner
      ? [[name, inner] as [string, { _schemaURL: string }]]
      : []),
    ...listFacets(inner),
  ]);
}

const whole = exampleVersion();
const events = (["START", "COMPLETE"] as const).map((type) => composeRunEvent(whole, type, place));

describe("an event of an ingest", () => {
  it("has facets that name the schema of their version", () => {
    const facets = events.flatMap(listFacets);
    expect(new Set(facets.map(([name]) => name))).toEqual(
      new Set([
        "jobType",
        "dataSource",
        "version",
        "inputStatistics",
        "dataQualityAssertions",
        "schema",
        "ownership",
        "outputStatistics",
      ]),
    );
    for (const [, facet] of facets) expect(facet._schemaURL).toMatch(/^https:.+Facet\.json#\/\$defs\/\w+Facet$/);
  });

  it("says what was read, what came of it, and which rules were broken how often", () => {
    const { inputs, outputs, job } = composeRunEvent(whole, "COMPLETE", place);
    expect(job).toMatchObject({ namespace: "shop/local", name: "things.ingest" });
    expect(inputs).toMatchObject([
      {
        namespace: "file",
        name: "things.csv",
        facets: { version: { datasetVersion: whole.version.fingerprint } },
        inputFacets: {
          inputStatistics: { rowCount: 19, fileCount: 2 },
          dataQualityAssertions: {
            assertions: [
              { assertion: "keeps the contract", success: false, severity: "warn", actual: "4" },
              { assertion: "none is below 0", column: "amount", success: false, actual: "3" },
              { assertion: "none repeats an earlier row", name: "t, amount", success: false, actual: "2" },
              { assertion: "share only where open", success: false, actual: "1" },
            ],
          },
        },
      },
    ]);
    expect(outputs).toMatchObject([
      {
        namespace: "s3://steward",
        name: "things",
        facets: {
          version: { datasetVersion: whole.root },
          ownership: { owners: [{ name: "test" }] },
          schema: {
            fields: whole.version.columns.map(({ name, type }, index) => ({ name, type, ordinal_position: index + 1 })),
          },
        },
        outputFacets: { outputStatistics: { rowCount: 15, size: 11, fileCount: 3 } },
      },
    ]);
  });

  it("names a file of a package as that", () => {
    const spec = { ...whole.spec, source: { ...whole.spec.source, path: "npm:some-data/a b.csv" } };
    const [input] = composeRunEvent({ ...whole, spec }, "COMPLETE", place).inputs;
    expect(input).toMatchObject({
      namespace: "npm",
      name: "some-data/a b.csv",
      facets: { dataSource: { uri: "npm:some-data/a%20b.csv" } },
    });
  });
});

it("a run's id is a UUID, the same for the same ingest of the same dataset, and another for others", () => {
  const { identity } = whole;
  const id = deriveRunId("things", identity);
  expect(z.uuid({ version: "v8" }).parse(id)).toBe(deriveRunId("things", identity));
  expect(deriveRunId("things", "other")).not.toBe(id);
  expect(deriveRunId("others", identity)).not.toBe(id);
  expect(events.map(({ run }) => run.runId)).toEqual([id, id]);
});
