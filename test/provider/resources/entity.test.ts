import { describe, expect, it } from "vitest";
import { StewardError } from "../../../framework/definitions/problem.ts";
import type { EntityStatus, LiveDataset } from "../../../framework/engine/entity-status.ts";
import { referTo } from "../../../framework/plan/desired.ts";
import { digestOf } from "../../../framework/plan/digest.ts";
import { NotReady } from "../../../framework/provider/failure.ts";
import { datasetResource } from "../../../framework/provider/resources/dataset.ts";
import { endpointResource } from "../../../framework/provider/resources/endpoint.ts";
import { modelResource } from "../../../framework/provider/resources/model.ts";
import type { Properties } from "../../../framework/provider/values.ts";
import { createFakeBackend, createFakeContext, type FakeAnswers } from "../fake-backend.ts";
import { connection, datasetSpec, endpointSpec, modelSpec, statusOf } from "../specs.ts";

const inputs: Properties = JSON.parse(
  JSON.stringify({ project: "tests", connection, spec: datasetSpec, location: "/rows.csv", fingerprint: "f" }),
);
const desired = { kind: "dataset", spec: referTo(datasetSpec), location: "/rows.csv", fingerprint: "f" } as const;
const version: LiveDataset = { kind: "dataset", root: "root-1", rows: 10, quarantined: 0, identity: "i" };
const ready = statusOf(desired, {
  generation: 2,
  settled: 2,
  live: version,
  digest: digestOf(desired),
  summary: "10 rows",
});
const working: EntityStatus = { ...ready, generation: 3, state: "working", summary: "ingesting" };
const failed: EntityStatus = {
  ...ready,
  generation: 3,
  settled: 3,
  state: "failed",
  summary: "failed",
  reasons: ["The file has gone.", "Nobody knows why."],
};
const outputs: Properties = {
  reference: { ...referTo(datasetSpec) },
  root: "root-1",
  rows: 10,
  quarantined: 0,
  generation: 2,
  state: "ready",
  status: "10 rows",
};

async function driftOf(answers: FakeAnswers) {
  const context = createFakeContext(createFakeBackend(answers));
  return { drifts: await datasetResource.drift({ inputs, outputs }, context), said: context.said };
}

describe("the drift of an entity", () => {
  it.each<[string, EntityStatus | undefined, readonly string[], RegExp]>([
    ["that is what the state says", ready, [], /^$/],
    ["that only words it otherwise", { ...ready, generation: 9, summary: "ten rows" }, [], /^$/],
    ["that is missing", undefined, ["state"], /not in the engine any more/],
    ["that was retired", { ...ready, state: "retired" }, ["state"], /has been retired/],
    ["that failed", failed, ["state"], /failed: The file has gone\. Nobody knows why\. It will try again/],
    ["that is still at work", working, ["state"], /still at work: ingesting/],
    ["that belongs to another stack", { ...ready, owner: "other/local" }, ["state"], /belongs to stack "other\/local"/],
    [
      "that has another version live",
      { ...ready, live: { ...version, root: "root-2", rows: 11 } },
      ["root", "rows"],
      /"root" is "root-2" now, the state has "root-1"/,
    ],
    [
      "that waits for approval now",
      { ...ready, state: "awaiting-approval" },
      ["state"],
      /"state" is "awaiting-approval" now/,
    ],
  ])("%s", async (_title, status, shown, reason) => {
    const { drifts } = await driftOf(status ? { statuses: [status] } : {});
    expect(drifts.map(({ output }) => output)).toEqual(shown);
    expect(drifts[0]?.reason ?? "").toMatch(reason);
  });

  it("is unknown while the engine is down, with a warning", async () => {
    const { drifts, said } = await driftOf({ down: new Error("connection refused") });
    expect(drifts).toEqual([]);
    expect(said).toEqual([
      expect.stringMatching(/^warn The engine cannot be asked about dataset "rows".*connection refused/),
    ]);
  });

  it("is not looked for further when a newer Steward has the entity", async () => {
    const newer = new StewardError({ code: "format-newer", at: "dataset/rows", what: "newer" });
    await expect(driftOf({ down: newer })).rejects.toBe(newer);
  });

  it("is that it is missing where the stack has no engine, which nobody needs to be warned of", async () => {
    const { drifts, said } = await driftOf({ deployed: false });
    expect(drifts.map(({ output }) => output)).toEqual(["state"]);
    expect(said).toEqual([]);
  });
});

