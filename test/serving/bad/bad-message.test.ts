import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRaw } from "../../../framework/serving/raw-tensor.ts";
import { GivenServer } from "../given-server.ts";
import { type Called, openClient } from "../grpc/client.ts";
import { soundAnswer } from "./bad-case.ts";
import { findLeaks } from "./find-leaks.ts";
import { grpcCases, soundMessage } from "./grpc-cases.ts";

const given = new GivenServer();
let client: ReturnType<typeof openClient>;
beforeAll(async () => {
  await given.prepare();
  await given.promote(1);
  client = openClient(await given.start({ log: { requests: "none", durability: "memory" } }));
});
afterAll(async () => {
  client[Symbol.dispose]();
  await given.remove();
});

function readProbability({ response }: Called): unknown {
  const { raw_output_contents: raw } = response as { readonly raw_output_contents: readonly Uint8Array[] };
  const reading = readRaw(raw[0] ?? new Uint8Array(), "FP64", 1);
  return "values" in reading ? reading.values[0] : undefined;
}

describe("a message of gRPC", () => {
  it.each(grpcCases.map((one) => [one.name, one] as const))("%s is refused", async (_name, { bytes, code, says }) => {
    const called = await client.send("ModelInfer", bytes);
    expect({ code: called.code, details: called.details }).toEqual({ code, details: expect.stringContaining(says) });
    expect(findLeaks(called.details ?? "")).toEqual([]);
    expect(readProbability(await client.send("ModelInfer", soundMessage))).toBeCloseTo(soundAnswer, 6);
  });

  it("has a name, and is the fault of its caller alone", () => {
    const names = grpcCases.map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) < at)).toEqual([]);
    expect(given.lines.filter((line) => line.includes("failed"))).toEqual([]);
  });
});
