/**
 * Packages of one small model, told apart by the probability they answer when nothing is known.
 * @module
 */
import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "vitest";
import { type ModelPackage, productionRefName } from "../../framework/models/model-package.ts";
import type { Reference } from "../../framework/store/reference.ts";
import { createLinearOnnx } from "./linear-onnx.ts";

export const model = "storm";

/** What putting a package needs of a store. */
export interface PackageWriter {
  putBytes(bytes: Uint8Array): Promise<Reference>;
  putJson(value: unknown): Promise<Reference>;
}

/** Stores a package that weighs wind by 2 and rain by 1 above a bias; its digest comes back. */
export async function putPackage(
  store: PackageWriter,
  bias: number,
  change: Partial<ModelPackage> = {},
): Promise<string> {
  const onnx = await store.putBytes(createLinearOnnx({ task: change.task ?? "binary", ...weightsOf(change), bias }));
  const modelPackage: ModelPackage = {
    format: "model-package/3",
    model,
    onnx,
    task: "binary",
    inputs: [
      { name: "wind", type: "number" },
      { name: "rain", type: "boolean" },
      { name: "region", type: "category" },
    ],
    output: "probability",
    categories: { region: ["north", "south"] },
    run: "r",
    trainingSet: "t",
    example: { wind: 0.5, rain: true, region: "south" },
    ...change,
  };
  return (await store.putJson(modelPackage)).sha256;
}

/** Of three classes, and of more: wind speaks for the second, rain for the third, and nothing for the others. */
function weightsOf({ classes = [] }: Partial<ModelPackage>): { readonly weights: number[]; readonly classes?: number } {
  if (classes.length === 0) return { weights: [2, 1, 0.5] };
  const weights = [0, 1, 2].flatMap((feature) => classes.map((_, place) => (place === feature + 1 ? 2 : 0)));
  return { weights, classes: classes.length };
}

/** The production ref for a package. */
export function release(generation: number, digest: string, version = generation) {
  return {
    name: productionRefName(model),
    generation,
    value: { format: "production/1", generation, version, package: digest, evaluation: "e" },
  };
}

/** A request of one row. */
export function ask(
  values: { wind?: number | null; rain?: boolean | null; region?: string | null } = {},
  rest: object = {},
) {
  const { wind = 0, rain = false, region = "north" } = values;
  return {
    ...rest,
    inputs: [
      { name: "wind", datatype: "FP64", shape: [1], data: [wind] },
      { name: "rain", datatype: "BOOL", shape: [1], data: [rain] },
      { name: "region", datatype: "BYTES", shape: [1], data: [region] },
    ],
  };
}

export interface Answer {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: { readonly model_digest: string };
  readonly outputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: number[];
    readonly data: unknown[];
  }[];
}

/** Sends a body to a model server as tritonclient does: without a content type. */
export async function infer(port: number, body: unknown, path = `/v2/models/${model}/infer`) {
  const bytes =
    typeof body === "string" ? new TextEncoder().encode(body) : new TextEncoder().encode(JSON.stringify(body));
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body: bytes });
  return {
    status: response.status,
    headers: response.headers,
    answer: (await response.json()) as Answer & { error?: string },
  };
}

/** Asks a model server for something other than an answer. */
export async function get(port: number, path: string, method = "GET") {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
  const text = await response.text();
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, body, allow: response.headers.get("allow") };
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Waits for something to become as expected, on a machine that may be busy. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 90_000, interval: 20 });
}

/** A request whose head and first bytes the server has, and whose rest is sent when told. */
export async function sendHalf(port: number, body: unknown) {
  const text = JSON.stringify(body);
  const socket = connect(port, "127.0.0.1");
  let reply = "";
  socket.on("data", (data) => {
    reply += data.toString();
  });
  const ended = once(socket, "close");
  await once(socket, "connect");
  socket.write(`POST /v2/models/${model}/infer HTTP/1.1\r\nhost: a\r\ncontent-length: ${text.length}\r\n\r\n`);
  socket.write(text.slice(0, 10));
  // A round trip on another connection: by then the server has read what came before it.
  await get(port, "/v2/health/live");
  return async (): Promise<string> => {
    socket.write(text.slice(10));
    await ended;
    return reply;
  };
}
