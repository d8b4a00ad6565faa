import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { digestBytes } from "../../framework/plan/digest.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();

async function list<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

it("lists objects with their sizes and times, and no others' objects", async () => {
  const before = Date.now() - 5_000;
  const reference = await given.store.putBytes(Buffer.from("some bytes"));
  await given.store.writeOnce("a/name", 1);
  const objects = await list(given.store.inventory.objects());
  expect(objects).toEqual([{ ...reference, modified: expect.any(String) }]);
  expect(Date.parse(objects[0]?.modified ?? "")).toBeGreaterThan(before);
});

it("shows the first bytes of an object, of a shorter one all, and of none nothing", async () => {
  const { sha256 } = await given.store.putBytes(Buffer.from("PAR1 and more"));
  expect((await given.store.inventory.peek(sha256, 4))?.toString()).toBe("PAR1");
  expect((await given.store.inventory.peek(sha256, 400))?.toString()).toBe("PAR1 and more");
  expect(await given.store.inventory.peek("0".repeat(64), 4)).toBeUndefined();
});

it("removes objects, more than a request takes, and none that it was not told of", async () => {
  const put = async (text: string) => (await given.store.putBytes(Buffer.from(text))).sha256;
  const [kept, first, last] = [await put("kept"), await put("first"), await put("last")];
  const absent = Array.from({ length: 1_500 }, (_, i) => digestBytes(`${i}`));
  await given.store.inventory.remove([first, ...absent, last]);
  expect((await list(given.store.inventory.objects())).map(({ sha256 }) => sha256)).toEqual([kept]);
  await given.store.inventory.remove([]);
});

it("lists names by what they begin with, and refs", async () => {
  for (const name of ["datasets/b/1", "datasets/a/2", "datasets/a/10", "datasets/ab/1", "runs/x/1"])
    await given.store.writeOnce(name, name);
  await given.store.moveRef("models/m/production", { generation: 1, value: 1 });
  expect((await list(given.store.listNames("datasets/a/"))).sort()).toEqual(["datasets/a/10", "datasets/a/2"]);
  expect(await list(given.store.listNames(""))).toHaveLength(5);
  expect(await list(given.store.listRefs())).toEqual(["models/m/production"]);
});

it("lists uploads that nobody has completed, and gives them up", async () => {
  const { client, connection, prefix } = given;
  const key = `${prefix}/objects/ab/${"ab".repeat(32)}`;
  const uploadID = await client.initiateNewMultipartUpload(connection.bucket, key, {});
  const part = { bucketName: connection.bucket, objectName: key, uploadID, partNumber: 1, headers: {} };
  await client.uploadPart(part, randomBytes(5 * 2 ** 20));
  const elsewhere = await client.initiateNewMultipartUpload(
    connection.bucket,
    `other/objects/ab/${"ab".repeat(32)}`,
    {},
  );
  const uploads = await list(given.store.inventory.uploads());
  expect(uploads).toEqual([{ key, id: uploadID, begun: expect.stringMatching(/^20\d\d-/) }]);
  for (const upload of uploads) await given.store.inventory.abort(upload);
  expect(await list(given.store.inventory.uploads())).toEqual([]);
  for (const upload of uploads) await given.store.inventory.abort(upload);
  await client.abortMultipartUpload(connection.bucket, `other/objects/ab/${"ab".repeat(32)}`, elsewhere);
});
