import { once } from "node:events";
import http2 from "node:http2";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { inferenceService } from "../../../framework/serving/grpc/messages.ts";
import { readRaw } from "../../../framework/serving/raw-tensor.ts";
import { useServer } from "../given-server.ts";
import { readRecords } from "../segments.ts";
import { ask, eventually, get, infer, model, sigmoid } from "../storm-model.ts";
import { openClient } from "./client.ts";

const given = useServer();

const wind = { name: "wind", datatype: "FP64", shape: [2], contents: { fp64_contents: [1, -2] } };
const rain = { name: "rain", datatype: "BOOL", shape: [2], contents: { bool_contents: [true, false] } };
const region = {
  name: "region",
  datatype: "BYTES",
  shape: [2],
  contents: { bytes_contents: [Buffer.from("south"), Buffer.from("north")] },
};
const sound = { model_name: model, inputs: [wind, rain, region] };

function readOutput(response: Record<string, unknown> | undefined, index: number) {
  const { outputs, raw_output_contents: raw } = response as {
    outputs: { name: string; datatype: string; shape: string[] }[];
    raw_output_contents: Uint8Array[];
  };
  const output = outputs[index];
  const reading = readRaw(raw[index] ?? new Uint8Array(), output?.datatype ?? "", Number(output?.shape[0]));
  return { name: output?.name, ...reading };
}

describe("the protocol over gRPC, on the port of HTTP", () => {
  it("answers lists of values and keeps a record of it, as over HTTP", async () => {
    const digest = await given.promote(1);
    const port = await given.start();
    using client = openClient(port);
    const { code, response } = await client.call("ModelInfer", { ...sound, id: "mine" });
    expect(code).toBe("OK");
    expect(response).toMatchObject({ model_name: model, model_version: "1", id: "mine" });
    expect(response?.["parameters"]).toMatchObject({ model_digest: { string_param: digest } });
    const scores = [2 + 1 + 0.5, -4].map((score) => expect.closeTo(sigmoid(score), 6));
    expect(readOutput(response, 0)).toEqual({ name: "probability", values: scores });
    expect(readOutput(response, 1)).toEqual({ name: "label", values: [true, false] });
    const [record] = await readRecords(given.segments);
    expect(record).toMatchObject({ id: "mine", inputs: { wind: [1, -2], region: ["south", "north"] } });
    expect((await infer(port, ask())).status).toBe(200);
  });

  it.each([
    ["INT64", { int64_contents: ["1", "-2"] }],
    ["INT8", { int_contents: [1, -2] }],
    ["FP32", { fp32_contents: [1, -2] }],
  ])("takes numbers as %s", async (datatype, contents) => {
    await given.promote(1);
    using client = openClient(await given.start());
    const inputs = [{ ...wind, datatype, contents }, rain, region];
    expect(await client.call("ModelInfer", { ...sound, inputs })).toMatchObject({ code: "OK" });
  });

  it.each([
    ["another model", { model_name: "other" }, "NOT_FOUND", "there is no such model"],
    ["another version", { model_version: "9" }, "NOT_FOUND", "version 1 is live"],
    ["a missing input", { inputs: [wind, rain] }, "INVALID_ARGUMENT", 'missing inputs: "region"'],
    [
      "a list of another type than the datatype says",
      { inputs: [{ ...wind, contents: { fp32_contents: [1, 2] } }, rain, region] },
      "INVALID_ARGUMENT",
      'input "wind" has 0 values, its shape says 2',
    ],
    [
      "a text that is not UTF-8",
      { inputs: [wind, rain, { ...region, contents: { bytes_contents: [Buffer.of(255), Buffer.of(65)] } }] },
      "INVALID_ARGUMENT",
      'input "region" has bytes that are not UTF-8 instead of a string at 0',
    ],
    [
      "an integer that no double holds",
      {
        inputs: [{ ...wind, datatype: "INT64", contents: { int64_contents: ["9007199254740993", "1"] } }, rain, region],
      },
      "INVALID_ARGUMENT",
      "an integer beyond 2^53 - 1 at 0",
    ],
    [
      "a negative dimension",
      { inputs: [{ ...wind, shape: [-2] }, rain, region] },
      "INVALID_ARGUMENT",
      "inputs[0].shape[0]: ",
    ],
    [
      "bytes for some of the inputs",
      { raw_input_contents: [Buffer.alloc(16)] },
      "INVALID_ARGUMENT",
      "there are 1 raw_input_contents for 3 inputs; an input has contents beside raw_input_contents",
    ],
    ["an id that is very long", { id: "a".repeat(257) }, "INVALID_ARGUMENT", "id: "],
  ])("refuses %s", async (_title, change, code, details) => {
    await given.promote(1);
    using client = openClient(await given.start());
    expect(await client.call("ModelInfer", { ...sound, ...change })).toEqual({
      code,
      details: expect.stringContaining(details),
    });
    expect(given.lines.filter((line) => line.includes("failed"))).toEqual([]);
  });

  it.each([
    ["no message", Buffer.from([0xff, 0xff]), "the message is not one of this method"],
    ["groups in groups", Buffer.alloc(100_000, 8 * 20 + 3 - 256), "the message is not one of this method"],
    ["many tensors", Buffer.alloc(40_000, "*\0"), "it has more than 10000 tensors, parameters and parts"],
    [
      "many values",
      inferenceService.ModelInfer.requestSerialize({
        inputs: [{ ...wind, contents: { int64_contents: Array.from({ length: 2 ** 20 + 1 }, () => 1) } }],
      }),
      "its lists have more than 1048576 values; raw_input_contents take more",
    ],
  ])("refuses what would be much to read before it is read: %s", async (_title, bytes, details) => {
    await given.promote(1);
    const port = await given.start();
    using client = openClient(port);
    expect(await client.send("ModelInfer", bytes)).toEqual({ code: "INVALID_ARGUMENT", details });
    expect(await client.call("ModelInfer", sound)).toMatchObject({ code: "OK" });
  });

  it("says UNAVAILABLE while no version is loaded", async () => {
    using client = openClient(await given.start());
    expect(await client.call("ModelInfer", sound)).toMatchObject({ code: "UNAVAILABLE" });
    expect(await client.call("ServerReady", {})).toMatchObject({ code: "OK", response: { ready: false } });
    expect(await client.call("ModelReady", { name: model })).toMatchObject({ code: "OK", response: { ready: false } });
  });

  it("counts its calls among the requests", async () => {
    await given.promote(1);
    const port = await given.start();
    using client = openClient(port);
    await client.call("ModelInfer", sound);
    await client.call("ModelInfer", { ...sound, model_name: "other" });
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(text).toContain('steward_requests_total{route="grpc ModelInfer",status="OK"} 1');
    expect(text).toContain('steward_requests_total{route="grpc ModelInfer",status="NOT_FOUND"} 1');
    expect(text).toContain(`nv_inference_request_success{model="${model}",version="1"} 1`);
    expect(text).toContain(`nv_inference_count{model="${model}",version="1"} 2`);
    expect(text).toContain(`request_predict_seconds_count{model_name="${model}"} 1`);
  });
});

