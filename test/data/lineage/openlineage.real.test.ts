import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { composeRunEvent } from "../../../framework/data/lineage/openlineage.ts";
import { composeTrainingSetEvent } from "../../../framework/data/lineage/training-set-event.ts";
import type { Profile } from "../../../framework/data/profile/profile.ts";
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

/** Makes an event by the client's classes, each of which checks what it is given, and prints the id of its run. */
const making = `
import json, sys
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent
event = json.loads(sys.argv[1])
made = RunEvent(
    eventType=event["eventType"], eventTime=event["eventTime"], producer=event["producer"],
    run=Run(runId=event["run"]["runId"]), job=Job(namespace=event["job"]["namespace"], name=event["job"]["name"]),
    inputs=[InputDataset(namespace=each["namespace"], name=each["name"]) for each in event["inputs"]],
    outputs=[OutputDataset(namespace=each["namespace"], name=each["name"]) for each in event["outputs"]],
)
print(made.run.runId)
`;

const given = usePythonPackages("OpenLineage's client", join(import.meta.dirname, "openlineage.lock"));

const place = { jobNamespace: "shop/local", datasetNamespace: "s3://steward" };

const profile: Profile = {
  format: "dataset-profile/1",
  rows: 2,
  columns: [
    {
      name: "amount",
      type: "integer",
      count: 2,
      nulls: 0,
      values: {
        kind: "numbers",
        min: 1,
        max: 2,
        moments: { mean: 1.5, m2: 0, m3: 0 },
        all: [
          [1, 1],
          [2, 1],
        ],
      },
    },
  ],
};

const event = composeRunEvent({ ...exampleVersion(), profile }, "COMPLETE", place);

const split = { object: { sha256: "a".repeat(64), size: 10 }, rows: 3 };
const built = composeTrainingSetEvent(
  {
    job: "late",
    identity: "1".repeat(64),
    digest: "2".repeat(64),
    datasets: { things: "3".repeat(64) },
    features: [{ name: "hour", type: "number" }],
    splits: { train: split, test: split },
    at: "2024-02-02T12:00:00Z",
  },
  place,
);

it("every facet of an event is one of the schemas that OpenLineage's client knows, by its version", async ({
  skip,
}) => {
  const { python, missing } = given;
  if (python === undefined) return skip(missing);
  const { stdout } = await run(python, ["-c", reading, JSON.stringify(event)]);
  expect(JSON.parse(stdout)).toEqual([
    "DataQualityAssertionsDatasetFacet",
    "DataQualityMetricsDatasetFacet",
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

it("the event of a training set is one that it knows too, and both are taken by its own reader of events", async ({
  skip,
}) => {
  const { python, missing } = given;
  if (python === undefined) return skip(missing);
  const { stdout } = await run(python, ["-c", reading, JSON.stringify(built)]);
  expect(JSON.parse(stdout)).toEqual([
    "DatasetVersionDatasetFacet",
    "JobTypeJobFacet",
    "OutputStatisticsOutputDatasetFacet",
    "SchemaDatasetFacet",
  ]);
  for (const each of [event, built]) {
    const { stdout } = await run(python, ["-c", making, JSON.stringify(each)]);
    expect(stdout.trim()).toBe(each.run.runId);
  }
});
