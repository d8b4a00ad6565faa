import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { composeRunEvent } from "../../../framework/data/lineage/openlineage.ts";
import { usePythonPackages } from "../../support/python-packages.ts";
import { exampleVersion } from "./versions.ts";

const run = promisify(execFile);

/**
 * Makes each facet of an event by the client's class of the same schema, which refuses fields that the schema lacks and misses
 * those that it requires. Prints the schemas.
 */
const reading = `
import importlib, inspect, json, pkgutil, sys
import openlineage.client.generated as generated

classes = {}
for module in pkgutil.iter_modules(generated.__path__):
    for _, kind in inspect.getmembers(importlib.import_module(f"{generated.__name__}.{module.name}"), inspect.isclass):
        if "_get_schema" in vars(kind):
            classes[kind._get_schema()] = kind

found = []

def read(value):
    if isinstance(value, list):
        for each in value:
            read(each)
    elif isinstance(value, dict):
        if "_schemaURL" in value:
            kind = classes[value["_schemaURL"]]
            kind(**{name: field for name, field in value.items() if name not in ("_schemaURL", "_producer")})
            found.append(kind.__name__)
        for each in value.values():
            read(each)

read(json.loads(sys.argv[1]))
print(json.dumps(sorted(set(found))))
`;

const given = usePythonPackages("OpenLineage's client", join(import.meta.dirname, "openlineage.lock"));

const event = composeRunEvent(exampleVersion(), "COMPLETE", {
  jobNamespace: "shop/local",
  datasetNamespace: "s3://steward",
});

it("every facet of an event is one of the schemas that OpenLineage's client knows, by its version", async ({
  skip,
}) => {
  const { python, missing } = given;
  if (python === undefined) return skip(missing);
  const { stdout } = await run(python, ["-c", reading, JSON.stringify(event)]);
  expect(JSON.parse(stdout)).toEqual([
    "DataQualityAssertionsDatasetFacet",
    "DatasetVersionDatasetFacet",
    "DatasourceDatasetFacet",
    "InputStatisticsInputDatasetFacet",
    "JobTypeJobFacet",
    "OutputStatisticsOutputDatasetFacet",
    "OwnershipDatasetFacet",
    "SchemaDatasetFacet",
  ]);
});

it("a facet with a field that its schema lacks is refused by it", async ({ skip }) => {
  const { python, missing } = given;
  if (python === undefined) return skip(missing);
  const text = JSON.stringify(event).replace('"rowCount"', '"rowCounts"');
  await expect(run(python, ["-c", reading, text])).rejects.toThrow(/rowCounts/);
});
