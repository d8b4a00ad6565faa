import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { collect, planCollection, sumByKind } from "../../../framework/data/collection.ts";
import { datasetVersionSchema } from "../../../framework/data/dataset-version.ts";
import { fingerprintSource } from "../../../framework/data/fingerprint.ts";
import { ingest } from "../../../framework/data/ingest.ts";
import { keepVersionLineage } from "../../../framework/data/lineage/keep-lineage.ts";
import { logLiveVersion } from "../../../framework/data/log-live-version.ts";
import { listVersionParts } from "../../../framework/data/version-files.ts";
import type { DatasetSpec } from "../../../framework/definitions/spec.ts";
import { keepTrainingSetLineage } from "../../../framework/features/keep-training-set-lineage.ts";
import type { TrainingSet } from "../../../framework/features/training-set.ts";
import { ingestIdentity } from "../../../framework/plan/identity.ts";
import { artefactNames, nameArtefact } from "../../../framework/store/artefacts.ts";
import { documentNames, nameLineage, readDocuments, readLineage } from "../../../framework/store/lineage.ts";
import { useStore } from "../../support/test-store.ts";
import { datasetStatus } from "../dataset-status.ts";
import { testSpec } from "../ingesting.ts";

const given = useStore();
const place = { jobNamespace: "shop/local", datasetNamespace: "s3://steward" };
const spec = testSpec([{ name: "amount", type: "integer", min: 0 }], { retention: { versions: 1 } });
const any = z.record(z.string(), z.unknown());

/** Takes in rows and makes the version live. @returns what it is */
async function goLive(rows: string, at: string) {
  const { store, folder } = given;
  const location = join(folder, "things.csv");
  await writeFile(location, `t,amount\n${rows}`);
  const fingerprint = await fingerprintSource(location, { cacheFolder: join(folder, "fingerprints") });
  const { root, version } = await ingest({ spec, location, fingerprint, store, workFolder: folder });
  const identity = ingestIdentity(spec, fingerprint);
  await nameArtefact(store, artefactNames.version(identity), root);
  const live = { root, rows: version.rows, quarantined: version.quarantined?.rows ?? 0, identity };
  const number = await logLiveVersion(store, { dataset: "things", spec, live, at });
  return { root, number, live };
}

const firstRows = "2024-01-01,1\n2024-01-02,2\n2024-01-03,-5\n";
const firstTime = "2024-02-01T00:00:00.000Z";

