import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { inferenceService } from "../../../framework/serving/grpc/messages.ts";
import type { TraceSettings } from "../../../framework/serving/trace/trace-settings.ts";
import { useServer } from "../given-server.ts";
import { readRecords } from "../segments.ts";
import { ask, get, infer, model } from "../storm-model.ts";
import { type SentSpan, useCollector } from "./collector.ts";

const given = useServer();
const collecting = useCollector();

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parentId = "00f067aa0ba902b7";
const sampled = `00-${traceId}-${parentId}-01`;
const unsampled = `00-${traceId}-${parentId}-00`;

async function settings(sampler: Partial<TraceSettings["sampler"]> = {}): Promise<TraceSettings> {
  const url = await collecting.collector.start();
  return {
    url,
    headers: {},
    sampler: { isParentBased: true, ratio: 1, ...sampler },
    attributes: { "service.name": "storms" },
  };
}

/** The body of an inference whose wind tells it from others. */
const body = (wind: number) => JSON.stringify(ask({ wind }));

/** Asks over one connection, as undici does: the first request teaches a template, and those after it are answered by it. */
async function post(port: number, headers: Record<string, string>, text = body(0.5)) {
  const reply = await fetch(`http://127.0.0.1:${port}/v2/models/${model}/infer`, {
    method: "POST",
    headers,
    body: text,
  });
  return {
    status: reply.status,
    requestId: reply.headers.get("x-request-id"),
    answer: (await reply.json()) as { id: string },
  };
}

/** Asks by a head that the fast path takes, and by one that it gives away. */
const ways = [
  ["on the fast path", {}],
  ["by the whole parser", { "steward-timeout": "9999" }],
] as const;

function family(spans: readonly SentSpan[]) {
  const [root] = spans.filter(({ kind }) => kind === 2);
  return { root, parts: spans.filter((one) => one !== root) };
}

