import { appendFile, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GivenServer, useServer } from "./given-server.ts";
import { readRecords } from "./segments.ts";
import { ask, eventually, get, infer, model, putPackage, release, sendHalf, sigmoid } from "./storm-model.ts";

const given = useServer();

describe("a model server that has no model yet", () => {
  it("lives, is not ready, and becomes ready when a version is released", async () => {
    const port = await given.start();
    expect(await get(port, "/v2/health/live")).toMatchObject({ status: 200, body: { live: true } });
    expect(await get(port, "/v2/health/ready")).toMatchObject({
      status: 503,
      body: { ready: false, problem: "no version is in production yet" },
    });
    expect((await infer(port, ask())).status).toBe(503);
    expect((await get(port, `/v2/models/${model}`)).status).toBe(503);
    const digest = await given.promote(1);
    await eventually(() => get(port, "/v2/health/ready")).toMatchObject({
      status: 200,
      body: { ready: true, model, version: "1", generation: 1, package: digest },
    });
  });
});

describe("a model server", () => {
  it("says what it is and what the model takes and answers", async () => {
    await given.promote(1, 0, 7);
    const port = await given.start();
    const extensions = ["binary_tensor_data", "model_configuration", "model_repository", "statistics"];
    for (const path of ["/v2", "/v2/"]) {
      expect(await get(port, path)).toMatchObject({ status: 200, body: { name: "steward", extensions } });
    }
    const metadata = {
      name: model,
      versions: ["7"],
      platform: "onnx_onnxv1",
      inputs: [
        { name: "wind", datatype: "FP64", shape: [-1] },
        { name: "rain", datatype: "BOOL", shape: [-1] },
        { name: "region", datatype: "BYTES", shape: [-1] },
      ],
      outputs: [
        { name: "probability", datatype: "FP64", shape: [-1] },
        { name: "label", datatype: "BOOL", shape: [-1] },
      ],
    };
    for (const path of [`/v2/models/${model}`, `/v2/models/${model}/versions/7`]) {
      expect(await get(port, path)).toMatchObject({ status: 200, body: metadata });
      expect(await get(port, `${path}/ready`)).toMatchObject({ status: 200, body: { name: model, ready: true } });
    }
    expect(await get(port, "/v2/health/live", "HEAD")).toMatchObject({ status: 200, body: undefined });
  });

  it("answers as the model does, missing and unseen values included", async () => {
    const digest = await given.promote(1, 0.25);
    const port = await given.start();
    const body = {
      id: "mine",
      inputs: [
        { name: "region", datatype: "BYTES", shape: [4, 1], data: [["south"], ["north"], ["moon"], [null]] },
        { name: "wind", datatype: "FP32", shape: [4], data: [1, -2, null, 0] },
        { name: "rain", datatype: "BOOL", shape: [4], data: [true, false, null, true] },
      ],
    };
    const { status, headers, answer } = await infer(port, body);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/json");
    expect(answer).toMatchObject({
      model_name: model,
      model_version: "1",
      id: "mine",
      parameters: { model_digest: digest },
    });
    const expected = [2 + 1 + 0.5, -4, -0.5, 1 - 0.5].map((score) => sigmoid(score + 0.25));
    expect(answer.outputs[0]).toMatchObject({ name: "probability", datatype: "FP64", shape: [4] });
    answer.outputs[0]?.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? 0, 6);
    });
    expect(answer.outputs[1]).toEqual({
      name: "label",
      datatype: "BOOL",
      shape: [4],
      data: [true, false, false, true],
    });
  });

  it("answers a regression with its value alone", async () => {
    const { name, value } = release(1, await putPackage(given.store, 3, { task: "regression", output: "value" }));
    given.store.setRef(name, 1, value);
    const { answer } = await infer(await given.start(), ask({ wind: 2 }));
    expect(answer.outputs).toEqual([{ name: "value", datatype: "FP64", shape: [1], data: [7] }]);
  });

  it("refuses rows that the model has no finite answer for", async () => {
    const { name, value } = release(1, await putPackage(given.store, 0, { task: "regression", output: "value" }));
    given.store.setRef(name, 1, value);
    const port = await given.start();
    for (const wind of [1, 3e38, 2, -3e38]) {
      const { status, answer } = await infer(port, ask({ wind }));
      const refused = { status: 422, error: "the model has no finite answer for row 0" };
      expect({ status, error: answer.error }).toEqual(Math.abs(wind) < 3 ? { status: 200, error: undefined } : refused);
    }
    expect(given.lines.filter((line) => line.includes("failed"))).toEqual([]);
  });

  it("answers one of several classes with the probability of each, and the name of the most probable one", async () => {
    const classes = ["calm", "gale", "flood", "fog"];
    const several = { task: "multiclass", classes, output: "probabilities" } as const;
    const { name, value } = release(1, await putPackage(given.store, 0, several));
    given.store.setRef(name, 1, value);
    const port = await given.start();
    expect((await get(port, `/v2/models/${model}`)).body).toMatchObject({
      outputs: [
        { name: "probabilities", datatype: "FP64", shape: [-1, 4] },
        { name: "label", datatype: "BYTES", shape: [-1] },
      ],
    });
    const body = {
      inputs: [
        { name: "region", datatype: "BYTES", shape: [3], data: ["north", "north", null] },
        { name: "wind", datatype: "FP64", shape: [3], data: [1, 0, 0] },
        { name: "rain", datatype: "BOOL", shape: [3], data: [false, true, false] },
      ],
    };
    const { answer } = await infer(port, body);
    const [probabilities, label] = answer.outputs;
    expect(probabilities).toMatchObject({ name: "probabilities", datatype: "FP64", shape: [3, 4] });
    const sum = Math.exp(2) + 3;
    expect(probabilities?.data.slice(0, 8)).toEqual(
      [1, Math.exp(2), 1, 1, 1, 1, Math.exp(2), 1].map((weight) => expect.closeTo(weight / sum, 6)),
    );
    // A missing region is −1, which speaks against fog; of equally probable classes the first is said.
    expect(label).toEqual({ name: "label", datatype: "BYTES", shape: [3], data: ["gale", "flood", "calm"] });
  });

  it("logs what was asked and answered, before it answers", async () => {
    const digest = await given.promote(3, 0, 2);
    const port = await given.start();
    const { answer } = await infer(port, ask({ wind: null, rain: true }, { outputs: [{ name: "label" }] }));
    expect(answer.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.outputs.map(({ name }) => name)).toEqual(["label"]);
    expect(await readRecords(given.segments)).toEqual([
      {
        sequence: 1,
        id: answer.id,
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        endpoint: "storms",
        model,
        version: "2",
        package: digest,
        inputs: { wind: [null], rain: [true], region: ["north"] },
        outputs: { probability: [expect.closeTo(sigmoid(1), 6)], label: [true] },
        latencyMicroseconds: expect.any(Number),
      },
    ]);
  });

  it("logs nothing where nothing is to be logged, nor what it refused", async () => {
    await given.promote(1);
    const port = await given.start();
    expect((await infer(port, {})).status).toBe(400);
    await given.close();
    const silent = await given.start({ log: { requests: "none", durability: "disk" } });
    expect((await infer(silent, ask())).status).toBe(200);
    await given.close();
    expect(await readRecords(given.segments)).toEqual([]);
  });

  it("refuses with 503 what it cannot log, and answers again when it can", async () => {
    await given.promote(1);
    const port = await given.start();
    await rename(given.segments, `${given.segments}-away`);
    await writeFile(given.segments, "");
    const { status, answer } = await infer(port, ask());
    expect(status).toBe(503);
    expect(answer).toEqual({ error: expect.stringContaining("the request log cannot be written") });
    expect(JSON.stringify(answer)).not.toContain(given.folder);
    await rm(given.segments);
    await rename(`${given.segments}-away`, given.segments);
    expect((await infer(port, ask({}, { id: "again" }))).status).toBe(200);
    expect((await readRecords(given.segments)).map(({ id }) => id)).toEqual(["again"]);
  });
});