describe("the documents of a version", () => {
  it("are kept with its number: an event and a description, with how its values are spread", async () => {
    const { store } = given;
    const { root, number } = await goLive(firstRows, firstTime);
    await keepVersionLineage(store, { dataset: "things", number, spec, place });
    const { openlineage, croissant } = (await readDocuments(store, documentNames.version("things", 1))) ?? {};
    expect(openlineage && (await store.getJson(openlineage, any))).toMatchObject({
      eventType: "COMPLETE",
      eventTime: firstTime,
      job: { namespace: "shop/local", name: "things.ingest" },
      outputs: [
        {
          facets: {
            version: { datasetVersion: root },
            dataQualityMetrics: { rowCount: 2, columnMetrics: { amount: { count: 2, min: 1, max: 2, sum: 3 } } },
          },
        },
      ],
    });
    expect(croissant && (await store.getJson(croissant, any))).toMatchObject({
      name: "things",
      version: "1.0.0",
      identifier: `sha256:${root}`,
    });
  });

  it("are the same bytes however often they are kept, and stay when the definition is told otherwise later", async () => {
    const { store } = given;
    const { number } = await goLive(firstRows, firstTime);
    const keep = (owner = "test") =>
      keepVersionLineage(store, { dataset: "things", number, spec: { ...spec, owner }, place });
    await keep();
    const kept = await readDocuments(store, documentNames.version("things", number));
    await keep();
    await keep("others");
    expect(await readDocuments(store, documentNames.version("things", number))).toEqual(kept);
    // What was lost is made again, and is the same: when it became live is the log's to say.
    await store.inventory.remove([kept?.openlineage.sha256 ?? ""]);
    await keep();
    expect(await readDocuments(store, documentNames.version("things", number))).toEqual(kept);
    expect(await store.has(kept?.openlineage.sha256 ?? "")).toBe(true);
  });

  it("stay when retention gives up the version, and keep nothing of it", async () => {
    const { store } = given;
    const first = await goLive(firstRows, firstTime);
    await keepVersionLineage(store, { dataset: "things", number: first.number, spec, place });
    const parts = await listVersionParts(store, await store.getJson(first.root, datasetVersionSchema));
    const second = await goLive("2024-03-01,7\n", "2024-03-02T00:00:00.000Z");
    await keepVersionLineage(store, { dataset: "things", number: second.number, spec, place });
    const statuses = [await datasetStatus(store, spec, second.live)];
    const now = new Date(Date.now() + 60_000).toISOString();
    const collection = await planCollection({ store, statuses, now, grace: 0 });
    await collect(store, collection, async () => {});
    expect(await store.has(first.root)).toBe(false);
    for (const { object } of parts) expect(await store.has(object.sha256)).toBe(false);
    for (const number of [1, 2]) {
      const kept = await readDocuments(store, documentNames.version("things", number));
      for (const object of [kept?.openlineage, kept?.croissant])
        expect(await store.has(object?.sha256 ?? "")).toBe(true);
    }
    expect(Object.fromEntries(sumByKind(collection.kept).map(({ kind, objects }) => [kind, objects]))).toMatchObject({
      "lineage-documents": 2,
      "lineage event": 2,
      "description for catalogues": 2,
      "dataset-version": 1,
    });
  });

  it("of a dataset that is derived name the versions upstream", async () => {
    const { store } = given;
    const { number } = await goLive(firstRows, firstTime);
    const derived: DatasetSpec = { ...spec, source: { kind: "derived", from: ["flights"], steps: [] } };
    await keepVersionLineage(store, {
      dataset: "things",
      number,
      spec: derived,
      place,
      upstream: { flights: "f".repeat(64) },
    });
    const kept = await readDocuments(store, documentNames.version("things", number));
    expect(kept && (await store.getJson(kept.openlineage, any))).toMatchObject({
      inputs: [{ name: "flights", facets: { version: { datasetVersion: "f".repeat(64) } } }],
    });
  });
});

it("the event of a training set is kept beside its lineage, from the versions to the examples", async () => {
  const { store } = given;
  const identity = "1".repeat(64);
  const split = { object: { sha256: "a".repeat(64), size: 10 }, rows: 3, from: "", to: "" };
  const trainingSet = {
    task: "binary",
    features: [{ name: "hour", type: "number" }],
    splits: { train: split, validation: split, test: split },
  } as unknown as TrainingSet;
  const datasets = { flights: "f".repeat(64) };
  await nameLineage(store, identity, { flights: { root: "f".repeat(64) } });
  const built = { job: "late", identity, digest: "2".repeat(64), trainingSet, datasets, place };
  await keepTrainingSetLineage(store, { ...built, at: firstTime });
  await keepTrainingSetLineage(store, { ...built, at: "2025-01-01T00:00:00.000Z" });
  expect(await readLineage(store, identity)).toEqual(datasets);
  const kept = await readDocuments(store, documentNames.trainingSet(identity));
  expect(kept?.croissant).toBeUndefined();
  expect(kept && (await store.getJson(kept.openlineage, any))).toMatchObject({
    eventTime: firstTime,
    job: { name: "late.materialise" },
    inputs: [{ namespace: "s3://steward", name: "flights", facets: { version: { datasetVersion: datasets.flights } } }],
    outputs: [
      {
        name: "late.examples",
        facets: {
          schema: {
            fields: [
              { name: "hour", type: "number" },
              { name: "__label", type: "boolean" },
            ],
          },
        },
        outputFacets: { outputStatistics: { rowCount: 9, size: 30, fileCount: 3 } },
      },
    ],
  });
});