describe.each(ways)("an inference %s", (_way, way) => {
  it("says the id that it was asked under, and records it with the trace", async () => {
    await given.promote(1);
    const port = await given.start();
    for (let i = 0; i < 3; i++) {
      const reply = await post(port, { ...way, "x-request-id": `mine-${i}`, traceparent: unsampled }, body(i));
      expect(reply).toMatchObject({ status: 200, requestId: `mine-${i}` });
    }
    const records = await readRecords(given.segments);
    expect(records.map(({ requestId, trace }) => [requestId, trace])).toEqual(
      [0, 1, 2].map((i) => [`mine-${i}`, traceId]),
    );
  });

  it("says and records nothing more where nothing was told, or what is no id and no trace", async () => {
    await given.promote(1);
    const port = await given.start();
    for (const headers of [{}, {}, { "x-request-id": 'a"b', traceparent: "no" }, { "x-request-id": "x".repeat(129) }])
      expect(await post(port, { ...way, ...headers })).toMatchObject({ status: 200, requestId: null });
    for (const record of await readRecords(given.segments)) {
      expect(record).not.toHaveProperty("requestId");
      expect(record).not.toHaveProperty("trace");
    }
  });

  it("that is refused says an id in any case", async () => {
    await given.promote(1);
    const port = await given.start();
    expect(await post(port, way, "{")).toMatchObject({
      status: 400,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await post(port, { ...way, "x-request-id": "mine" }, "{")).toMatchObject({ status: 400, requestId: "mine" });
  });

  it("is a span of its caller's trace, with one for each part", async () => {
    await given.promote(1);
    const port = await given.start({ traces: await settings() });
    await post(port, way);
    await post(port, { ...way, traceparent: sampled, tracestate: "a=1", "x-request-id": "mine" });
    await given.close();
    const { root, parts } = family(collecting.collector.spans.filter((one) => one.traceId === traceId));
    expect(root).toMatchObject({
      parentSpanId: parentId,
      traceState: "a=1",
      name: "POST /v2/models/{model}/infer",
      attributes: {
        "http.request.method": "POST",
        "http.route": "/v2/models/{model}/infer",
        "http.response.status_code": "200",
        "steward.request_id": "mine",
      },
    });
    expect(parts.map(({ name }) => name)).toEqual(["inference", "log"]);
    for (const part of parts) {
      expect(part.parentSpanId).toBe(root?.spanId);
      expect(BigInt(part.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(root?.startTimeUnixNano ?? 0));
      expect(BigInt(part.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(root?.endTimeUnixNano ?? 0));
    }
    expect(collecting.collector.resource).toEqual({ "service.name": "storms" });
  });

  it("has a trace of its own where its caller has none, and its record says which", async () => {
    await given.promote(1);
    const port = await given.start({ traces: await settings() });
    await post(port, way);
    await post(port, way, body(2));
    await given.close();
    const roots = collecting.collector.spans.filter(({ kind }) => kind === 2);
    expect(roots.map(({ parentSpanId }) => parentSpanId)).toEqual([undefined, undefined]);
    const records = await readRecords(given.segments);
    expect(records.map(({ trace }) => trace)).toEqual(roots.map((one) => one.traceId));
  });

  it("is no span where its caller is not traced, or its share is none", async () => {
    await given.promote(1);
    const port = await given.start({ traces: await settings({ ratio: 0 }) });
    await post(port, way);
    await post(port, way);
    await post(port, { ...way, traceparent: unsampled });
    await given.close();
    expect(collecting.collector.spans).toEqual([]);
  });
});

describe("a server that is traced", () => {
  it("says which requests it is to blame for", async () => {
    const port = await given.start({ traces: await settings() });
    expect((await infer(port, ask())).status).toBe(503);
    expect((await get(port, "/nowhere")).status).toBe(404);
    await given.close();
    const said = collecting.collector.spans.map(({ name, status, attributes }) => [
      name,
      attributes["http.response.status_code"],
      status?.code,
    ]);
    expect(said).toEqual([
      ["POST /v2/models/{model}/infer", "503", 2],
      ["GET", "404", undefined],
    ]);
  });

  it("answers and ends when nobody takes its spans, and says so", async () => {
    await given.promote(1);
    const traces = { ...(await settings()), url: "http://127.0.0.1:9/v1/traces" };
    const port = await given.start({ traces });
    expect(await post(port, {})).toMatchObject({ status: 200 });
    await given.close();
    expect(given.lines.filter((line) => line.includes("spans"))).toEqual([
      "spans are not taken: the collector does not answer",
    ]);
  });

  it("counts what became of spans", async () => {
    await given.promote(1);
    const port = await given.start({ traces: await settings() });
    await post(port, {});
    const readMetrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await expect.poll(readMetrics, { timeout: 5000 }).toMatch(/^steward_spans_total\{outcome="exported"\} [1-9]/m);
  });

  it("takes ids and traces over gRPC too", async () => {
    await given.promote(1);
    const port = await given.start({ traces: await settings() });
    const metadata = new Metadata();
    metadata.set("x-request-id", "mine");
    metadata.set("traceparent", sampled);
    const { path, requestSerialize, responseDeserialize } = inferenceService.ModelInfer;
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const request = {
      model_name: model,
      inputs: [
        { name: "wind", datatype: "FP64", shape: [1], contents: { fp64_contents: [1] } },
        { name: "rain", datatype: "BOOL", shape: [1], contents: { bool_contents: [true] } },
        { name: "region", datatype: "BYTES", shape: [1], contents: { bytes_contents: [Buffer.from("south")] } },
      ],
    };
    const told = await new Promise<Metadata>((resolve, reject) => {
      const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, (error) => {
        if (error) reject(error);
      });
      call.on("status", (status) => resolve(status.metadata));
    });
    client.close();
    expect(told.get("x-request-id")).toEqual(["mine"]);
    await given.close();
    const { root, parts } = family(collecting.collector.spans);
    expect(root).toMatchObject({
      traceId,
      parentSpanId: parentId,
      name: "inference.GRPCInferenceService/ModelInfer",
      attributes: { "rpc.method": "ModelInfer", "rpc.grpc.status_code": "0", "steward.request_id": "mine" },
    });
    expect(parts.map(({ name }) => name)).toEqual(["inference", "log"]);
    expect(await readRecords(given.segments)).toMatchObject([{ requestId: "mine", trace: traceId }]);
  });
});
