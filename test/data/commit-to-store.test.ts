/**
 * What commits of a source of many files ask of a real store.
 */
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findVersion, isVersionWhole } from "../../framework/data/find-version.ts";
import { fingerprintSource } from "../../framework/data/fingerprint.ts";
import { ingest } from "../../framework/data/ingest.ts";
import { readVersionFiles } from "../../framework/data/version-files.ts";
import { ingestIdentity, sourceIdentity } from "../../framework/plan/identity.ts";
import { artefactNames, nameArtefact } from "../../framework/store/artefacts.ts";
import { objectKey } from "../../framework/store/keys.ts";
import { openStore, type Store } from "../../framework/store/store.ts";
import { createCoreLease } from "../../framework/training/core-lease.ts";
import { createGpuLease } from "../../framework/training/gpu-lease.ts";
import { createDatasetActivities } from "../../workflows/dataset/activities.ts";
import { useStore } from "../support/test-store.ts";
import { type CountedConnection, countRequests } from "./counted-store.ts";
import { testSpec } from "./ingesting.ts";

const given = useStore();
let counted: CountedConnection;
let store: Store;
beforeAll(async () => {
  counted = await countRequests(given.connection);
  store = openStore(counted.connection, { cacheFolder: join(given.folder, "counted") });
});
afterAll(() => counted.end());

const spec = testSpec([{ name: "amount", type: "integer" }]);
let rows: string;
const location = () => join(rows, "*.csv");
const put = (file: number, amount: number) =>
  writeFile(join(rows, `part-${String(file).padStart(3, "0")}.csv`), `t,amount\n2024-01-01,${amount}\n`);
async function putMany(count: number): Promise<void> {
  rows = await mkdtemp(join(given.folder, "rows-"));
  for (let file = 0; file < count; file++) await put(file, file);
}

/** Ingests what is there and names it, as the workflow does. */
async function commit(base?: string): Promise<{ readonly root: string; readonly identity: string }> {
  const fingerprint = await fingerprintSource(location(), { cacheFolder: join(given.folder, "fingerprints") });
  const { root } = await ingest({ spec, location: location(), fingerprint, store, base, workFolder: given.folder });
  const identity = ingestIdentity(spec, fingerprint);
  await nameArtefact(store, artefactNames.version(identity), root);
  return { root, identity };
}

/** More than are listed without pages, on two pages. */
const many = 72;
let first: Awaited<ReturnType<typeof commit>>;
beforeAll(async () => {
  await putMany(many);
  first = await commit();
});

it("commits of many files cost what changed, and finding one what it does not share", async () => {
  const names: string[] = [];
  const { version } = (await findVersion(store, first.identity)) ?? {};
  if (!version) throw new Error("the version is not there");
  for await (const { name } of readVersionFiles(store, version)) names.push(name);
  expect(names).toHaveLength(many);
  expect(names).toEqual(names.toSorted());

  // One file of them: the base and a page of it are read; a part, its profile, a page, the root and the name are written.
  await put(60, -1);
  counted.take();
  const second = await commit(first.root);
  const write = "PUT objects";
  expect(counted.take()).toEqual(["GET objects", "GET objects", write, write, write, write, "PUT names"].sort());

  // What is shared with the version before is known to be there.
  expect(await findVersion(store, second.identity, { whole: first.root })).toMatchObject({ root: second.root });
  const asked = counted.take();
  expect(asked.filter((request) => request === "HEAD objects")).toHaveLength(3);
  expect(asked.filter((request) => request.startsWith("GET"))).toHaveLength(6);

  // Nothing has changed: the spec is read, to know what is wanted.
  const reference = await store.putJson(spec);
  const fingerprint = await fingerprintSource(location(), { cacheFolder: join(given.folder, "fingerprints") });
  const { lookUpVersion } = createDatasetActivities({
    store,
    inputs: {},
    schedules: { keep: async () => {}, drop: async () => {} },
    cores: createCoreLease(1),
    gpus: createGpuLease(),
    place: { jobNamespace: "shop/local", datasetNamespace: "s3://steward" },
    perform: (work) => work(),
    performLong: () => Promise.reject(new Error("nothing takes long here")),
  });
  counted.take();
  const known = { ...second, rows: many, quarantined: 0 };
  expect(await lookUpVersion({ spec: reference, fingerprint, known })).toEqual({
    identity: second.identity,
    fingerprint,
    source: sourceIdentity(spec),
    version: { root: second.root, rows: many, quarantined: 0 },
  });
  expect(counted.take()).toEqual(["GET objects"]);
});

it("a version that lost a part or a page is not found, whatever is known of another", async () => {
  await putMany(many);
  const { root, identity } = first;
  const { version } = (await findVersion(store, identity)) ?? {};
  const [page] = version?.pages ?? [];
  if (!version || !page) throw new Error("the version is not there");
  const lose = (sha256: string) => given.client.removeObject(given.connection.bucket, objectKey("", sha256));
  for await (const { parts } of readVersionFiles(store, version)) {
    await lose(parts[0]?.object.sha256 ?? "");
    break;
  }
  expect(await findVersion(store, identity)).toBeUndefined();
  expect(await isVersionWhole(store, root)).toBe(false);
  const again = await commit();
  expect(await isVersionWhole(store, root)).toBe(true);
  expect(await findVersion(store, identity)).toEqual({ root, version });
  expect(again.root).toBe(root);
  await lose(page.object.sha256);
  expect(await findVersion(store, identity)).toBeUndefined();
  // As a base it gives what is left of it.
  await put(3, -3);
  const next = await commit(root);
  expect(await findVersion(store, next.identity)).toMatchObject({ root: next.root });
});
