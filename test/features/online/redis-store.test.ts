import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRedisStore } from "../../../framework/features/online/redis-store.ts";
import { failure } from "../../support/failure.ts";
import { findRedis, startRedis, type TestRedis } from "../../support/redis.ts";
import { replace, sizes, testOnlineStore } from "./conformance.ts";
import { layout, row } from "./given-rows.ts";

const program = await findRedis();
if (program.path === undefined) process.stderr.write(`${program.reason}\n`);

describe.skipIf(program.path === undefined)("with a Redis server", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis(program.path ?? "");
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    await program[Symbol.asyncDispose]();
  });
  const open = (given: { url?: string; prefix?: string; timeout?: number } = {}) =>
    openRedisStore({ url: redis.url, prefix: "test:", ...given });

  testOnlineStore("openRedisStore", () => open());

  it("keeps stores of other prefixes apart", async () => {
    await using one = await open({ prefix: "one:" });
    await using two = await open({ prefix: "two:" });
    const table = { name: "table", layout };
    await replace(one, table, [row(["a"], 1, 1n)]);
    expect([await sizes(two, table, [["a"]]), await two.list()]).toEqual([["absent"], []]);
  });

  it("says who refuses, and never the password", async () => {
    const url = redis.url.replace(redis.password, "wrong-secret");
    const error = await failure(open({ url }));
    expect(error.problems[0]?.code).toBe("online-store-refused");
    expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toContain("wrong-secret");
    expect(error.cause).toBeUndefined();
  });

  it("fails at once while the server is away, and finds it again", async () => {
    await using store = await open({ timeout: 5000 });
    const table = { name: "away", layout };
    await replace(store, table, [row(["a"], 1, 1n)]);
    await redis.kill();
    const error = await failure(store.getMany(table, [["a"]]));
    expect(error.problems[0]?.code).toBe("online-store-unreachable");
    expect(error.message).not.toContain(redis.password);
    expect((await failure(store.getMany(table, [["a"]]))).problems[0]?.code).toBe("online-store-unreachable");
    await redis.start();
    await expect.poll(() => sizes(store, table, [["a"]]).catch(() => "away"), { timeout: 20_000 }).toEqual(["absent"]);
    await replace(store, table, [row(["a"], 2, 1n)]);
    expect(await sizes(store, table, [["a"]])).toEqual([2]);
  });

  it("leaves nothing behind of what was dropped or superseded", async () => {
    const { createClient } = await import("@redis/client");
    const client = createClient({ url: redis.url });
    await client.connect();
    try {
      await using store = await open({ prefix: "left:" });
      const table = { name: "table", layout };
      await replace(store, table, [row(["a"], 1, 1n)]);
      const lost = await store.begin(table, { mode: "replace", asOf: 1n, root: "" });
      await lost.putRows([row(["a"], 1, 1n)]);
      await replace(store, table, [row(["a"], 2, 1n)]);
      expect((await client.keys("left:*")).sort()).toEqual([
        "left:tables",
        "left:{table}:g3",
        "left:{table}:last",
        "left:{table}:state",
      ]);
      await store.drop(table.name);
      expect(await client.keys("left:*")).toEqual(["left:{table}:last"]);
    } finally {
      await client.close();
    }
  });
});

describe("openRedisStore", () => {
  it("says that nobody answers, without the password", async () => {
    const error = await failure(openRedisStore({ url: "redis://me:my-secret@127.0.0.1:1", prefix: "" }));
    expect(error.problems[0]).toMatchObject({ code: "online-store-unreachable", got: "ECONNREFUSED" });
    expect(error.message).toContain("redis://127.0.0.1:1");
    expect(error.message).not.toContain("secret");
  });

  it.each(["", "http://me:my-secret@host", "redis://", "me:my-secret"])("refuses the address %j", async (url) => {
    const error = await failure(openRedisStore({ url, prefix: "" }));
    expect(error.problems[0]?.code).toBe("settings-invalid");
    expect(error.message).not.toContain("secret");
  });
});
