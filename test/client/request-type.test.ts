import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import flights from "../../examples/flights/project.ts";
import { digestRequestType, readDigest, sayDigest, versionOf } from "../../framework/client/request-type.ts";
import { nameRequestType, readRequestType } from "../../framework/client/stored-request-type.ts";
import { findSubject } from "../../framework/client/subject.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import type { ProjectSpec } from "../../framework/definitions/spec.ts";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import { nameServingPlan } from "../../framework/features/online/serving-plan.ts";
import { FolderStore } from "../serving/folder-store.ts";
import { columns, subject } from "./given-subject.ts";

const folder = mkdtempSync(join(tmpdir(), "steward-client-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const project = resolveProject(flights, "local");

const digestWith = (change: (typeof columns)[number]) =>
  digestRequestType(
    subject({ shape: { columns: columns.map((one) => (one.name === change.name ? change : one)), eventTime: "at" } })
      .type,
  );

describe("the digest of a request type", () => {
  const [at, origin, , distance] = columns;
  if (!at || !origin || !distance) throw new Error("there are columns");

  it("is that of the same columns, whatever is said of them to people", () => {
    expect(digestWith({ ...at, description: "another text" })).toBe(digestRequestType(subject().type));
  });

  it.each([
    ["a unit", { ...distance, unit: "km" }],
    ["null", { ...distance, nullable: true }],
    ["a bound", { ...distance, min: 2 }],
    ["a pattern", { ...origin, patterns: ["/^[a-z]{3}$/u"] }],
  ])("is another with another %s", (_what, change) => {
    expect(digestWith(change)).not.toBe(digestRequestType(subject().type));
  });

  it("is read as it is said, and nothing else is", () => {
    const digest = digestRequestType(subject().type);
    expect(readDigest(sayDigest(digest))).toBe(digest);
    for (const text of ["", digest, `sha256:${digest}0`, `sha256:${digest.toUpperCase()}`, `md5:${digest}`, "sha256:x"])
      expect(readDigest(text)).toBeUndefined();
  });

  it("is told apart by the version", () => {
    expect(versionOf(subject().type)).toMatch(/^1\.0\.0\+[0-9a-f]{12}$/);
    expect(versionOf(subject().type)).not.toBe(versionOf(subject({ answer: { task: "regression" } }).type));
  });
});

describe("the request type of a released package", () => {
  it("is that of the definitions, and is found by its digest", async () => {
    const store = new FolderStore(folder);
    const { desired, endpoint } = await putDesired(store, project);
    const packageDigest = "a".repeat(64);
    await nameServingPlan(store, { package: packageDigest, desired });
    await nameRequestType(store, { package: packageDigest, desired });
    const { type } = findSubject(project, endpoint) ?? {};
    if (!type) throw new Error("the project has the endpoint");
    expect(await readRequestType(store, digestRequestType(type))).toEqual(type);
    expect(type.columns.map(({ name }) => name)).toEqual(["date", "origin", "destination", "distance"]);
    expect(await readRequestType(store, "b".repeat(64))).toBeUndefined();
  });

  it("is none where the package has no plan", async () => {
    const store = new FolderStore(folder);
    const { desired } = await putDesired(store, project);
    await nameRequestType(store, { package: "c".repeat(64), desired });
    expect(await store.readName("request-types/anything/1")).toBeUndefined();
  });
});

/** What a model's entity knows of a project with one endpoint. */
async function putDesired(store: FolderStore, { definitions }: ProjectSpec) {
  const endpoint = definitions.find((one) => one.kind === "endpoint");
  const model = definitions.find((one) => one.kind === "model");
  const training = definitions.find((one) => one.kind === "training-job");
  if (!endpoint || !model || !training) throw new Error("the project has an endpoint");
  const features: Record<string, DesiredModel["training"]> = {};
  const datasets: Record<string, DesiredModel["datasets"][string]> = {};
  for (const one of definitions) {
    if (one.kind === "features") features[one.name] = await store.putJson(one);
    if (one.kind === "dataset") datasets[one.name] = { spec: await store.putJson(one), root: "r" };
  }
  const desired: DesiredModel = {
    kind: "model",
    spec: await store.putJson(model),
    training: await store.putJson(training),
    trainer: { sha256: "", size: 0 },
    features,
    datasets,
  };
  return { desired, endpoint: endpoint.name };
}
