import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { usePythonPackages } from "../support/python-packages.ts";
import { useServer } from "./given-server.ts";
import { readRecords } from "./segments.ts";
import { model, sigmoid } from "./storm-model.ts";

const run = promisify(execFile);
const python = usePythonPackages("tritonclient", join(import.meta.dirname, "triton.lock"));
const given = useServer();

const scores = [2 + 1 + 0.5, -4, 1 + 1 - 0.5];
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(sigmoid(value), 6));
const answers = { probability: close(scores), label: [true, false, true] };

/** All that Triton's client got to see. */
async function askAll(protocol: "http" | "grpc"): Promise<Record<string, unknown>> {
  await given.promote(1, 0, 7);
  const port = await given.start();
  const program = join(import.meta.dirname, "triton_client.py");
  const { stdout } = await run(python.python ?? "", [program, protocol, `127.0.0.1:${port}`, model]);
  return JSON.parse(stdout);
}

describe.each(["http", "grpc"] as const)("Triton's own client over %s", (protocol) => {
  it("is answered whatever it asks, in every encoding that it sends", async ({ skip }) => {
    if (!python.python) skip(python.missing);
    const seen = await askAll(protocol);
    const tensor = (name: string, datatype: string) => ({ name, datatype, shape: protocol === "http" ? [-1] : ["-1"] });
    const config = (name: string, type: string) => ({
      name,
      data_type: `TYPE_${type}`,
      dims: protocol === "http" ? [-1] : ["-1"],
    });
    const configured = {
      name: model,
      platform: "onnxruntime_onnx",
      backend: "onnxruntime",
      input: [config("wind", "FP64"), config("rain", "BOOL"), config("region", "STRING")],
      output: [config("probability", "FP64"), config("label", "BOOL")],
    };
    const index = [{ name: model, version: "7", state: "READY" }];
    const wholes = close([1 * 2 + 1 + 0.5, 4, 6 + 1 - 0.5]);
    expect(seen).toMatchObject({
      live: true,
      ready: true,
      "model ready": true,
      "version ready": true,
      "other ready": false,
      server: { name: "steward" },
      model: {
        name: model,
        versions: ["7"],
        inputs: [tensor("wind", "FP64"), tensor("rain", "BOOL"), tensor("region", "BYTES")],
        outputs: [tensor("probability", "FP64"), tensor("label", "BOOL")],
      },
      config: protocol === "http" ? configured : { config: configured },
      index: protocol === "http" ? index : { models: index },
      binary: answers,
      named: { id: "mine", outputs: ["label", "probability"] },
      "as FP16": wholes,
      "as FP32": wholes,
      "as INT8": wholes,
      "as INT64": wholes,
      "as UINT16": wholes,
      lossy: expect.stringContaining("an integer beyond 2^53 - 1 at 0"),
      "unknown model": expect.stringContaining("there is no such model"),
      "unknown version": expect.stringContaining("version 7 is live"),
      "missing input": expect.stringContaining('missing inputs: "region"'),
      ...(protocol === "http"
        ? {
            json: answers,
            "json in, binary out": answers,
            gzip: answers,
            deflate: answers,
            async: answers,
            many: { rows: 10_000, outputs: 2 },
          }
        : { stream: [answers, expect.stringContaining('missing inputs: "region"'), answers] }),
    });
    const records = await readRecords(given.segments);
    const success = { count: protocol === "http" ? records.length : String(records.length) };
    expect(seen["statistics"]).toMatchObject({ model_stats: [{ name: model, inference_stats: { success } }] });
  });
});
