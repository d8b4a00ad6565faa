import { describe, expect, it } from "vitest";
import { z } from "zod";
import { deriveRunId } from "../../../framework/data/lineage/facet.ts";
import { composeRunEvent } from "../../../framework/data/lineage/openlineage.ts";
import type { SourceSpec } from "../../../framework/definitions/spec.ts";
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
            assertions: expect.arrayContaining([
              expect.objectContaining({ assertion: "none is below 0", column: "amount", success: false, actual: "3" }),
            ]),
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

it("a run's id is a UUID, the same for the same version of the same dataset, and another for others", () => {
  const run = { dataset: "things", number: 2, identity: whole.identity };
  const id = deriveRunId(run);
  expect(z.uuid({ version: "v8" }).parse(id)).toBe(deriveRunId(run));
  for (const other of [{ identity: "other" }, { dataset: "others" }, { number: 3 }])
    expect(deriveRunId({ ...run, ...other })).not.toBe(id);
  const [start, complete] = events;
  expect(start?.run).toEqual(complete?.run);
  expect(composeRunEvent({ ...whole, number: 3 }, "COMPLETE", place).run).not.toEqual(complete?.run);
});

const secret = "input:warehouse.url";

it.each<[string, SourceSpec, unknown[]]>([
  ["a file", { kind: "file", format: "csv", path: "a/*.csv" }, [{ namespace: "file", name: "a/*.csv" }]],
  [
    "objects of a bucket",
    { kind: "s3", format: "parquet", bucket: "lake", path: "flights/*.parquet" },
    [{ namespace: "s3://lake", name: "flights/*.parquet" }],
  ],
  [
    "an address, without what follows its path",
    { kind: "http", format: "csv", url: "https://data.example.org/a.csv?key=1" },
    [{ namespace: "https://data.example.org", name: "/a.csv" }],
  ],
  [
    "a database",
    { kind: "postgres", url: secret, query: "SELECT 1" },
    [{ namespace: "postgres", name: `${secret}/things` }],
  ],
  ["rows that are pushed", { kind: "push" }, [{ namespace: "shop/local", name: "things.push" }]],
])("a source that is %s has the name that other tools know it by", (_, source, expected) => {
  const { inputs } = composeRunEvent({ ...whole, spec: { ...whole.spec, source } }, "COMPLETE", place);
  expect(inputs).toMatchObject(expected);
  expect(inputs).toMatchObject([{ facets: { version: { datasetVersion: whole.version.fingerprint } } }]);
  expect(JSON.stringify(inputs)).not.toContain("key=1");
});

it("a derived dataset has the datasets upstream as its inputs, in their versions, and is judged once", () => {
  const source: SourceSpec = { kind: "derived", from: ["flights", "weather"], steps: [] };
  const derived = { ...whole, spec: { ...whole.spec, source }, upstream: { flights: "f".repeat(64) } };
  const { inputs } = composeRunEvent(derived, "COMPLETE", place);
  expect(inputs).toMatchObject([
    { namespace: "s3://steward", name: "flights", facets: { version: { datasetVersion: "f".repeat(64) } } },
    { namespace: "s3://steward", name: "weather", facets: {} },
  ]);
  expect(inputs.map(({ inputFacets }) => Object.keys(inputFacets))).toEqual([["dataQualityAssertions"], []]);
});
