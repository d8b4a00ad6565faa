/**
 * Stores of another version of Steward: what a newer one wrote is refused before anything is changed.
 * @module
 */
import { expect, it } from "vitest";
import { openStore, type Store } from "../../framework/store/store.ts";
import { runSchema } from "../../framework/training/run.ts";
import { failure } from "../support/failure.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();
const nothing = { sha256: "0".repeat(64), size: 1 };

/** Everything in both buckets, with its etag. */
async function listAll(buckets: { readonly bucket: string; readonly lockedBucket: string }): Promise<string[]> {
  const found: string[] = [];
  for (const bucket of [buckets.bucket, buckets.lockedBucket])
    for await (const { name, etag } of given.client.listObjectsV2(bucket, "", true)) found.push(`${name} ${etag}`);
  return found;
}

it("a store says its format from its preparation on", async () => {
  const connection = { ...given.connection, bucket: "said", lockedBucket: "said-locked" };
  await openStore(connection).prepare();
  expect(await openStore(connection).readRef("format")).toMatchObject({ generation: 1, value: { format: "store/1" } });
});

it("a store of a newer format is refused by every method, its preparation included, and stays as it is", async () => {
  const connection = { ...given.connection, bucket: "newer", lockedBucket: "newer-locked" };
  await openStore(connection).prepare();
  const newer = JSON.stringify({ generation: 2, value: { format: "store/2" } });
  await given.client.putObject("newer", "refs/format.json", newer);
  const before = await listAll(connection);
  const methods: readonly ((store: Store) => Promise<unknown>)[] = [
    (store) => store.prepare({ lockDays: 2 }),
    (store) => store.putBytes(Buffer.from("bytes")),
    (store) => store.putJson({}),
    (store) => store.putFile(import.meta.filename),
    (store) => store.getBytes(nothing),
    (store) => store.fetchFile(nothing),
    (store) => store.has(nothing.sha256),
    (store) => store.writeOnce("name", 1),
    (store) => store.readName("name"),
    (store) => store.readRef("ref"),
    (store) => store.moveRef("ref", { generation: 1, value: 1 }),
    (store) => store.exportHistory("run", Buffer.from("bytes")),
    (store) => store.listHistories(),
    (store) => store.readHistory("run"),
  ];
  for (const method of methods) {
    const { problems } = await failure(method(openStore(connection, { cacheFolder: given.folder })));
    expect(problems).toMatchObject([
      {
        code: "format-newer",
        at: "newer/refs/format.json",
        got: 'format "store/2"',
        expected: 'at most "store/1"',
      },
    ]);
  }
  expect(await listAll(connection)).toEqual(before);
  expect(await given.client.getObjectLockConfig("newer-locked")).toMatchObject({ validity: 1 });
});

it("a store that was refused is taken once it is of a known format", async () => {
  const connection = { ...given.connection, bucket: "again", lockedBucket: "again-locked" };
  await openStore(connection).prepare();
  const put = (format: string) =>
    given.client.putObject("again", "refs/format.json", JSON.stringify({ generation: 2, value: { format } }));
  await put("store/2");
  const store = openStore(connection);
  await failure(store.readName("name"));
  await put("store/1");
  expect(await store.readName("name")).toBeUndefined();
});

it("a document, a name and a ref of a newer format are refused, each with its place", async () => {
  const object = await given.store.putJson({ format: "run/2", other: "shape" });
  await given.store.writeOnce("runs/a/1", { format: "artefact/2", digests: [] });
  const value = { format: "production/2", shares: [] };
  const key = `${given.prefix}/refs/models/m/production.json`;
  await given.client.putObject(given.connection.bucket, key, JSON.stringify({ generation: 3, value }));
  const { bucket } = given.connection;
  for (const [refused, at, name] of [
    [() => given.store.getJson(object, runSchema), object.sha256, "run"],
    [() => given.store.readName("runs/a/1"), `${bucket}/${given.prefix}/names/runs/a/1.json`, "artefact"],
    [() => given.store.readRef("models/m/production"), `${bucket}/${key}`, "production"],
    [() => given.store.moveRef("models/m/production", { generation: 4, value: {} }), `${bucket}/${key}`, "production"],
  ] as const) {
    const { problems } = await failure(refused());
    expect(problems).toMatchObject([{ code: "format-newer", at, got: `format "${name}/2"` }]);
  }
});
