import { describe, expect, it } from "vitest";
import { openStore } from "../../framework/store/store.ts";
import { failure } from "../support/failure.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();

describe("buckets", () => {
  it("are made once, whoever prepares them and however often", async () => {
    const connection = { ...given.connection, bucket: "twice", lockedBucket: "twice-locked" };
    await Promise.all(Array.from({ length: 8 }, () => openStore(connection).prepare()));
    await openStore(connection).prepare();
    expect(await given.client.bucketExists("twice")).toBe(true);
    expect(await given.client.getObjectLockConfig("twice-locked")).toMatchObject({ mode: "GOVERNANCE", validity: 1 });
  });

  it("keep a retention that is longer than the one asked for", async () => {
    const connection = { ...given.connection, bucket: "long", lockedBucket: "long-locked" };
    await openStore(connection).prepare({ lockDays: 30 });
    await openStore(connection).prepare();
    expect(await given.client.getObjectLockConfig("long-locked")).toMatchObject({ validity: 30, unit: "Days" });
  });

  it("are refused for histories when they have no object lock", async () => {
    await given.client.makeBucket("without-lock");
    const { problems } = await failure(openStore({ ...given.connection, lockedBucket: "without-lock" }).prepare());
    expect(problems).toMatchObject([{ code: "store-bucket-unlocked", at: "without-lock" }]);
  });
});

describe("exported histories", () => {
  it("are listed in the order of keys, with their digests, and read back", async () => {
    const first = await given.store.exportHistory("flights/model/late:1.json", Buffer.from("one"));
    const second = await given.store.exportHistory("flights/model/late:2.json", Buffer.from("two"));
    await given.store.exportHistory("other/run.json", Buffer.from("three"));
    expect(await given.store.listHistories("flights/")).toMatchObject([
      { key: "flights/model/late:1.json", ...first },
      { key: "flights/model/late:2.json", ...second },
    ]);
    expect(await given.store.listHistories()).toHaveLength(3);
    expect(String(await given.store.readHistory("flights/model/late:2.json"))).toBe("two");
    expect(await given.store.readHistory("absent")).toBeUndefined();
  });

  it("are written once: the same bytes are no error, others are", async () => {
    const reference = await given.store.exportHistory("run", Buffer.from("bytes"));
    expect(await given.store.exportHistory("run", Buffer.from("bytes"))).toEqual(reference);
    const { problems } = await failure(given.store.exportHistory("run", Buffer.from("forged")));
    expect(problems).toMatchObject([
      { code: "store-history-differs", at: `steward-test-locked/${given.prefix}/histories/run` },
    ]);
    expect(await given.store.listHistories()).toMatchObject([{ key: "run", ...reference }]);
  });

  it("cannot be deleted", async () => {
    await given.store.exportHistory("kept", Buffer.from("bytes"));
    const { lockedBucket } = given.connection;
    const key = `${given.prefix}/histories/kept`;
    const { versionId } = await given.client.statObject(lockedBucket, key);
    if (!versionId) throw new Error("the locked bucket has no versions");
    await expect(given.client.removeObject(lockedBucket, key, { versionId })).rejects.toThrow(/WORM protected/);
    expect(String(await given.store.readHistory("kept"))).toBe("bytes");
  });
});

describe("a store that cannot be used", () => {
  const secret = "do-not-show-this-secret";

  it.each<[string, object, string, RegExp]>([
    [
      "does not listen",
      { endpoint: "http://127.0.0.1:1" },
      "store-unreachable",
      /"http:\/\/127\.0\.0\.1:1" does not answer.*pulumi up/,
    ],
    ["has another key", { secretKey: secret }, "store-refused", /refuses the request \(got SignatureDoesNotMatch\)/],
    ["has no bucket", { bucket: "no-such-bucket" }, "store-bucket-missing", /has no bucket "no-such-bucket"/],
  ])("because it %s is told so, with the cure and without a credential", async (_, change, code, message) => {
    const broken = openStore({ ...given.connection, ...change }, { cacheFolder: given.folder });
    for (const ask of [() => broken.readName("a"), () => broken.writeOnce("a", 1), () => broken.readRef("a")]) {
      const error = await failure(ask());
      expect(error.problems).toMatchObject([{ code }]);
      expect(error.message).toMatch(message);
      expect(error.message).not.toContain(secret);
      expect(error.message).not.toContain(given.connection.secretKey);
    }
  });
});
