import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { composeRunEvent } from "../../../framework/data/lineage/openlineage.ts";
import { findPython } from "../../../framework/toolchain/python.ts";
import { ensureTools } from "../../../framework/toolchain/toolchain.ts";
import { exampleVersion } from "./versions.ts";

const run = promisify(execFile);
const lock = join(import.meta.dirname, "openlineage.lock");

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

let folder = "";
/** A Python with OpenLineage's own client, or why there is none. */
let python: string | undefined;
let missing = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-openlineage-"));
  try {
    const [{ uv }, { path: base }] = await Promise.all([ensureTools(["uv"]), findPython()]);
    const environment = join(folder, "environment");
    await run(uv.path, ["venv", "--quiet", "--python", base, environment]);
    python = join(environment, "bin", "python");
    await run(uv.path, ["pip", "install", "--quiet", "--require-hashes", "--python", python, "--requirement", lock]);
  } catch (error) {
    python = undefined;
    missing = `OpenLineage's client cannot be installed here: ${error instanceof Error ? error.message : String(error)}`;
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const event = composeRunEvent(exampleVersion(), "COMPLETE", {
  jobNamespace: "shop/local",
  datasetNamespace: "s3://steward",
});

it("every facet of an event is one of the schemas that OpenLineage's client knows, by its version", async ({
  skip,
}) => {
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
  if (python === undefined) return skip(missing);
  const text = JSON.stringify(event).replace('"rowCount"', '"rowCounts"');
  await expect(run(python, ["-c", reading, text])).rejects.toThrow(/rowCounts/);
});
