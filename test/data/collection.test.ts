/**
 * What a collection keeps and removes, on a real store.
 * @module
 */
import { describe, expect, it } from "vitest";
import {
  type Collection,
  type CollectionOptions,
  collect,
  planCollection,
  requireQuiet,
  sumByKind,
} from "../../framework/data/collection.ts";
import type { VersionFile } from "../../framework/data/dataset-version.ts";
import { recordVersion } from "../../framework/data/version-log.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import { artefactNames, nameArtefact } from "../../framework/store/artefacts.ts";
import { nameLineage } from "../../framework/store/lineage.ts";
import { failure } from "../support/failure.ts";
import { useStore } from "../support/test-store.ts";
import { testSpec } from "./ingesting.ts";

const given = useStore();
const quiet = async () => {};
/** Everything that a test writes is older than a grace of nothing. */
const later = () => new Date(Date.now() + 60_000).toISOString();
const plan = (change: Partial<CollectionOptions> = {}): Promise<Collection> =>
  planCollection({ store: given.store, statuses: [], now: later(), grace: 0, ...change });
const digests = ({ garbage }: Collection) => garbage.map(({ sha256 }) => sha256);

/** Stores a Parquet file, as far as its first bytes tell. */
const putPart = async (name: string) =>
  (await given.store.putBytes(Buffer.from(`PAR1 ${name}`))) as VersionFile["parts"][number]["object"];

/** Stores a version of a part for each of the names, and names it by its identity. */
async function putVersion(parts: readonly string[], { format = 2, named = true } = {}): Promise<string> {
  const objects = await Promise.all(parts.map(putPart));
  const file = { name: "", fingerprint: parts.join(), identity: "", rows: 1, from: "", to: "" };
  const version = {
    dataset: "things",
    columns: testSpec([]).columns,
    eventTime: "t",
    key: [],
    rows: 1,
    from: "",
    to: "",
    fingerprint: parts.join(),
  };
  const stored = objects.map((object) => ({ object, rows: 1 }));
  const { sha256 } = await given.store.putJson(
    format === 1
      ? { format: "dataset-version/1", ...version, parts: stored }
      : { format: "dataset-version/2", ...version, files: [{ ...file, parts: stored }] },
  );
  if (named) await nameArtefact(given.store, artefactNames.version(digestOf(parts)), sha256);
  return sha256;
}

/** The entity of the dataset, with what it holds. */
async function entity(live: string | undefined, change: Partial<DatasetSpec> = {}): Promise<EntityStatus> {
  const spec = await given.store.putJson(testSpec([], { name: "things", ...change }));
  return {
    format: "entity-status/1",
    kind: "dataset",
    name: "things",
    owner: "shop/local",
    generation: 1,
    settled: 1,
    state: "ready",
    summary: "",
    reasons: [],
    digest: "",
    desired: { kind: "dataset", spec, location: "", fingerprint: "" },
    durations: {},
    ...(live && { live: { kind: "dataset", root: live, rows: 1, quarantined: 0, identity: "" } }),
  };
}

async function putLog(...roots: readonly string[]): Promise<void> {
  const record = {
    dataset: "things",
    rows: 1,
    quarantined: 0,
    at: "2020-01-01T00:00:00.000Z",
    cause: [],
    identity: "",
  };
  for (const root of roots) await recordVersion(given.store, { ...record, root });
}

describe("a collection", () => {
  it("removes what nothing leads to, and keeps what names, refs and entities lead to", async () => {
    const named = await putVersion(["a", "shared"]);
    const lost = await putVersion(["b", "shared"], { named: false });
    const live = await putVersion(["c"], { named: false });
    const served = await given.store.putJson({ format: "model-package/1", onnx: await putPart("onnx") });
    await given.store.moveRef("models/m/production", { generation: 1, value: { package: served.sha256 } });
    const collection = await plan({ statuses: [await entity(live)] });
    expect(digests(collection)).toEqual([lost, (await putPart("b")).sha256]);
    expect(sumByKind(collection.garbage).map(({ kind, objects }) => [kind, objects])).toEqual([
      ["dataset-version", 1],
      ["part", 1],
    ]);
    await collect(given.store, collection, quiet);
    for (const root of [named, live, served.sha256]) expect(await given.store.has(root)).toBe(true);
    for (const name of ["a", "shared", "c", "onnx"])
      expect(await given.store.has((await putPart(name)).sha256)).toBe(true);
    expect(await given.store.has(lost)).toBe(false);
    expect(digests(await plan({ statuses: [await entity(live)] }))).toEqual([]);
  });

  it("keeps what is younger than the grace, and what that refers to", async () => {
    await putVersion(["young"], { named: false });
    const now = new Date().toISOString();
    expect(digests(await plan({ now, grace: 3_600 }))).toEqual([]);
    expect(digests(await plan({ grace: 3_600 }))).toEqual([]);
    expect(digests(await plan())).toHaveLength(2);
  });

  it("keeps specs and trainers, whoever refers to them, and their files", async () => {
    const file = await given.store.putBytes(Buffer.from("import numpy"));
    await given.store.putJson({ format: "trainer/1", files: [{ path: "train.py", object: file }] });
    await given.store.putJson(testSpec([], { owner: "somebody before" }));
    await given.store.putJson({ format: "what-a-later-one-writes/1", of: (await putPart("later")).sha256 });
    expect(digests(await plan())).toEqual([]);
  });

  it("removes files that are no documents, though they look like it", async () => {
    const files = ['{"level": "info"}\n{"level": "info"}', '{"format": "csv"}', "{", "[1]", "PK"];
    const stored = await Promise.all(files.map((text) => given.store.putBytes(Buffer.from(text))));
    expect(digests(await plan()).sort()).toEqual(stored.map(({ sha256 }) => sha256).sort());
  });

  it("refuses when a document is damaged, or was written by a newer Steward", async () => {
    const { sha256, size } = await given.store.putJson({ format: "run/1", log: "somewhere" });
    await given.tamper(`objects/${sha256.slice(0, 2)}/${sha256}`, `{${" ".repeat(size - 2)}}`);
    expect((await failure(plan())).problems).toMatchObject([{ code: "object-corrupt" }]);
    await given.store.inventory.remove([sha256]);
    await given.store.putJson({ format: "run/99" });
    expect((await failure(plan())).problems).toMatchObject([{ code: "format-newer" }]);
  });

  it("gives up uploads that nobody completed within the grace", async () => {
    const key = `${given.prefix}/objects/ab/${"ab".repeat(32)}`;
    await given.client.initiateNewMultipartUpload(given.connection.bucket, key, {});
    expect((await plan({ grace: 3_600 })).uploads).toEqual([]);
    const collection = await plan();
    expect(collection.uploads).toMatchObject([{ key }]);
    await collect(given.store, collection, quiet);
    expect((await plan()).uploads).toEqual([]);
  });
});

