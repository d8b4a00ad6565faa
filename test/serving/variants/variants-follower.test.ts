import { describe, expect, it } from "vitest";
import { useServer } from "../given-server.ts";
import { readRecords } from "../segments.ts";
import { ask, eventually, get, infer, putPackage, release, sigmoid } from "../storm-model.ts";

const given = useServer();

describe("a new version in production", () => {
  it("takes over under load: nothing is dropped, and every answer is of a version that was live", async () => {
    const digests = new Map([[await given.promote(1, 0), sigmoid(0)]]);
    const port = await given.start();
    const statuses: number[] = [];
    let sending = true;
    const client = async () => {
      while (sending || statuses.length < 500) {
        const { status, answer } = await infer(port, ask());
        statuses.push(status);
        expect(answer.outputs[0]?.data[0]).toBeCloseTo(digests.get(answer.parameters.model_digest) ?? -1, 6);
      }
    };
    const clients = Array.from({ length: 4 }, client);
    for (let generation = 2; generation <= 6; generation++) {
      const before = statuses.length;
      await eventually(() => statuses.length - before).toBeGreaterThan(40);
      const bias = generation / 4;
      digests.set(await putPackage(given.store, bias), sigmoid(bias));
      await given.promote(generation, bias);
      await eventually(() => get(port, "/v2/health/ready")).toMatchObject({ body: { generation } });
    }
    sending = false;
    await Promise.all(clients);
    expect(statuses.length).toBeGreaterThanOrEqual(500);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    const records = await readRecords(given.segments);
    expect(records.map(({ sequence }) => sequence)).toEqual(statuses.map((_, i) => i + 1));
    expect(new Set(records.map((record) => record["package"]))).toEqual(new Set(digests.keys()));
  });

  it("may be an old package: a rollback", async () => {
    const first = await given.promote(1, 0);
    const port = await given.start();
    await given.promote(2, 1);
    await eventually(() => get(port, "/v2/health/ready")).toMatchObject({ body: { version: "2" } });
    expect(await given.promote(3, 0)).toBe(first);
    await eventually(() => get(port, "/v2/health/ready")).toMatchObject({ body: { version: "3", package: first } });
    expect((await infer(port, ask())).answer.parameters.model_digest).toBe(first);
  });

  it("is ignored when its generation is older", async () => {
    const digest = await given.promote(5, 0);
    const port = await given.start();
    await given.promote(4, 1);
    await eventually(() => get(port, "/v2/health/ready")).toMatchObject({
      status: 200,
      body: {
        package: digest,
        generation: 5,
        problem: "the store names an older release than the one that serves",
      },
    });
    await given.promote(6, 2);
    await eventually(() => get(port, "/v2/health/ready")).toMatchObject({ body: { generation: 6 } });
    expect((await get(port, "/v2/health/ready")).body).not.toHaveProperty("problem");
  });

  it.each([
    ["is missing", async () => "0".repeat(64)],
    ["is of another model", () => putPackage(given.store, 0, { model: "other" })],
    [
      "has an ONNX file that is none",
      async () => putPackage(given.store, 0, { onnx: await given.store.putBytes(Buffer.from("no onnx")) }),
    ],
    [
      "has other inputs than its ONNX file",
      () => putPackage(given.store, 0, { inputs: [{ name: "wind", type: "number" }] }),
    ],
    ["is no package", async () => (await given.store.putJson({ format: 2 })).sha256],
  ])("does not serve when its package %s; the old one does, and both readiness and log say so", async (_title, put) => {
    const digest = await given.promote(1);
    const port = await given.start();
    const { name, value } = release(2, await put());
    given.store.setRef(name, 2, value);
    await eventually(() => get(port, "/v2/health/ready")).toMatchObject({
      status: 200,
      body: { ready: true, package: digest, version: "1", problem: "version 2 could not be loaded" },
    });
    expect((await infer(port, ask())).status).toBe(200);
    expect(given.lines.filter((line) => line.startsWith("version 2 could not be loaded: "))).toHaveLength(1);
    await given.promote(3, 1);
    await eventually(() => get(port, "/v2/health/ready")).toMatchObject({ body: { version: "3" } });
  });

  it("is found after the store was away; meanwhile the old one serves", async () => {
    await given.promote(1);
    const port = await given.start();
    given.store.failure = new Error("connect ECONNREFUSED with a secret");
    await eventually(() => get(port, "/v2/health/ready")).toMatchObject({
      status: 200,
      body: { version: "1", problem: "the store does not say which versions are to answer" },
    });
    expect((await infer(port, ask())).status).toBe(200);
    given.store.failure = undefined;
    await given.promote(2);
    await eventually(() => get(port, "/v2/health/ready")).toMatchObject({ body: { version: "2" } });
  });
});
