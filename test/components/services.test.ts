import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { protectConnection } from "../../components/connection.ts";
import { Intake } from "../../components/intake.ts";
import { ModelServer } from "../../components/model-server.ts";
import { ObjectStore } from "../../components/object-store.ts";
import { LocalPlatform } from "../../components/platform/local.ts";
import { TemporalUi } from "../../components/temporal-ui.ts";
import { WorkerPool } from "../../components/worker-pool.ts";
import { WorkflowEngine } from "../../components/workflow-engine.ts";
import { type EnginePorts, enginePortNames } from "../../framework/connection/temporal-config.ts";
import { findTraceSettings, traceVariables } from "../../framework/serving/trace/trace-settings.ts";
import { serviceSchema } from "../../framework/supervisor/service.ts";
import { specOf } from "../campaigns/experiments/simulation.ts";
import { endpointSpec, connection as plain } from "../provider/specs.ts";
import { type Declared, recordResources, settle, urnOf } from "./mocks.ts";

let declared: Declared[] = [];
beforeEach(async () => {
  declared = await recordResources();
});

const platform = new LocalPlatform("/stack");
const connection = () => protectConnection({ ...plain, stackFolder: "/stack" });
const ports: EnginePorts = {
  engine: 1,
  "engine-http": 2,
  "engine-history": 3,
  "engine-matching": 4,
  "engine-worker": 5,
  "engine-frontend-membership": 6,
  "engine-history-membership": 7,
  "engine-matching-membership": 8,
  "engine-worker-membership": 9,
};

/** The one service that a component declared, checked as the provider checks it. */
function serviceOf(name: string) {
  const found = declared.filter(({ type }) => type === "steward:local:Service");
  expect(found.map((resource) => resource.name)).toEqual([name]);
  expect(found.map(({ inputs }) => inputs["stackFolder"])).toEqual(["/stack"]);
  return serviceSchema.parse(found[0]?.inputs["service"]);
}