describe("requests that lead nowhere", () => {
  const infers = `/v2/models/${model}/infer`;
  it.each([
    ["GET", "/", 404, null],
    ["GET", "/v1/models", 404, null],
    ["GET", "/v2/health", 404, null],
    ["GET", "/v2/models", 404, null],
    ["GET", "/v2/models/other/config", 404, null],
    ["GET", `/v2/models/${model}/versions/2/stats`, 404, null],
    ["GET", `/v2/models/${model}/versions`, 404, null],
    ["GET", "/v2/models/other", 404, null],
    ["GET", "/v2/models/other/ready", 404, null],
    ["POST", "/v2/models/other/infer", 404, null],
    ["GET", `/v2/models/${model.toUpperCase()}`, 404, null],
    ["GET", `/v2/models/${model}/versions/2`, 404, null],
    ["POST", `/v2/models/${model}/versions/2/infer`, 404, null],
    ["GET", "/v2/models/%E0%A4%A", 404, null],
    ["GET", "/v2/models/..%2f..%2fetc%2fpasswd", 404, null],
    ["GET", "/v2/repository/index", 405, "POST"],
    ["POST", `/v2/repository/models/${model}/unload`, 400, null],
    ["GET", infers, 405, "POST"],
    ["PUT", infers, 405, "POST"],
    ["DELETE", `/v2/models/${model}`, 405, "GET, HEAD"],
    ["POST", `/v2/models/${model}`, 405, "GET, HEAD"],
    ["POST", "/v2/health/live", 405, "GET, HEAD"],
    ["POST", "/v2", 405, "GET, HEAD"],
  ])("%s %s is %i", async (method, path, status, allow) => {
    await given.promote(1);
    const reply = await get(await given.start(), path, method);
    expect(reply).toEqual({ status, allow, body: { error: expect.any(String) } });
  });

  it.each([
    ["a compression that is not known", { "content-encoding": "br" }, 415],
    ["a body that does not unpack", { "content-encoding": "gzip" }, 400],
    ["a header length beyond the body", { "inference-header-content-length": "10" }, 400],
    ["a header length that is none", { "inference-header-content-length": "-1" }, 400],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }, 400],
  ])("%s is refused", async (_title, headers, status) => {
    await given.promote(1);
    const response = await fetch(`http://127.0.0.1:${await given.start()}${infers}`, {
      method: "POST",
      body: "a=1",
      headers,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.any(String) });
  });

  it("a body of more than 16 MiB is refused, with its length declared or not", async () => {
    await given.promote(1);
    const port = await given.start();
    const chunk = new Uint8Array(2 ** 20).fill(32);
    const bodies = [
      new Uint8Array(17 * 2 ** 20).fill(32),
      new ReadableStream({
        start(controller) {
          for (let i = 0; i < 17; i++) controller.enqueue(chunk);
          controller.close();
        },
      }),
    ];
    for (const body of bodies) {
      const response = await fetch(`http://127.0.0.1:${port}${infers}`, {
        method: "POST",
        body,
        duplex: "half",
      } as RequestInit);
      expect(response.status).toBe(413);
      expect(await response.json()).toEqual({ error: expect.stringContaining("16 MiB") });
    }
    expect((await infer(port, ask())).status).toBe(200);
  });

  it("a caller that leaves in the middle of its body disturbs nobody", async () => {
    await given.promote(1);
    const port = await given.start();
    const socket = connect(port, "127.0.0.1");
    await new Promise<void>((resolve) => {
      socket.write(`POST ${infers} HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{`, () => resolve());
    });
    socket.destroy();
    expect((await infer(port, ask())).status).toBe(200);
    expect(given.lines.filter((line) => line.includes("failed"))).toEqual([]);
  });
});