describe("a connection", () => {
  it("goes to HTTP/1 whatever it begins with, in one piece or byte by byte", async () => {
    const port = await given.start();
    for (const request of ["GET /v2/health/live HTTP/1.1\r\nhost: a\r\n\r\n", "PRI /v2 HTTP/1.1\r\nhost: a\r\n\r\n"]) {
      const socket = connect(port, "127.0.0.1");
      // A request that is refused early may be closed before its last byte.
      socket.on("error", () => {});
      let answer = "";
      socket.on("data", (chunk) => {
        answer += chunk.toString();
      });
      for (const byte of request) {
        socket.write(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await eventually(async () => answer).toMatch(/^HTTP\/1.1 [24]0/);
      socket.destroy();
    }
  });

  it("has no more calls under way at once than the server can hold", async () => {
    const session = http2.connect(`http://127.0.0.1:${await given.start()}`);
    const [settings] = (await once(session, "remoteSettings")) as [http2.Settings];
    expect(settings.maxConcurrentStreams).toBe(100);
    session.destroy();
  });

  it("of a caller that never hangs up does not keep the server from closing", async () => {
    const port = await given.start({ drainMilliseconds: 200 });
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("error", () => {});
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    await once(socket, "data");
    socket.resume();
    await given.close();
    socket.destroy();
  });

  it("that says nothing does not keep the server from closing", async () => {
    const port = await given.start();
    const socket = connect(port, "127.0.0.1");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("connect", resolve));
    using client = openClient(port);
    expect(await client.call("ServerLive", {})).toMatchObject({ code: "OK" });
    expect((await get(port, "/v2/health/live")).status).toBe(200);
    await given.close();
    await closed;
  });
});
