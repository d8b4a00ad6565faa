import { describe, expect, it } from "vitest";
import type { CanarySpec } from "../../../framework/definitions/rollout-spec.ts";
import type { DesiredEndpoint } from "../../../framework/engine/desired.ts";
import type { EntityStatus } from "../../../framework/engine/entity-status.ts";
import { describeLooks } from "../../../framework/experiments/experiment-looks.ts";
import { referTo } from "../../../framework/plan/desired.ts";
import { digestOf } from "../../../framework/plan/digest.ts";
import { followsModel, planEndpoint } from "../../../framework/provider/resources/endpoint.ts";
import { type Properties, unknown, type Value } from "../../../framework/provider/values.ts";
import { specOf } from "../../campaigns/experiments/simulation.ts";
import { connection, endpointSpec, statusOf } from "../specs.ts";

const address = "http://127.0.0.1:9012";
const served = { package: "package-1", version: 1 };

function inputsOf(model: Value, where: Value = address): Properties {
  return { ...JSON.parse(JSON.stringify({ project: "tests", connection, spec: endpointSpec })), address: where, model };
}

const desired: DesiredEndpoint = { kind: "endpoint", spec: referTo(endpointSpec), model: "model", address };
const ready: EntityStatus = statusOf(desired, {
  digest: digestOf(desired),
  live: { kind: "endpoint", address, ...served },
});

describe("planEndpoint", () => {
  it.each<[string, Properties, EntityStatus | undefined, Properties]>([
    ["a new endpoint", inputsOf(served), undefined, { ...served, state: unknown, status: "will begin to serve" }],
    ["nothing that changes", inputsOf(served), ready, { ...served, state: "ready", generation: 3 }],
    [
      "a model that is still to be trained",
      inputsOf({ package: unknown, version: unknown }),
      ready,
      { package: unknown, version: unknown, status: "will serve the next version if it is released" },
    ],
    [
      "a model of which nothing is known",
      inputsOf(unknown),
      ready,
      { status: "will serve the next version if it is released" },
    ],
    [
      "another version",
      inputsOf({ package: "package-2", version: 2 }),
      ready,
      { package: "package-2", version: 2, state: unknown, status: "will serve another version" },
    ],
    [
      "another address",
      inputsOf(served, "http://127.0.0.1:9099"),
      ready,
      { ...served, state: unknown, status: "will change how it serves" },
    ],
    ["an endpoint that failed", inputsOf(served), { ...ready, state: "failed" }, { ...served, state: unknown }],
  ])("of %s", (_title, inputs, live, expected) => {
    expect(planEndpoint({ inputs, live })).toMatchObject(expected);
  });

  it("of an experiment goes by its arms, shares and salt", () => {
    const arms = [
      { name: "control", model: "model", weight: 8000 },
      { name: "treatment", model: "other", weight: 2000 },
    ];
    const spec = { ...endpointSpec, experiment: specOf({ name: "trees", arms }) };
    const experiment = { name: "trees", arms, control: "control", salt: "endpoint/trees" };
    const asked: DesiredEndpoint = { ...desired, spec: referTo(spec), experiment };
    const inputs: Properties = { ...inputsOf(served), ...JSON.parse(JSON.stringify({ spec })) };
    const live = { kind: "endpoint", address, ...served } as const;
    // Where labels come to be known, the endpoint is told how to look at it.
    const fed = { ...spec, feedback: { label: { type: "boolean" }, matures: "1 day" } } as const;
    const looks = describeLooks("endpoint", spec.experiment, fed.feedback);
    const told: DesiredEndpoint = { ...desired, spec: referTo(fed), experiment: { ...experiment, looks } };
    const fedInputs: Properties = { ...inputsOf(served), ...JSON.parse(JSON.stringify({ spec: fed })) };
    const kept = statusOf(told, { digest: digestOf(told), live });
    expect(planEndpoint({ inputs: fedInputs, live: kept })).toMatchObject({ ...served, state: "ready" });
    const before = statusOf(asked, { digest: digestOf(asked), live });
    expect(planEndpoint({ inputs, live: before })).toMatchObject({ ...served, state: "ready" });
    expect(planEndpoint({ inputs, live: ready })).toMatchObject({
      state: unknown,
      status: "will change how it serves",
    });
  });

  it("of a version that is to reach callers step by step leaves open which one answers then", () => {
    const rollout: CanarySpec = {
      kind: "canary",
      steps: [5, 25, 100],
      hold: "1 minute",
      atLeast: 100,
      mirror: 0,
      abortOn: [{ kind: "errorRate", above: 0.01, over: 100 }],
    };
    const stepwise = { ...endpointSpec, rollout };
    const asked: DesiredEndpoint = { ...desired, spec: referTo(stepwise), rollout };
    const inputs: Properties = {
      ...inputsOf({ package: "package-2", version: 2 }),
      ...JSON.parse(JSON.stringify({ spec: stepwise })),
    };
    const live = { kind: "endpoint", address, ...served } as const;
    const before = statusOf(asked, { digest: digestOf(asked), live });
    expect(planEndpoint({ inputs, live: before })).toMatchObject({
      package: unknown,
      version: unknown,
      status: "will shift to another version in steps of 5, 25 and 100 %",
    });
    // One on its way goes on by itself.
    const canary = { package: "package-2", version: 2, percent: 25, since: "2026-01-02T12:03:00Z" };
    expect(planEndpoint({ inputs, live: { ...before, canary } })).toMatchObject({ ...served, state: "ready" });
  });

  it("leaves out what its model has not: no version is in production", () => {
    const planned = planEndpoint({ inputs: inputsOf({}), live: undefined });
    expect(Object.keys(planned)).not.toContain("package");
  });

  it("knows the address of predictions unless it is unknown itself", () => {
    expect(planEndpoint({ inputs: inputsOf(served), live: undefined })["url"]).toBe(`${address}/v2/models/model`);
    expect(planEndpoint({ inputs: inputsOf(served, unknown), live: undefined })["url"]).toBe(unknown);
  });
});

describe("followsModel", () => {
  it("when its version is on its way to callers, and its server goes by it", () => {
    const canary = { version: 2, package: "p", percent: 5 };
    const live = { kind: "endpoint", address, ...served } as const;
    const model = { version: 2 };
    expect(followsModel(statusOf(desired, { live, canary }), { model })).toBe(false);
    expect(followsModel(statusOf(desired, { live, canary: { ...canary, since: "…" } }), { model })).toBe(true);
  });

  it.each<[string, EntityStatus["live"], { version?: number }, boolean]>([
    ["it serves the version", { kind: "endpoint", address, ...served }, { version: 1 }, true],
    ["it serves a later one", { kind: "endpoint", address, package: "p", version: 3 }, { version: 2 }, true],
    ["it serves an earlier one", { kind: "endpoint", address, ...served }, { version: 2 }, false],
    ["it serves nothing yet", undefined, { version: 1 }, false],
    ["its model has no version", undefined, {}, true],
  ])("when %s", (_title, live, model, expected) => {
    expect(followsModel(statusOf(desired, live ? { live } : {}), { model })).toBe(expected);
  });
});
