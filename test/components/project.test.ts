import { isSecret, type Output, output } from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { protectConnection } from "../../components/connection.ts";
import { LocalPlatform } from "../../components/platform/local.ts";
import { Project } from "../../components/project.ts";
import { ServiceResource } from "../../components/resources.ts";
import type { DefinitionSpec } from "../../framework/definitions/spec.ts";
import {
  datasetSpec,
  endpointSpec,
  featuresSpec,
  modelSpec,
  connection as plain,
  trainingSpec,
} from "../provider/specs.ts";
import { type Declared, recordResources, settle } from "./mocks.ts";

let declared: Declared[] = [];
beforeEach(async () => {
  declared = await recordResources();
});

const everything: readonly DefinitionSpec[] = [datasetSpec, featuresSpec, trainingSpec, modelSpec, endpointSpec];
const trainer = { folder: "/p", entry: "train.py", lock: "l", files: [{ path: "train.py", sha256: "s", size: 1 }] };

async function declare(definitions: readonly DefinitionSpec[]) {
  const service = new LocalPlatform("/stack").run(
    { name: "server", command: ["/bin/server"], probe: { kind: "tcp", port: 1 } },
    {},
  );
  const project = new Project("p", {
    spec: { name: "p", environment: "local", definitions: [...definitions] },
    connection: protectConnection(plain),
    sources: {
      rows: { location: "/rows.csv", fingerprint: "f" },
      clean: { location: "rows", fingerprint: "", programs: [trainer] },
    },
    trainers: { job: trainer },
    servers: { endpoint: { address: "http://127.0.0.1:9012", service } },
    needs: [service],
  });
  await settle(project, service);
  return project;
}

const inputsOf = (type: string) => declared.find((resource) => resource.type === `steward:index:${type}`)?.inputs;

describe("a project", () => {
  it("declares one resource for each definition, by the definition's name", async () => {
    await declare(everything);
    const definitions = declared.filter(
      ({ type }) => type.startsWith("steward:index:") && type !== "steward:index:Project",
    );
    expect(definitions.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
      "steward:index:Dataset rows",
      "steward:index:Endpoint endpoint",
      "steward:index:Features set",
      "steward:index:Model model",
      "steward:index:TrainingJob job",
    ]);
  });

  it("gives a dataset its source", async () => {
    await declare(everything);
    expect(inputsOf("Dataset")).toMatchObject({
      project: "p",
      spec: datasetSpec,
      location: "/rows.csv",
      fingerprint: "f",
    });
  });

  it("gives a derived dataset the versions of those that it is derived from, and the files of its programs", async () => {
    const source = {
      kind: "derived",
      from: ["rows"],
      steps: [{ step: "filter", condition: { op: "literal", value: true } }],
    };
    await declare([datasetSpec, { ...datasetSpec, name: "clean", source } as DefinitionSpec]);
    const inputs = declared.find(({ name }) => name === "clean")?.inputs;
    expect(inputs).toMatchObject({ location: "rows", fingerprint: "", upstream: { rows: "root-of-rows" } });
    expect(inputs).toMatchObject({ programs: [trainer] });
    for (const name of ["upstream", "programs"]) expect(inputsOf("Dataset")).not.toHaveProperty(name);
  });

  it("gives a training job the files of its trainer", async () => {
    await declare(everything);
    expect(inputsOf("TrainingJob")).toMatchObject({ spec: trainingSpec, trainer });
  });

  it("gives a model what was made of its training job, feature sets and datasets", async () => {
    await declare(everything);
    expect(inputsOf("Model")).toMatchObject({
      training: { reference: { sha256: "sha-of-job" }, closure: { sha256: "sha-of-job" } },
      features: { set: { sha256: "sha-of-set" } },
      datasets: { rows: { spec: { sha256: "sha-of-rows" }, root: "root-of-rows" } },
    });
  });

  it("gives an endpoint its server's address and what its model has in production", async () => {
    await declare(everything);
    expect(inputsOf("Endpoint")).toMatchObject({
      address: "http://127.0.0.1:9012",
      model: { package: "package-of-model", version: 1 },
    });
  });

  it("tells the addresses of endpoints and the statuses of what lives", async () => {
    const { urls, statuses } = await declare(everything);
    expect(Object.keys(urls)).toEqual(["endpoint"]);
    expect(Object.keys(statuses)).toEqual(["dataset/rows", "model/model", "endpoint/endpoint"]);
    const { endpoint } = urls;
    expect(endpoint && (await readOutput(endpoint))).toBe("url-of-endpoint");
  });

  it("may have no endpoint", async () => {
    await declare([datasetSpec]);
    expect(declared.map(({ type }) => type)).not.toContain("steward:index:Endpoint");
  });

  it("names what is missing of a definition", async () => {
    await expect(declare([{ ...datasetSpec, name: "others" }])).rejects.toThrow('nothing was prepared for "others"');
  });
});

describe("secrets", () => {
  it("of a connection are marked, and nothing else of it is", async () => {
    const { store, engine } = protectConnection(plain);
    expect(await isSecret(output(store.secretKey))).toBe(true);
    expect(store.accessKey).toBe(plain.store.accessKey);
    expect(engine).toEqual(plain.engine);
  });

  it("are marked in every definition that has the connection", async () => {
    await declare(everything);
    const definitions = declared.filter(({ inputs }) => "connection" in inputs);
    expect(definitions.map(({ secret }) => secret)).toEqual(Array.from({ length: 5 }, () => ["connection"]));
  });

  it("of a service are marked as the platform takes them", async () => {
    const service = new LocalPlatform("/stack").run(
      { name: "s", command: ["/s"], probe: { kind: "tcp", port: 1 }, secrets: { KEY: "canary" } },
      {},
    );
    expect(service).toBeInstanceOf(ServiceResource);
    await settle(service);
    expect(declared).toEqual([expect.objectContaining({ secret: ["service"] })]);
  });
});

function readOutput<T>(value: Output<T>): Promise<T> {
  return new Promise((resolve) => value.apply(resolve));
}
