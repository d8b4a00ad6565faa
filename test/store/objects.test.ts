import { randomBytes } from "node:crypto";
import { chmod, lstat, readdir, readFile, rename, rm, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { digestBytes } from "../../framework/plan/digest.ts";
import { openStore } from "../../framework/store/store.ts";
import { failure } from "../support/failure.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();
const keyOf = (digest: string) => `objects/${digest.slice(0, 2)}/${digest}`;

describe("objects", () => {
  it("come back as they were put, under the digest of their bytes", async () => {
    const bytes = randomBytes(10_000);
    const reference = await given.store.putBytes(new Uint8Array(bytes));
    expect(reference).toEqual({ sha256: digestBytes(bytes), size: 10_000 });
    expect(await given.store.getBytes(reference)).toEqual(bytes);
    const { metaData } = await given.client.statObject(
      given.connection.bucket,
      `${given.prefix}/${keyOf(reference.sha256)}`,
    );
    expect(metaData).toMatchObject({ sha256: reference.sha256 });
  });

  it("may be empty", async () => {
    const reference = await given.store.putBytes(new Uint8Array());
    expect(await given.store.getBytes(reference)).toHaveLength(0);
    expect(await readFile(await given.store.fetchFile(reference))).toHaveLength(0);
  });

  it("have one name for one JSON value, in whatever order it was built", async () => {
    const reference = await given.store.putJson({ b: 1, a: [true, null] });
    expect(await given.store.putJson({ a: [true, null], b: 1 })).toEqual(reference);
    const shape = z.strictObject({ a: z.array(z.unknown()), b: z.number() });
    expect(await given.store.getJson(reference, shape)).toEqual({ a: [true, null], b: 1 });
    expect(await given.store.getJson(reference.sha256, shape)).toEqual({ a: [true, null], b: 1 });
  });

  it("of another shape than asked for are a located error", async () => {
    const reference = await given.store.putJson({ a: 1 });
    const { problems } = await failure(given.store.getJson(reference, z.object({ a: z.string() })));
    expect(problems).toMatchObject([{ code: "store-document-invalid", at: reference.sha256 }]);
    expect(
      (await failure(given.store.getJson(await given.store.putBytes(Buffer.from("{")), z.unknown()))).message,
    ).toContain("no JSON");
  });

  it.each([
    ["in one request", 100_000],
    ["in parts", 40 * 2 ** 20 + 17],
  ])("travel as files %s, with progress to the last byte", async (_, size) => {
    const path = join(given.folder, `${given.prefix}.bin`);
    const bytes = randomBytes(size);
    await writeFile(path, bytes);
    const heard: string[] = [];
    const watched = openStore(given.connection, {
      prefix: given.prefix,
      cacheFolder: join(given.folder, given.prefix),
      onProgress: ({ phase, done, total }) => heard.push(`${phase} ${done}/${total}`),
    });
    const reference = await watched.putFile(path);
    expect(reference).toEqual({ sha256: digestBytes(bytes), size });
    expect(heard.at(-1)).toBe(`storing ${size}/${size}`);
    const fetched = await watched.fetchFile(reference);
    expect(heard.at(-1)).toBe(`fetching ${size}/${size}`);
    expect(digestBytes(await readFile(fetched))).toBe(reference.sha256);
  });

  it("that are there already are not sent again", async () => {
    const path = join(given.folder, `${given.prefix}.bin`);
    await writeFile(path, "once");
    const first = await given.store.putFile(path);
    const key = `${given.prefix}/${keyOf(first.sha256)}`;
    const { lastModified, etag } = await given.client.statObject(given.connection.bucket, key);
    await given.store.putFile(path);
    await given.store.putBytes(Buffer.from("once"));
    expect(await given.client.statObject(given.connection.bucket, key)).toMatchObject({ lastModified, etag });
  });

  it("are known by has and stat without being read", async () => {
    const reference = await given.store.putBytes(Buffer.from("known"));
    const absent = digestBytes("never stored");
    expect(await Promise.all([given.store.has(reference.sha256), given.store.has(absent)])).toEqual([true, false]);
    expect(await Promise.all([given.store.stat(reference.sha256), given.store.stat(absent)])).toEqual([
      reference,
      undefined,
    ]);
  });

  it("that are missing are a located error, however they are read", async () => {
    const absent = { sha256: digestBytes("never stored"), size: 3 };
    for (const read of [
      () => given.store.getBytes(absent),
      () => given.store.fetchFile(absent),
      () => given.store.getJson(absent.sha256, z.unknown()),
    ]) {
      const { problems } = await failure(read());
      expect(problems).toMatchObject([
        { code: "object-missing", at: `steward-test/${given.prefix}/${keyOf(absent.sha256)}` },
      ]);
    }
  });

  it.each(["same size", "not at all of the same size"])("tampered with in the store are detected: %s", async (text) => {
    const reference = await given.store.putBytes(Buffer.from("size same"));
    await given.tamper(keyOf(reference.sha256), text);
    for (const read of [
      () => given.store.getBytes(reference),
      () => given.store.fetchFile(reference),
      () => given.store.getJson(reference, z.unknown()),
    ]) {
      const error = await failure(read());
      expect(error.problems).toMatchObject([{ code: "object-corrupt" }]);
      expect(error.message).toContain(digestBytes(text));
    }
    expect(await readdir(join(given.folder, given.prefix, "incoming"))).toEqual([]);
  });

  it("of another size in the store are healed by being put again", async () => {
    const reference = await given.store.putBytes(Buffer.from("whole"));
    await given.tamper(keyOf(reference.sha256), "who");
    await given.store.putBytes(Buffer.from("whole"));
    expect(String(await given.store.getBytes(reference))).toBe("whole");
  });

  it("are checked to the last byte, in whichever way they were lost", async () => {
    const reference = await given.store.putBytes(Buffer.from("checked"));
    expect(await given.store.check(reference)).toBe("whole");
    await given.tamper(keyOf(reference.sha256), "Checked");
    expect(await given.store.check(reference)).toBe("altered");
    await given.tamper(keyOf(reference.sha256), "check");
    expect(await given.store.check(reference, { bytes: false })).toBe("altered");
    expect(await given.store.check({ sha256: digestBytes("never stored"), size: 3 })).toBe("gone");
  });

  it.each([
    ["a small one, by whoever puts it", 10, () => given.open()],
    ["a large one, by whoever found it altered", 300 * 1024, () => given.store],
  ])("of the same size with other bytes are healed by being put again: %s", async (_, size, writer) => {
    const bytes = Buffer.alloc(size, "a");
    const reference = await given.store.putBytes(bytes);
    await given.tamper(keyOf(reference.sha256), "b".repeat(size));
    expect(await given.store.check(reference)).toBe("altered");
    expect(await given.open().check(reference, { bytes: false })).toBe("whole");
    expect(await given.store.check(reference, { bytes: false })).toBe("altered");
    await writer().putBytes(bytes);
    expect(await given.store.check(reference)).toBe("whole");
    expect(await given.store.check(reference, { bytes: false })).toBe("whole");
  });

  it("that do not have the size of their reference are refused", async () => {
    const { sha256 } = await given.store.putBytes(Buffer.from("five!"));
    expect((await failure(given.store.getBytes({ sha256, size: 6 }))).problems).toMatchObject([
      { code: "object-corrupt" },
    ]);
    expect((await failure(given.store.fetchFile({ sha256, size: 6 }))).problems).toMatchObject([
      { code: "object-corrupt" },
    ]);
  });
});

describe("the local cache", () => {
  it("gives a read-only file, without asking the store a second time", async () => {
    const reference = await given.store.putBytes(Buffer.from("cached"));
    const path = await given.store.fetchFile(reference);
    expect((await lstat(path)).mode & 0o777).toBe(0o400);
    await given.tamper(keyOf(reference.sha256), "other!");
    expect(await given.open().fetchFile(reference)).toBe(path);
    expect(await readFile(path, "utf8")).toBe("cached");
  });

  it.each<[string, (path: string) => Promise<void>]>([
    ["other bytes of the same size", (path) => writeFile(path, "damage")],
    ["a shorter file", (path) => truncate(path, 3)],
    [
      "a link to the same bytes",
      (path) => rename(path, `${path}.elsewhere`).then(() => symlink(`${path}.elsewhere`, path)),
    ],
    ["nothing", (path) => rm(path)],
  ])("fetches anew what holds %s", async (_, damage) => {
    const reference = await given.store.putBytes(Buffer.from("intact"));
    const path = await given.store.fetchFile(reference);
    await chmod(path, 0o600);
    await damage(path);
    expect(await given.store.fetchFile(reference)).toBe(path);
    expect((await lstat(path)).isFile()).toBe(true);
    expect(await readFile(path, "utf8")).toBe("intact");
  });

  it("keeps a file whose time changed but whose bytes did not", async () => {
    const reference = await given.store.putBytes(Buffer.from("touched"));
    const path = await given.store.fetchFile(reference);
    const { ino } = await lstat(path);
    await utimes(path, new Date(), new Date());
    await given.store.fetchFile(reference);
    expect((await lstat(path)).ino).toBe(ino);
  });

  it("removes what a download of yesterday left", async () => {
    const reference = await given.store.putBytes(Buffer.from("sweep"));
    await given.store.fetchFile(reference);
    const incoming = join(given.folder, given.prefix, "incoming");
    await Promise.all(["old", "new"].map((name) => writeFile(join(incoming, name), "")));
    await utimes(join(incoming, "old"), 0, 0);
    await rm(await given.store.fetchFile(reference), { force: true });
    await given.open().fetchFile(reference);
    expect(await readdir(incoming)).toEqual(["new"]);
  });

  it("is shared by several stores that fetch the same object at once", async () => {
    const reference = await given.store.putBytes(randomBytes(3_000_000));
    const paths = await Promise.all(Array.from({ length: 8 }, () => given.open().fetchFile(reference)));
    expect(new Set(paths).size).toBe(1);
    expect(digestBytes(await readFile(paths[0] ?? ""))).toBe(reference.sha256);
  });
});