describe("applying an entity", () => {
  it("stores its spec, tells the entity who asks for what, and waits until the generation has settled", async () => {
    const backend = createFakeBackend({
      statuses: [ready, working, working, { ...ready, generation: 3, settled: 3 }],
      generation: 3,
    });
    const context = createFakeContext(backend);
    await expect(datasetResource.apply(inputs, context)).resolves.toEqual({ ...outputs, generation: 3 });
    expect(backend.stored).toEqual([datasetSpec]);
    expect(backend.applied).toEqual([
      {
        actor: { id: "ada@example.org", via: "pulumi" },
        owner: "tests/local",
        adopt: false,
        digest: digestOf(desired),
        desired,
      },
    ]);
    expect(context.said).toEqual(["progress 10 rows", "progress ingesting", "progress ingesting", "progress 10 rows"]);
  });

  it("shows how far the step at work is", async () => {
    const training = { ...working, work: { step: "ingest", workflowId: "tests/ingest/rows@1" } } as const;
    const done = { ...ready, generation: 3, settled: 3 };
    const context = createFakeContext(createFakeBackend({ statuses: [training, training, done], generation: 3 }));
    await datasetResource.apply(inputs, context);
    expect(context.said).toContain("progress ingesting: step 1 of 2");
  });

  it("succeeds when it waits for an approval", async () => {
    const backend = createFakeBackend({
      statuses: [{ ...ready, state: "awaiting-approval", summary: "awaiting approval by ops-lead" }],
    });
    const made = await datasetResource.apply(inputs, createFakeContext(backend));
    expect(made).toMatchObject({ state: "awaiting-approval", status: "awaiting approval by ops-lead" });
  });

  it("fails with every reason, and keeps what is live in the outputs", async () => {
    const applying = datasetResource.apply(
      inputs,
      createFakeContext(createFakeBackend({ statuses: [failed], generation: 3 })),
    );
    const error = await applying.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotReady);
    expect(error).toMatchObject({
      reasons: ["The file has gone.", "Nobody knows why."],
      outputs: { state: "failed", root: "root-1" },
    });
  });

  it("waits past a release that is under way for a generation that has settled", async () => {
    const releasing: EntityStatus = { ...ready, state: "working", summary: "approved by ada" };
    const backend = createFakeBackend({ statuses: [releasing, ready], generation: 2 });
    await expect(datasetResource.apply(inputs, createFakeContext(backend))).resolves.toEqual(outputs);
  });

  it("stops waiting when the engine is cancelled, and says that the work goes on", async () => {
    const cancelled = AbortSignal.abort();
    const applying = datasetResource.apply(
      inputs,
      createFakeContext(createFakeBackend({ statuses: [working], generation: 3 }), { cancelled }),
    );
    const reason = "cancelled while ingesting: the work goes on; run npx pulumi up again to wait for it";
    await expect(applying).rejects.toMatchObject({ reasons: [reason] });
  });

  it("takes over what another stack owns only when told to", async () => {
    const backend = createFakeBackend({ statuses: [ready] });
    await datasetResource.apply(inputs, createFakeContext(backend, { adopt: true }));
    expect(backend.applied.map(({ adopt }) => adopt)).toEqual([true]);
  });

  it("waits for an endpoint to follow its model", async () => {
    const address = "http://127.0.0.1:9012";
    const wish = { kind: "endpoint", spec: referTo(endpointSpec), model: "model", address } as const;
    const serving = (number: number) =>
      statusOf(wish, { live: { kind: "endpoint", address, package: `p${number}`, version: number } });
    const endpoint: Properties = {
      ...JSON.parse(JSON.stringify({ project: "tests", connection, spec: endpointSpec, address })),
      model: { package: "p2", version: 2 },
    };
    const backend = createFakeBackend({ statuses: [serving(1), serving(2)] });
    await expect(endpointResource.apply(endpoint, createFakeContext(backend))).resolves.toMatchObject({
      package: "p2",
      version: 2,
    });
  });
});

