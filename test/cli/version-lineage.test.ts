import { expect, it } from "vitest";
import { z } from "zod";
import { readVersionDocuments } from "../../framework/cli/version-documents.ts";
import { traceVersion } from "../../framework/cli/version-lineage.ts";
import { datasetVersionSchema } from "../../framework/data/dataset-version.ts";
import { keepVersionLineage } from "../../framework/data/lineage/keep-lineage.ts";
import { readVersionLog, recordVersion } from "../../framework/data/version-log.ts";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import { keepTrainingSetLineage } from "../../framework/features/keep-training-set-lineage.ts";
import type { TrainingSet } from "../../framework/features/training-set.ts";
import { digestBytes } from "../../framework/plan/digest.ts";
import { artefactNames, nameArtefact } from "../../framework/store/artefacts.ts";
import { nameLineage } from "../../framework/store/lineage.ts";
import { datasetStatus } from "../data/dataset-status.ts";
import { testSpec } from "../data/ingesting.ts";
import { exampleVersion } from "../data/lineage/versions.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();
const place = { jobNamespace: "shop/local", datasetNamespace: "s3://steward" };
const spec = testSpec([{ name: "amount", type: "integer" }]);

/** A dataset with one version, of which two training sets were built; one of them is behind a model in production. */
async function putWorld() {
  const { store } = given;
  const { sha256: root } = await store.putJson(exampleVersion().version);
  const record = {
    dataset: "things",
    rows: 15,
    quarantined: 4,
    at: "2024-02-01T00:00:00.000Z",
    identity: "",
    cause: [],
  };
  const number = await recordVersion(store, { ...record, cause: ["first"], root });
  const [used, unused, other] = ["used", "unused", "other"].map(digestBytes) as [string, string, string];
  const set = digestBytes("the set");
  for (const identity of [used, unused]) await nameLineage(store, identity, { things: { root } });
  await nameLineage(store, other, { things: { root: digestBytes("another root") } });
  await nameArtefact(store, artefactNames.trainingSet(used), set);
  const split = { object: { sha256: set, size: 1 }, rows: 1, from: "", to: "" };
  const trainingSet = { task: "regression", features: [], splits: { train: split, validation: split, test: split } };
  await keepTrainingSetLineage(store, {
    job: "late",
    identity: used,
    digest: set,
    trainingSet: trainingSet as unknown as TrainingSet,
    datasets: { things: root },
    at: record.at,
    place,
  });
  const modelPackage = {
    format: "model-package/3",
    model: "late-arrival",
    onnx: { sha256: set, size: 1 },
    task: "regression",
    inputs: [],
    output: "value",
    categories: {},
    run: "",
    trainingSet: set,
    example: {},
  };
  const { sha256: packed } = await store.putJson(modelPackage);
  const live = { root, rows: 15, quarantined: 4, identity: "", number };
  const dataset = await datasetStatus(store, spec, live);
  const model = {
    ...dataset,
    kind: "model",
    name: "late-arrival",
    live: { kind: "model", version: 2, package: packed },
  };
  const derived = {
    ...dataset,
    name: "daily",
    live: { ...dataset.live, root: set, number: 7, upstream: { things: root } },
  };
  const statuses = [dataset, model as unknown as EntityStatus, derived as EntityStatus];
  const version = await store.getJson(root, datasetVersionSchema);
  return { root, number, used, unused, packed, set, statuses, opened: { root, number, version } };
}

it("a version is traced from its files to what was built of it, and to the models in production", async () => {
  const { store } = given;
  const { root, used, unused, packed, set, statuses, opened } = await putWorld();
  const event = {
    eventType: "COMPLETE",
    job: { namespace: "shop/local", name: "things.ingest" },
    inputs: [{ namespace: "file", name: "things.csv", facets: { version: { datasetVersion: "d" } } }],
  };
  const lineage = await traceVersion(store, { dataset: "things", opened, event, statuses, files: 1 });
  expect(lineage).toEqual({
    dataset: "things",
    number: 1,
    root,
    rows: 15,
    quarantined: 4,
    sources: [{ namespace: "file", name: "things.csv", version: "d" }],
    files: [{ name: "a.csv", fingerprint: digestBytes("a.csv"), rows: 10 }],
    fileCount: 2,
    trainingSets: [
      { identity: used, job: "late", models: [{ model: "late-arrival", version: 2, package: packed }] },
      { identity: unused, models: [] },
    ].sort((a, b) => (a.identity < b.identity ? -1 : 1)),
    derived: [{ dataset: "daily", root: set, number: 7 }],
    scored: [],
  });
});

it("the documents of a version are those that were kept, or made from its definition where none were", async () => {
  const { store } = given;
  const { number, statuses, opened } = await putWorld();
  const history = { dataset: "things", records: await readVersionLog(store, "things") };
  const told = { history, opened, statuses, place };
  // The parts of this version are in no store; they have no profiles, and nothing is read of them.
  const made = await readVersionDocuments(store, told);
  expect(made).toMatchObject({ isKept: false, openlineage: { eventTime: "2024-02-01T00:00:00.000Z" } });
  const step = { step: "sample" as const, fraction: 1, seed: 0 };
  const derived = { ...spec, source: { kind: "derived" as const, from: ["raw"], steps: [step] } };
  const live = { root: opened.root, rows: 15, quarantined: 4, identity: "", number };
  const status = async (upstream: string, root: string) =>
    datasetStatus(store, derived, { ...live, root, upstream: { raw: upstream } });
  const facetsOf = async (root: string) => {
    const documents = await readVersionDocuments(store, { ...told, statuses: [await status("up", root)] });
    const { inputs } = z.object({ inputs: z.array(z.object({ facets: z.unknown() })) }).parse(documents?.openlineage);
    return inputs.map(({ facets }) => facets);
  };
  expect(await facetsOf(opened.root)).toMatchObject([{ version: { datasetVersion: "up" } }]);
  expect(await facetsOf(digestBytes("a later root"))).toEqual([{}]);
  await keepVersionLineage(store, { dataset: "things", number, spec, place });
  expect(await readVersionDocuments(store, told)).toEqual({ ...made, isKept: true });
  expect(await readVersionDocuments(store, { ...told, statuses: [] })).toMatchObject({ isKept: true });
  const { number: _, ...unnumbered } = opened;
  expect(await readVersionDocuments(store, { ...told, opened: unnumbered })).toBeUndefined();
});