describe("retention", () => {
  it("gives up versions and the parts that no other version has; what was named is made again under its name", async () => {
    const [a, b, c] = [await putVersion(["p1", "p2"]), await putVersion(["p2", "p3"]), await putVersion(["p3", "p4"])];
    await putLog(a, b, c);
    const statuses = [await entity(c, { retention: { versions: 2 } })];
    const collection = await plan({ statuses });
    expect(collection.expired).toEqual([a]);
    expect(digests(collection)).toEqual([a, (await putPart("p1")).sha256]);
    await collect(given.store, collection, quiet);
    expect(await given.store.has(a)).toBe(false);
    expect((await plan({ statuses })).expired).toEqual([]);
    expect(await putVersion(["p1", "p2"])).toBe(a);
    expect(await given.store.readName(`${artefactNames.version(digestOf(["p1", "p2"]))}/2`)).toBeUndefined();
  });

  it("is none where none is said, and none of a dataset that is no more", async () => {
    const [a, b] = [await putVersion(["p1"]), await putVersion(["p2"])];
    await putLog(a, b);
    expect(digests(await plan({ statuses: [await entity(b)] }))).toEqual([]);
    expect(digests(await plan())).toEqual([]);
  });

  it("gives up no version that a training set was built from, or a model is to be trained on", async () => {
    const [a, b, c] = [await putVersion(["p1"]), await putVersion(["p2"]), await putVersion(["p3"])];
    await putLog(a, b, c);
    const set = await given.store.putJson({ format: "training-set/1" });
    const identity = digestOf("identity");
    await nameLineage(given.store, identity, { things: { root: a } });
    await nameArtefact(given.store, artefactNames.trainingSet(identity), set.sha256);
    const dataset = await entity(c, { retention: { versions: 1 } });
    const model = {
      ...dataset,
      kind: "model",
      name: "m",
      desired: { kind: "model", datasets: { things: { root: b } } },
    };
    const both = await plan({ statuses: [dataset, model as unknown as EntityStatus] });
    expect(digests(both)).toEqual([]);
    expect(digests(await plan({ statuses: [dataset] }))).toEqual([b, (await putPart("p2")).sha256]);
  });

  it("gives up no version of a Steward whose training sets did not say what they were built from", async () => {
    const [a, b, c] = [await putVersion(["p1"], { format: 1 }), await putVersion(["p2"]), await putVersion(["p3"])];
    await putLog(a, b, c);
    const statuses = [await entity(c, { retention: { versions: 1 } })];
    const set = await given.store.putJson({ format: "training-set/1" });
    expect(digests(await plan({ statuses })).sort()).toContain(a);
    await nameArtefact(given.store, artefactNames.trainingSet(digestOf("identity")), set.sha256);
    const collection = await plan({ statuses });
    expect(digests(collection)).toEqual([b, (await putPart("p2")).sha256]);
  });
});

describe("entities at work", () => {
  it("are waited for", async () => {
    const status = await entity(undefined);
    expect(() => requireQuiet([status])).not.toThrow();
    expect(() => requireQuiet([{ ...status, state: "working" }])).toThrow(
      /entities are at work.*dataset\/things.*collection-refused/s,
    );
    expect(() => requireQuiet([status], [status])).not.toThrow();
    expect(() => requireQuiet([{ ...status, generation: 2 }], [status])).toThrow("collection-refused");
    expect(() => requireQuiet([{ ...status, name: "new" }], [status])).toThrow("dataset/new");
  });

  it("that began before the removal leave everything; during it, every document", async () => {
    const lost = await putVersion(["p1"], { named: false });
    const collection = await plan();
    const beginAt = (turn: number) => {
      let asked = 0;
      return async () => {
        if (++asked >= turn) throw new Error("began");
      };
    };
    await expect(collect(given.store, collection, beginAt(1))).rejects.toThrow("began");
    expect(digests(await plan())).toHaveLength(2);
    await expect(collect(given.store, collection, beginAt(2))).rejects.toThrow("began");
    expect(await given.store.has(lost)).toBe(true);
    expect(digests(await plan())).toHaveLength(2);
    await expect(collect(given.store, collection, beginAt(3))).rejects.toThrow("began");
    expect(digests(await plan())).toEqual([(await putPart("p1")).sha256]);
  });
});
