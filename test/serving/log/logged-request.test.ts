import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { inferenceService } from "../../../framework/serving/grpc/messages.ts";
import { useServer } from "../given-server.ts";
import { readRecords } from "../segments.ts";
import { ask, eventually, get, infer, model } from "../storm-model.ts";

const given = useServer();
const read = () => readRecords(given.segments);

async function startReady(change: Parameters<typeof given.start>[0] = {}): Promise<number> {
  await given.promote(1);
  const port = await given.start(change);
  await eventually(() => get(port, "/v2/health/ready").then(({ status }) => status)).toBe(200);
  return port;
}

const path = `/v2/models/${model}/infer`;

/** Asks as most callers do: over and over on one connection. */
async function inferAs(port: number, headers: Readonly<Record<string, string>>, id: string) {
  const body = JSON.stringify(ask({ wind: 0.5, region: "south" }, { id }));
  const { status } = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body, headers });
  return status;
}

describe("the caller of a request", () => {
  it("is in its record, where it says who it is", async () => {
    const port = await startReady();
    expect(await inferAs(port, { "steward-caller": "billing" }, "a")).toBe(200);
    expect(await inferAs(port, {}, "b")).toBe(200);
    expect(await inferAs(port, { "steward-caller": "" }, "c")).toBe(200);
    expect((await read()).map(({ id, caller }) => [id, caller])).toEqual([
      ["a", "billing"],
      ["b", undefined],
      ["c", undefined],
    ]);
  });

  it("is told over gRPC by a key of the metadata", async () => {
    const port = await startReady();
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const { path, requestSerialize, responseDeserialize } = inferenceService.ModelInfer;
    const tensors = [
      { name: "wind", datatype: "FP64", shape: [1], contents: { fp64_contents: [1] } },
      { name: "rain", datatype: "BOOL", shape: [1], contents: { bool_contents: [true] } },
      { name: "region", datatype: "BYTES", shape: [1], contents: { bytes_contents: [Buffer.from("north")] } },
    ];
    const message = requestSerialize({ model_name: model, id: "g", inputs: tensors });
    const metadata = new Metadata();
    metadata.set("steward-caller", "billing");
    const same = (whole: Buffer) => whole;
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(path, same, responseDeserialize, message, metadata, (error) =>
        error ? reject(error) : resolve(),
      );
    });
    client.close();
    expect(await read()).toMatchObject([{ id: "g", caller: "billing" }]);
  });

  it("is refused when it is no name", async () => {
    const port = await startReady();
    expect(await inferAs(port, { "steward-caller": "x".repeat(257) }, "a")).toBe(400);
    expect(await read()).toEqual([]);
  });
});

describe("personal data", () => {
  const pii = { request: {}, inputs: { wind: "plain", rain: "redact", region: "hash" } } as const;

  it("is in no record, by whichever path a request comes, and answers are the same", async () => {
    const port = await startReady({ pii, logKey: "07".repeat(32) });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        infer(port, ask({ wind: 0.5, rain: true, region: "south" }, { id: `${i}` })),
      ),
    );
    // The first body teaches a template, by which those after it are read.
    for (let i = 20; i < 30; i++)
      answers.push(await infer(port, ask({ wind: 0.5, rain: true, region: "south" }, { id: `${i}` })));
    expect(new Set(answers.map(({ answer }) => JSON.stringify(answer.outputs))).size).toBe(1);
    const records = await read();
    expect(records).toHaveLength(30);
    for (const { inputs, pii: said } of records) {
      expect(inputs).toEqual({ wind: [0.5], rain: [null], region: [expect.stringMatching(/^[0-9a-f]{64}$/)] });
      expect(said).toEqual({ inputs: { rain: "redact", region: "hash" } });
    }
    expect(await readFile(join(given.segments, "requests-0000000000000001.jsonl"), "utf8")).not.toContain("south");
  });

  it("needs a key", async () => {
    await given.promote(1);
    await expect(given.start({ pii })).rejects.toThrow("no key to protect it with");
  });
});