describe("components", () => {
  it("run an object store that makes its buckets before it is ready", async () => {
    const store = new ObjectStore("store", {
      platform,
      program: "/bin/minio",
      data: "/data",
      consolePort: 9001,
      connection: connection(),
    });
    await settle(store, store.service);
    const service = serviceOf("store");
    expect(service.command).toEqual([
      "/bin/minio",
      "server",
      "/data",
      "--address",
      "127.0.0.1:9000",
      "--console-address",
      "127.0.0.1:9001",
      "--quiet",
    ]);
    expect(service.afterStart?.slice(1)).toEqual([
      expect.stringMatching(/framework\/connection\/prepare\.ts$/),
      "store",
    ]);
    expect(service.probe).toEqual({ kind: "http", port: 9000, path: "/minio/health/live" });
    expect(service.secrets["MINIO_ROOT_PASSWORD"]).toBe(plain.store.secretKey);
    expect(await urnOf(store.service)).toContain("steward:index:ObjectStore$steward:local:Service::store");
  });

  it("run a workflow engine on the ports of its configuration", async () => {
    const engine = new WorkflowEngine("engine", {
      platform,
      program: "/bin/temporal",
      config: "/c.yaml",
      ports,
      connection: connection(),
    });
    await settle(engine, engine.service);
    const service = serviceOf("engine");
    expect(service.command).toEqual(["/bin/temporal", "--config-file", "/c.yaml", "--allow-no-auth", "start"]);
    expect(Object.keys(service.ports).sort()).toEqual([...enginePortNames].sort());
    expect(service.afterStart?.at(-1)).toBe("engine");
  });

  it("run a page for people that holds no secret", async () => {
    const ui = new TemporalUi("ui", { platform, program: "/bin/ui", config: "/stack/ui/steward.yaml", port: 8233 });
    await settle(ui, ui.service);
    const service = serviceOf("ui");
    expect(service.command).toEqual(["/bin/ui", "--root", "/", "--config", "/stack/ui", "--env", "steward", "start"]);
    expect(service.secrets).toEqual({});
    expect(declared.map(({ secret }) => secret)).toEqual([[], []]);
  });

  it("run workers of which two builds overlap, replaying what is open before they change", async () => {
    const worker = new WorkerPool("worker", {
      platform,
      project: "flights",
      connection: connection(),
      bundle: { buildId: "b1", path: "/b1.js" },
      work: "/work",
    });
    await settle(worker, worker.service);
    const service = serviceOf("worker");
    expect(service.update).toBe("overlap");
    expect(service.preflight?.at(-1)).toMatch(/workflows\/replay\.ts$/);
    expect(service.environment).toMatchObject({
      STEWARD_PROJECT: "flights",
      STEWARD_BUNDLE: "/b1.js",
      STEWARD_BUILD_ID: "b1",
      STEWARD_WORK: "/work",
    });
  });

  it("hand workers what reaches sources and the cluster as secrets, and nothing where there is none", async () => {
    const args = {
      platform,
      project: "flights",
      connection: connection(),
      bundle: { buildId: "b1", path: "/b1.js" },
      work: "/work",
    };
    const runner = "ray:http://canary@host:8265";
    const looks = { requests: "/requests", logKey: "canary".repeat(8) };
    const worker = new WorkerPool("worker", { ...args, ...looks, inputs: { "warehouse.url": "canary" }, runner });
    await settle(worker, worker.service);
    const { secrets, ...plain } = serviceOf("worker");
    expect(secrets["STEWARD_RUNNER"]).toBe(runner);
    expect(secrets["STEWARD_LOG_KEY"]).toBe(looks.logKey);
    expect(plain.environment).toMatchObject({ STEWARD_REQUESTS: "/requests" });
    expect(JSON.parse(secrets["STEWARD_INPUTS"] ?? "")).toEqual({ "warehouse.url": "canary" });
    expect(JSON.stringify(plain)).not.toContain("canary");
    declared = await recordResources();
    const other = new WorkerPool("worker", args);
    await settle(other, other.service);
    expect(Object.keys(serviceOf("worker").secrets)).toEqual(["STEWARD_CONNECTION"]);
  });

  it("run a model server that says where it answers", async () => {
    const server = new ModelServer("server-endpoint", {
      platform,
      endpoint: endpointSpec,
      connection: connection(),
      port: 9012,
      segments: "/segments",
      code: "c0de",
    });
    await settle(server, server.service);
    const service = serviceOf("server-endpoint");
    expect(server.address).toBe("http://127.0.0.1:9012");
    expect(service.environment).toMatchObject({
      STEWARD_CODE: "c0de",
      STEWARD_ENDPOINT: "endpoint",
      STEWARD_MODEL: "model",
      STEWARD_PORT: "9012",
      STEWARD_SEGMENTS: "/segments",
    });
    expect(JSON.parse(service.environment["STEWARD_LOG"] ?? "")).toEqual(endpointSpec.log);
    expect(service.environment).not.toHaveProperty("STEWARD_UNIT_COLUMN");
  });

  it("tell a model server where its traces go, and show nobody what is sent with them", async () => {
    const server = new ModelServer("server-endpoint", {
      platform,
      endpoint: endpointSpec,
      connection: connection(),
      port: 9012,
      segments: "/segments",
      traces: { url: "https://collector", ratio: 0.1, headers: { authorization: "Bearer canary, too" } },
      code: "c0de",
    });
    await settle(server, server.service);
    const { secrets, ...open } = serviceOf("server-endpoint");
    const variables = { ...open.environment, ...secrets };
    expect(findTraceSettings(z.object(traceVariables).parse(variables), "endpoint")).toEqual({
      url: "https://collector/v1/traces",
      headers: { authorization: "Bearer canary, too" },
      sampler: { isParentBased: true, ratio: 0.1 },
      attributes: { "service.name": "endpoint" },
    });
    expect(JSON.stringify(open)).not.toContain("canary");
  });

  it("run an intake that says where rows are pushed, and shows its token to nobody", async () => {
    const intake = new Intake("intake", {
      platform,
      datasets: ["clicks", "views"],
      connection: connection(),
      port: 9013,
      token: "a-token-of-the-tests",
      code: "c0de",
    });
    await settle(intake, intake.service);
    const { secrets, ...open } = serviceOf("intake");
    expect(intake.addresses).toEqual({
      clicks: "http://127.0.0.1:9013/datasets/clicks/rows",
      views: "http://127.0.0.1:9013/datasets/views/rows",
    });
    expect(open.environment).toEqual({
      STEWARD_DATASETS: '["clicks","views"]',
      STEWARD_PORT: "9013",
      STEWARD_CODE: "c0de",
    });
    expect(open.probe).toEqual({ kind: "http", port: 9013, path: "/healthz" });
    expect(secrets["STEWARD_INTAKE_TOKEN"]).toBe("a-token-of-the-tests");
    expect(declared.flatMap(({ secret }) => secret)).toEqual(["service"]);
    expect(JSON.stringify(open)).not.toContain("a-token-of-the-tests");
  });

  it("tell a model server which column names the unit of an experiment", async () => {
    const endpoint = { ...endpointSpec, experiment: specOf({ unit: "customer" }) };
    const given = { platform, endpoint, connection: connection(), port: 9012, segments: "/segments", code: "c0de" };
    const server = new ModelServer("server-endpoint", given);
    await settle(server, server.service);
    expect(serviceOf("server-endpoint").environment["STEWARD_UNIT_COLUMN"]).toBe("customer");
  });

  it("hand programs the whole connection, and no variable in clear has its secret", async () => {
    const worker = new WorkerPool("worker", {
      platform,
      project: "flights",
      connection: connection(),
      bundle: { buildId: "b1", path: "/b1.js" },
      work: "/work",
    });
    await settle(worker, worker.service);
    const { secrets, ...open } = serviceOf("worker");
    expect(JSON.parse(secrets["STEWARD_CONNECTION"] ?? "")).toEqual({ ...plain, stackFolder: "/stack" });
    expect(declared.flatMap(({ secret }) => secret)).toEqual(["service"]);
    expect(JSON.stringify(open)).not.toContain(plain.store.secretKey);
  });

  it("declare nothing that was not asked for", async () => {
    const ui = new TemporalUi("ui", { platform, program: "/bin/ui", config: "/stack/ui/steward.yaml", port: 8233 });
    await settle(ui, ui.service);
    expect(declared.map(({ type }) => type).sort()).toEqual(["steward:index:TemporalUi", "steward:local:Service"]);
  });
});
