import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { composeRunEvent, deriveRunId } from "../../../framework/data/lineage/openlineage.ts";
import { exampleVersion } from "./versions.ts";

const folder = join(import.meta.dirname, "openlineage");
const place = { jobNamespace: "shop/local", datasetNamespace: "s3://steward" };

/** All published schemas as one: references between their files become references within it. */
const definitions: Record<string, object> = {};
const published: string[] = [];
for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  const text = readFileSync(join(folder, file), "utf8");
  const own: { $id: string; $defs: Record<string, object> } = JSON.parse(
    text.replaceAll(/"https:[^"]+#\/\$defs\//g, '"#/$defs/'),
  );
  published.push(own.$id);
  Object.assign(definitions, own.$defs);
}

function readAs(name: string): z.ZodType {
  return z.fromJSONSchema({ $defs: definitions, $ref: `#/$defs/${name}` } as Parameters<typeof z.fromJSONSchema>[0]);
}

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
const { quarantined: _, ...sound } = whole.version;
const events = (["START", "COMPLETE"] as const).map((type) => composeRunEvent(whole, type, place));

describe("an event of an ingest", () => {
  it.each([...events, composeRunEvent({ ...whole, version: sound }, "COMPLETE", place)])(
    "%# keeps the published schema",
    (event) => {
      expect(published).toContain(event.schemaURL.replace("#/$defs/RunEvent", ""));
      expect(readAs("RunEvent").safeParse(event)).toMatchObject({ success: true });
    },
  );

  it("has facets that each keep the published schema of their version, under the name that it gives", () => {
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
    for (const [name, facet] of facets) {
      const [id = "", definition = ""] = facet._schemaURL.split("#/$defs/");
      expect(published).toContain(id);
      expect(readAs(definition).safeParse(facet)).toMatchObject({ success: true });
      const { properties } = JSON.parse(readFileSync(join(folder, `${definition}.json`), "utf8"));
      expect(Object.keys(properties)).toEqual([name]);
    }
  });

  it.each([
    ["RunEvent", { ...events[0], run: { runId: "no uuid" } }],
    ["RunEvent", { ...events[0], eventTime: undefined }],
    ["RunEvent", { ...events[0], eventType: "DONE" }],
    [
      "DataQualityAssertionsDatasetFacet",
      { _producer: "urn:x", _schemaURL: "urn:x", assertions: [{ assertion: "x" }] },
    ],
    ["SchemaDatasetFacet", { _producer: "urn:x", fields: [] }],
  ])("that is wrong does not: %s %#", (name, wrong) => {
    expect(readAs(name).safeParse(wrong).success).toBe(false);
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