describe("removing an entity", () => {
  const unknownEntity = new StewardError({ code: "entity-unknown", at: "", what: "there is none" });

  it("starts its retirement", async () => {
    const backend = createFakeBackend();
    await datasetResource.remove({ inputs, outputs }, createFakeContext(backend));
    expect(backend.retired).toEqual([{ actor: { id: "ada@example.org", via: "pulumi" }, owner: "tests/local" }]);
  });

  it("starts its retirement also where its recorded inputs are none any more that would be accepted", async () => {
    const backend = createFakeBackend();
    const { fingerprint: _, ...old } = inputs;
    await datasetResource.remove({ inputs: { ...old, checksum: "f0" }, outputs }, createFakeContext(backend));
    expect(backend.retired).toHaveLength(1);
  });

  it("leaves it as it is when the stack is abandoned", async () => {
    const backend = createFakeBackend({ down: new Error("no engine") });
    await datasetResource.remove({ inputs, outputs }, createFakeContext(backend, { abandon: true }));
    expect(backend.retired).toEqual([]);
  });

  it("succeeds when it is gone already", async () => {
    const removing = datasetResource.remove(
      { inputs, outputs },
      createFakeContext(createFakeBackend({ retireFails: unknownEntity })),
    );
    await expect(removing).resolves.toBeUndefined();
  });

  it("fails when it is refused", async () => {
    const refusal = new StewardError({ code: "entity-refused", at: "", what: "it is in use" });
    const removing = datasetResource.remove(
      { inputs, outputs },
      createFakeContext(createFakeBackend({ retireFails: refusal })),
    );
    await expect(removing).rejects.toThrow("it is in use");
  });
});

describe("reading an entity", () => {
  it.each<[string, FakeAnswers, Properties | undefined]>([
    ["tells what is true now", { statuses: [{ ...ready, live: { ...version, rows: 12 } }] }, { ...outputs, rows: 12 }],
    ["tells that it is gone", {}, undefined],
    ["tells that it was retired", { statuses: [{ ...ready, state: "retired" }] }, undefined],
    ["tells the last known state while the engine is down", { down: new Error("refused") }, outputs],
  ])("%s", async (_title, answers, expected) => {
    await expect(
      datasetResource.read({ inputs, outputs }, createFakeContext(createFakeBackend(answers))),
    ).resolves.toEqual(expected);
  });
});

describe("the code that a model is asked for from", () => {
  it("is told beside what is asked for, and is in no digest", async () => {
    const spec = modelSpec;
    const reference = referTo(spec);
    const wish = { training: { reference, closure: reference }, features: {}, datasets: {} };
    const given: Properties = JSON.parse(JSON.stringify({ project: "tests", connection, spec, ...wish }));
    const told = async (commit: string) => {
      const backend = createFakeBackend({ statuses: [{ ...ready, settled: 9, generation: 9 }] });
      const code = async () => ({ commit, changed: ["a.ts"], patch: "+1", isCut: false });
      await modelResource.apply(given, createFakeContext(backend, { code }));
      return { message: backend.applied[0], stored: backend.stored };
    };
    const [one, other] = [await told("1"), await told("2")];
    expect(one.message?.desired).toMatchObject({ code: { commit: "1", uncommitted: { files: 1 } } });
    expect(one.stored).toContainEqual(expect.objectContaining({ files: ["a.ts"], patch: "+1" }));
    expect(other.message?.digest).toBe(one.message?.digest);
  });
});
