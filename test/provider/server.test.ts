/**
 * The provider's calls about resources that a newer Steward has in its state.
 * @module
 */
import type { handleUnaryCall, Metadata } from "@grpc/grpc-js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import { describe, expect, it } from "vitest";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import { referTo } from "../../framework/plan/desired.ts";
import { Provider } from "../../framework/provider/provider.ts";
import { createHandlers } from "../../framework/provider/server.ts";
import { type Properties, receiveProperties, sendProperties } from "../../framework/provider/values.ts";
import { createFakeBackend } from "./fake-backend.ts";
import { connection, datasetSpec, statusOf } from "./specs.ts";

const { CreateRequest, DeleteRequest, DiffRequest, ReadRequest, UpdateRequest } = providerProto;

const urn = "urn:pulumi:local::tests::steward:index:Dataset::rows";
const inputs: Properties = JSON.parse(
  JSON.stringify({ project: "tests", connection, spec: datasetSpec, location: "/rows.csv", fingerprint: "f" }),
);
const outputs: Properties = {
  root: "root-1",
  rows: 10,
  quarantined: 0,
  reference: { ...referTo(datasetSpec) },
  state: "ready",
};
const present: Properties = { ...outputs, format: "resource/1" };

/** A provider over an engine that has the dataset, and a way to call it as Pulumi does. */
function createCalled(given: Partial<EntityStatus> = {}) {
  const live = { kind: "dataset", root: "root-1", rows: 10, quarantined: 0, identity: "" } as const;
  const reference = { sha256: "0".repeat(64), size: 1 };
  const desired = { kind: "dataset", spec: reference, location: "/rows.csv", fingerprint: "f" } as const;
  const backend = createFakeBackend({ statuses: [statusOf(desired, { live, ...given })], generation: 3 });
  const reporter = { progress: () => undefined, info: () => undefined, warn: () => undefined };
  const environment = { STEWARD_DESTROY: "retire" };
  const provider = new Provider({ backend, reporterOf: () => reporter, environment, folder: import.meta.dirname });
  const handlers = createHandlers(provider);
  const call = (name: string, request: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const handle = handlers[name] as handleUnaryCall<object, unknown>;
      const callback = (error: unknown, response: unknown) => (error ? reject(error) : resolve(response));
      handle({ request } as never, callback as never);
    });
  return { backend, call };
}

/** A request of each call that brings what the state has of the resource. */
const requests: Readonly<Record<string, (recorded: Properties, old: Properties) => object>> = {
  diff(recorded, old) {
    const request = new DiffRequest();
    request.setUrn(urn);
    request.setOldInputs(sendProperties(old));
    request.setOlds(sendProperties(recorded));
    request.setNews(sendProperties(inputs));
    return request;
  },
  update(recorded, old) {
    const request = new UpdateRequest();
    request.setUrn(urn);
    request.setOldInputs(sendProperties(old));
    request.setOlds(sendProperties(recorded));
    request.setNews(sendProperties(inputs));
    return request;
  },
  read(recorded, old) {
    const request = new ReadRequest();
    request.setUrn(urn);
    request.setInputs(sendProperties(old));
    request.setProperties(sendProperties(recorded));
    return request;
  },
  delete(recorded, old) {
    const request = new DeleteRequest();
    request.setUrn(urn);
    request.setOldInputs(sendProperties(old));
    request.setProperties(sendProperties(recorded));
    return request;
  },
};

describe.each(Object.entries(requests))("%s", (name, describeRequest) => {
  it.each<[string, Properties, Properties, string]>([
    ["outputs of a newer format", { ...outputs, format: "resource/2" }, inputs, "format-newer"],
    ["a spec of a newer format", present, { ...inputs, spec: { format: "dataset/2" } }, "format-newer"],
    ["outputs that say no format", outputs, inputs, "format-unknown"],
  ])("refuses %s before anything is done", async (_title, recorded, old, code) => {
    const { backend, call } = createCalled();
    await expect(call(name, describeRequest(recorded, old))).rejects.toThrow(
      new RegExp(`→ at steward:index:Dataset::rows.*\\[${code}\\]`),
    );
    expect([backend.applied, backend.retired, backend.stored]).toEqual([[], [], []]);
  });

  it("takes the present format", async () => {
    await expect(createCalled().call(name, describeRequest(present, inputs))).resolves.toBeDefined();
  });
});

it.each(["diff", "read", "delete"])("%s leaves alone what another checkout's state leads to", async (name) => {
  const { backend, call } = createCalled();
  const stackFolder = "/another/checkout/.steward/stacks/nowhere";
  const elsewhere = { ...inputs, connection: { ...connection, stackFolder } };
  const request = requests[name]?.(present, elsewhere) as providerProto.DeleteRequest;
  request.setUrn(urn.replace(":local:", ":nowhere:"));
  await expect(call(name, request)).rejects.toThrow(/another\/checkout.*\[stack-not-up\]/s);
  expect([backend.applied, backend.retired, backend.stored]).toEqual([[], [], []]);
});

it("what is made, read and compared says its format, which is no difference", async () => {
  const { call } = createCalled();
  const create = new CreateRequest();
  create.setUrn(urn);
  create.setProperties(sendProperties(inputs));
  const made = (await call("create", create)) as providerProto.CreateResponse;
  const read = (await call("read", describeRequestOf("read", present))) as providerProto.ReadResponse;
  for (const response of [made, read])
    expect(receiveProperties(response.getProperties()).properties).toMatchObject(present);
  const compared = (await call("diff", describeRequestOf("diff", present))) as providerProto.DiffResponse;
  expect(compared.getDiffsList()).toEqual([]);
});

it("what is not ready says its format too", async () => {
  const { call } = createCalled({ state: "failed", reasons: ["why"] });
  const create = new CreateRequest();
  create.setUrn(urn);
  create.setProperties(sendProperties(inputs));
  const failure = await call("create", create).catch((error: { readonly metadata: Metadata }) => error);
  const [detail] = (failure as { readonly metadata: Metadata }).metadata.get("grpc-status-details-bin");
  expect(String(detail)).toContain("resource/1");
});

function describeRequestOf(name: string, recorded: Properties): object {
  const describeRequest = requests[name];
  if (!describeRequest) throw new Error(`there is no call "${name}"`);
  return describeRequest(recorded, inputs);
}
