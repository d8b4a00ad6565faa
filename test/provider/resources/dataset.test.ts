import { describe, expect, it } from "vitest";
import type { DatasetSpec } from "../../../framework/definitions/spec.ts";
import type { EntityStatus, LiveDataset } from "../../../framework/engine/messages.ts";
import { referTo } from "../../../framework/plan/desired.ts";
import { ingestIdentity } from "../../../framework/plan/identity.ts";
import { planDataset } from "../../../framework/provider/resources/dataset.ts";
import { type Properties, unknown } from "../../../framework/provider/values.ts";
import { connection, datasetSpec, statusOf } from "../specs.ts";

function inputsOf(spec: DatasetSpec, fingerprint = "f1"): Properties {
  return JSON.parse(JSON.stringify({ project: "tests", connection, spec, location: "/data/rows.csv", fingerprint }));
}

const version: LiveDataset = {
  kind: "dataset",
  root: "root-1",
  rows: 10,
  quarantined: 2,
  identity: ingestIdentity(datasetSpec, "f1"),
};
const desired = { kind: "dataset", spec: referTo(datasetSpec), location: "/data/rows.csv", fingerprint: "f1" } as const;
const ready = statusOf(desired, { live: version });

describe("planDataset", () => {
  it.each<[string, Properties, EntityStatus | undefined, boolean]>([
    ["a new dataset", inputsOf(datasetSpec), undefined, false],
    ["nothing that changes", inputsOf(datasetSpec), ready, true],
    ["another owner, which no row depends on", inputsOf({ ...datasetSpec, owner: "others" }), ready, true],
    ["a source with new content", inputsOf(datasetSpec, "f2"), ready, false],
    [
      "another contract",
      inputsOf({ ...datasetSpec, contract: { violations: "quarantine", tolerance: 0.5 } }),
      ready,
      false,
    ],
    ["a dataset that has no version yet", inputsOf(datasetSpec), statusOf(desired, { state: "failed" }), false],
    [
      "a dataset that failed at another wish and still has the version",
      inputsOf(datasetSpec),
      statusOf(desired, { state: "failed", live: version }),
      true,
    ],
  ])("of %s knows the root exactly when nothing is ingested", (_title, inputs, live, known) => {
    const planned = planDataset({ inputs, live });
    expect(planned["root"]).toBe(known ? "root-1" : unknown);
    expect(planned["rows"]).toBe(known ? 10 : unknown);
    expect(planned["state"]).toBe(known ? "ready" : unknown);
  });

  it("always knows how the store will know the spec", () => {
    const changed = { ...datasetSpec, owner: "others" };
    expect(planDataset({ inputs: inputsOf(changed), live: undefined })["reference"]).toEqual(referTo(changed));
  });

  it("knows nothing while its inputs are unknown", () => {
    const planned = planDataset({ inputs: { ...inputsOf(datasetSpec), fingerprint: unknown }, live: ready });
    expect(planned).toMatchObject({ reference: unknown, root: unknown });
  });

  it("says what will be done", () => {
    expect(planDataset({ inputs: inputsOf(datasetSpec), live: undefined })["status"]).toBe("will ingest rows.csv");
  });
});
