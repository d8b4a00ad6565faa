import { describe, expect, it } from "vitest";
import type { ModelSpec } from "../../../framework/definitions/spec.ts";
import type { DesiredModel } from "../../../framework/engine/desired.ts";
import type { EntityStatus, LiveModel } from "../../../framework/engine/entity-status.ts";
import { referTo } from "../../../framework/plan/desired.ts";
import { digestOf } from "../../../framework/plan/digest.ts";
import { runIdentity, trainingSetIdentity } from "../../../framework/plan/identity.ts";
import { planModel } from "../../../framework/provider/resources/model.ts";
import { SeenSpecs } from "../../../framework/provider/seen-specs.ts";
import { type Properties, unknown, type Value } from "../../../framework/provider/values.ts";
import { connection, datasetSpec, featuresSpec, modelSpec, statusOf, trainingSpec } from "../specs.ts";

const root = "a".repeat(64);
const closure = referTo({ entry: "train.py" });
const seen = new SeenSpecs();
const references = {
  training: seen.add(trainingSpec),
  features: seen.add(featuresSpec),
  dataset: referTo(datasetSpec),
};
const moreLeaves = seen.add({ ...trainingSpec, params: { leaves: 63 } });
const moreMemory = seen.add({ ...trainingSpec, resources: { cpu: 2, memory: "8 GiB" } });

interface Changes {
  readonly spec?: ModelSpec;
  readonly training?: Value;
  readonly closure?: Value;
  readonly features?: Value;
  readonly root?: Value;
}

function inputsOf({
  spec = modelSpec,
  training = { ...references.training },
  closure: files = { ...closure },
  ...more
}: Changes = {}): Properties {
  return {
    ...JSON.parse(JSON.stringify({ project: "tests", connection, spec })),
    training: { reference: training, closure: files },
    features: { set: more.features ?? { ...references.features } },
    datasets: { rows: { spec: { ...references.dataset }, root: more.root ?? root } },
  };
}

const desired: DesiredModel = {
  kind: "model",
  spec: referTo(modelSpec),
  training: references.training,
  trainer: closure,
  features: { set: references.features },
  datasets: { rows: { spec: references.dataset, root } },
};
const trainingSet = trainingSetIdentity({
  training: trainingSpec,
  features: { set: featuresSpec },
  roots: { rows: root },
});
const live: LiveModel = {
  kind: "model",
  version: 4,
  package: "package-4",
  evaluation: "evaluation-4",
  run: runIdentity(trainingSpec, { trainingSet, trainer: closure.sha256 }),
  fence: 7,
  desired,
};
const ready = statusOf(desired, { digest: digestOf(desired), live });
const waiting: EntityStatus = { ...ready, state: "awaiting-approval" };
const failed: EntityStatus = { ...ready, state: "failed" };
const { live: _none, ...neverReleased } = failed;

/** What is certain: everything, the package alone, or nothing. */
type Certain = "all" | "package" | "nothing";

describe("planModel", () => {
  it.each<[string, Properties, EntityStatus | undefined, Certain]>([
    ["a new model", inputsOf(), undefined, "nothing"],
    ["nothing that changes", inputsOf(), ready, "all"],
    ["nothing that changes, and a candidate that waits", inputsOf(), waiting, "all"],
    ["another parameter", inputsOf({ training: { ...moreLeaves } }), ready, "nothing"],
    ["more memory, which no result depends on", inputsOf({ training: { ...moreMemory } }), ready, "package"],
    ["another trainer", inputsOf({ closure: { ...referTo({ entry: "other.py" }) } }), ready, "nothing"],
    ["other rows", inputsOf({ root: "b".repeat(64) }), ready, "nothing"],
    ["rows that are still to be ingested", inputsOf({ root: unknown }), ready, "nothing"],
    [
      "features that have not been seen in this preview",
      inputsOf({ features: { ...referTo({ other: 1 }) } }),
      ready,
      "nothing",
    ],
    ["another gate", inputsOf({ spec: { ...modelSpec, gates: [] } }), ready, "package"],
    ["the same wish again after it failed", inputsOf(), failed, "package"],
    ["a model that has never been released", inputsOf(), neverReleased, "nothing"],
  ])("of %s knows the package exactly when nothing is trained", (_title, inputs, status, certain) => {
    const planned = planModel({ inputs, live: status }, seen);
    expect(planned["package"]).toBe(certain === "nothing" ? unknown : "package-4");
    expect(planned["version"]).toBe(certain === "all" ? 4 : unknown);
    expect(planned["evaluation"]).toBe(certain === "all" ? "evaluation-4" : unknown);
  });

  it.each([
    ["another owner", inputsOf({ spec: { ...modelSpec, owner: "others" } })],
    ["more memory", inputsOf({ training: { ...moreMemory } })],
  ])("knows everything when no result depends on what changed: %s", (_title, inputs) => {
    const informed = new SeenSpecs();
    for (const spec of [
      modelSpec,
      trainingSpec,
      featuresSpec,
      { ...trainingSpec, resources: { cpu: 2, memory: "8 GiB" } },
    ])
      informed.add(spec);
    const planned = planModel({ inputs, live: ready }, informed);
    expect(planned).toMatchObject({ version: 4, package: "package-4", evaluation: "evaluation-4" });
    expect(planned["status"]).toMatch(/^nothing runs/);
    expect(planModel({ inputs, live: failed }, informed)["version"]).toBe(unknown);
  });

  it("says until when it is unknown", () => {
    expect(planModel({ inputs: inputsOf({ root: unknown }), live: ready }, seen)["status"]).toMatch(
      /^unknown until its datasets are ingested/,
    );
  });
});
