import { afterEach, describe, expect, it } from "vitest";
import { type IntakeOptions, startIntake } from "../../../framework/data/intake/intake.ts";
import { decodeLines, pushedBatchSchema } from "../../../framework/data/intake/pushed-batch.ts";
import { StewardError } from "../../../framework/definitions/problem.ts";
import type { AnsweringServer } from "../../../framework/http/answering-server.ts";
import { openStore } from "../../../framework/store/store.ts";
import { findFreePort } from "../../support/minio.ts";
import { useStore } from "../../support/test-store.ts";
import { push, token } from "./given-intake.ts";

const given = useStore();
const open: AnsweringServer[] = [];
afterEach(async () => {
  for (const intake of open.splice(0)) await intake.close();
});

async function start(change: Partial<IntakeOptions> = {}): Promise<number> {
  const intake = await startIntake({ datasets: ["clicks"], token, store: given.store, port: 0, ...change });
  open.push(intake);
  return intake.port;
}

async function names(): Promise<string[]> {
  const found: string[] = [];
  for await (const name of given.store.listNames("")) found.push(name);
  return found;
}

describe("pushing rows", () => {
  it("has them in the store when it is answered, under the key's digest", async () => {
    const port = await start();
    const { status, body } = await push(port, [{ at: "2024-01-01T00:00:00Z", n: 1 }, { n: 2 }], { key: "order 7" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ dataset: "clicks", rows: 2 });
    const [name = "", ...others] = await names();
    expect(others).toEqual([]);
    expect(name).toMatch(/^pushed\/clicks\/[0-9a-f]{64}$/);
    const batch = pushedBatchSchema.parse(await given.store.readName(name));
    expect(batch).toMatchObject({ dataset: "clicks", rows: 2, at: body["at"] });
    expect(decodeLines(await given.store.getBytes(batch.object))).toEqual([
      '{"at":"2024-01-01T00:00:00Z","n":1}',
      '{"n":2}',
    ]);
  });

  it("takes an array, lines, and both packed", async () => {
    const port = await start();
    const rows = [{ n: 1 }, { n: 2 }];
    const lines = rows.map((row) => JSON.stringify(row)).join("\n");
    const answers = [
      await push(port, rows),
      await push(port, rows, { gzip: true, type: "application/json; charset=UTF-8" }),
      await push(port, lines, { type: "application/x-ndjson" }),
      await push(port, lines, { type: "application/jsonl", gzip: true }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body["batch"])).size).toBe(1);
    expect(await names()).toHaveLength(4);
  });

  it("twice under one key is once, with the same answer, also at the same time", async () => {
    const port = await start();
    const sent = Array.from({ length: 6 }, () => push(port, [{ n: 1 }], { key: "same" }));
    const answers = [...(await Promise.all(sent)), await push(port, [{ n: 1 }], { key: "same" })];
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 200));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await names()).toHaveLength(1);
  });

  it("of other rows under a key that was given is refused, and what was taken stays", async () => {
    const port = await start();
    await push(port, [{ n: 1 }], { key: "same" });
    const { status, body } = await push(port, [{ n: 2 }], { key: "same" });
    expect(status).toBe(409);
    expect(body["error"]).toContain("other rows");
    const [name = ""] = await names();
    const { object } = pushedBatchSchema.parse(await given.store.readName(name));
    expect(decodeLines(await given.store.getBytes(object))).toEqual(['{"n":1}']);
    expect((await push(port, [{ n: 2 }], { key: "same", dataset: "clicks" })).status).toBe(409);
  });

  it.each([
    ["without a token", { token: null }, [{}], 401],
    ["with another token", { token: "another-token-as-long" }, [{}], 401],
    ["to a dataset that takes none", { dataset: "others" }, [{}], 404],
    ["to what is no name", { dataset: "..%2Fmodels" }, [{}], 404],
    ["without a key", { key: null }, [{}], 400],
    ["with a key that is too long", { key: "k".repeat(256) }, [{}], 400],
    ["of another type", { type: "text/csv" }, "a\n1", 415],
    ["in another encoding", { type: "application/json; charset=latin1" }, [{}], 415],
    ["that are no JSON", {}, "{", 400],
    ["that are too many", {}, Array.from({ length: 6 }, () => ({})), 413],
    ["that are too large", {}, [{ a: "x".repeat(300) }], 413],
    ["that unpack to too much", { gzip: true }, [{ a: "x".repeat(3000) }], 413],
    ["that are no gzip", { type: "application/json" }, "\u001f\u008b", 400],
  ] as const)("%s is refused, and leaves nothing", async (_what, options, rows, status) => {
    const port = await start({ limits: { rows: 5, bytes: 256 } });
    const answer = await push(port, rows, options);
    expect(answer.status).toBe(status);
    expect(Object.keys(answer.body)).toEqual(["error"]);
    expect(JSON.stringify(answer.body)).not.toMatch(/\/work|node_modules|\.ts/);
    expect(await names()).toEqual([]);
    expect((await push(port, [{}])).status).toBe(200);
  });

  it("says which method a path takes, and that it lives", async () => {
    const port = await start();
    const ask = (path: string, method = "GET") => fetch(`http://127.0.0.1:${port}${path}`, { method });
    expect((await ask("/healthz")).status).toBe(200);
    expect((await ask("/datasets/clicks/rows")).headers.get("allow")).toBe("POST");
    expect((await ask("/healthz", "DELETE")).status).toBe(405);
    expect((await ask("/")).status).toBe(404);
  });

  it("is told to come back while the store is down, and half a batch is none", async () => {
    const reported: string[] = [];
    const down = async () => {
      throw new StewardError({ code: "store-unreachable", at: "secret-bucket/key", what: "down" });
    };
    const store = { putBytes: given.store.putBytes, writeOnce: down };
    const port = await start({ store, report: (line) => reported.push(line) });
    const { status, body, headers } = await push(port, [{ n: 1 }], { key: "again" });
    expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
    expect(JSON.stringify(body)).not.toContain("secret-bucket");
    expect(reported).toHaveLength(1);
    expect(await names()).toEqual([]);
    expect((await push(await start(), [{ n: 1 }], { key: "again" })).status).toBe(200);
    expect(await names()).toHaveLength(1);
  });

  it("is told to come back while nobody listens where the store was", async () => {
    const endpoint = `http://127.0.0.1:${await findFreePort()}`;
    const port = await start({ store: openStore({ ...given.connection, endpoint }) });
    const { status, headers } = await push(port, [{ n: 1 }]);
    expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
  });

  it("is told to come back while too many are on their way", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const store = {
      putBytes: async (bytes: Uint8Array) => {
        await held;
        return given.store.putBytes(bytes);
      },
      writeOnce: given.store.writeOnce,
    };
    const port = await start({ store, atOnce: 1 });
    const first = push(port, [{ n: 1 }]);
    await expect.poll(async () => (await push(port, [{ n: 2 }])).status).toBe(503);
    release();
    expect((await first).status).toBe(200);
    expect((await push(port, [{ n: 2 }])).status).toBe(200);
  });

  it("ends with what is under way when the intake is stopped", async () => {
    let begun = false;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const store = {
      putBytes: async (bytes: Uint8Array) => {
        begun = true;
        await held;
        return given.store.putBytes(bytes);
      },
      writeOnce: given.store.writeOnce,
    };
    const intake = await startIntake({ datasets: ["clicks"], token, store, port: 0 });
    const pushed = push(intake.port, [{ n: 1 }]);
    await expect.poll(() => begun).toBe(true);
    const closing = intake.close();
    await expect(push(intake.port, [{ n: 2 }])).rejects.toThrow();
    release();
    expect((await pushed).status).toBe(200);
    await closing;
    expect(await names()).toHaveLength(1);
  });
});