describe("a server that closes", () => {
  it("finishes the request that is under way, then takes no more", async () => {
    await given.promote(1);
    const port = await given.start();
    const finish = await sendHalf(port, ask({}, { id: "late" }));
    const closing = given.close();
    await expect(fetch(`http://127.0.0.1:${port}/v2/health/live`)).rejects.toThrow();
    const reply = await finish();
    await closing;
    expect(reply).toMatch(/^HTTP\/1.1 200 /);
    expect(reply.toLowerCase()).toContain("connection: close");
    expect((await readRecords(given.segments)).map(({ id }) => id)).toEqual(["late"]);
  });

  it("waits only so long for a caller that does not go on", async () => {
    await given.promote(1);
    const port = await given.start({ drainMilliseconds: 50 });
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    await new Promise<void>((resolve) => socket.write("POST /v2 HTTP/1.1\r\nhost: a\r\n", () => resolve()));
    await get(port, "/v2/health/live");
    await given.close();
    await expect(fetch(`http://127.0.0.1:${port}/v2/health/live`)).rejects.toThrow();
    socket.destroy();
  });

  it("says when it could not flush what it had accepted into memory", async () => {
    await given.promote(1);
    const port = await given.start({ log: { requests: "all", durability: "memory" } });
    await rm(given.segments, { recursive: true });
    await writeFile(given.segments, "");
    expect((await infer(port, ask())).status).toBe(200);
    await expect(given.close()).rejects.toThrow("accepted records that could not be written: 1");
  });

  it("does not start where another listens, and leaves the other's log alone", async () => {
    await given.promote(1);
    const port = await given.start();
    await infer(port, ask());
    const [name = ""] = await readdir(given.segments);
    await appendFile(join(given.segments, name), "half a rec");
    const second = new GivenServer();
    Object.assign(second, { store: given.store, segments: given.segments });
    await expect(second.start({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect(await readFile(join(given.segments, name), "utf8")).toMatch(/half a rec$/);
  });
});
