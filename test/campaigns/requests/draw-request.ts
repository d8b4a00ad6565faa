/**
 * Requests drawn by a seed: sound ones, most of them then made wrong in one way or several.
 * @module
 */
import { gzipSync } from "node:zlib";
import { inferenceService } from "../../../framework/serving/grpc/messages.ts";
import type { Draw } from "../promise/draw.ts";
import { drawLie } from "./draw-lie.ts";
import { judgeMessage } from "./message-reading.ts";
import { mutateBytes, mutateText } from "./mutations.ts";
import { judgeInference, judgeTyped, type Verdict } from "./oracle.ts";

/** A request, and what is to become of it. */
export interface DrawnRequest {
  readonly kind: "json" | "binary" | "typed" | "grpc" | "lie";
  /** Of HTTP/1.1, or of gRPC a message. */
  readonly bytes: Buffer;
  /** The values of its answer; nothing where it is to be refused. */
  readonly verdict: Verdict | "unknown";
  /** Whether it takes a connection of its own, whose caller sends no more after it. */
  readonly isLast: boolean;
}

/** @param wrong how many of a hundred are made wrong */
export function drawRequest(draw: Draw, wrong: number): DrawnRequest {
  const times = draw.below(100) < wrong ? 1 + draw.below(3) : 0;
  const kind = draw.below(100);
  if (kind < 45) return drawJson(draw, times);
  if (kind < 62) return drawBinary(draw, times);
  if (kind < 80) return drawMessage(draw, times);
  if (kind < 95) return drawTyped(draw, times);
  return times > 0 ? drawLie(draw) : drawJson(draw, 0);
}

interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly values: readonly (number | boolean | string | null)[];
}

const integers = ["INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"];
const rooms = ["garden", "street", "attic", "", "Straße", "[1]"];

function drawTensors(draw: Draw, datatypes: readonly string[], hasNulls: boolean): readonly Tensor[] {
  const rows = draw.below(20) === 0 ? 1 + draw.below(200) : 1 + draw.below(4);
  const shape = draw.below(3) === 0 ? [rows, 1] : [rows];
  const list = <T>(value: () => T): (T | null)[] =>
    Array.from({ length: rows }, () => (hasNulls && draw.below(10) === 0 ? null : value()));
  const datatype = draw.of(datatypes);
  const night = () => (datatype.includes("INT") ? draw.below(100) : (draw.below(20_000) - 10_000) / 64);
  const tensors = [
    { name: "nights", datatype, shape, values: list(night) },
    { name: "breakfast", datatype: "BOOL", shape, values: list(() => draw.below(2) === 1) },
    { name: "room", datatype: "BYTES", shape, values: list(() => draw.of(rooms)) },
  ];
  return draw.below(4) === 0 ? tensors.reverse() : tensors;
}

function around(draw: Draw): object {
  return {
    ...(draw.below(2) === 0 && { id: `r${draw.below(1e6)}` }),
    ...(draw.below(8) === 0 && { outputs: [{ name: "value" }] }),
    ...(draw.below(8) === 0 && { parameters: { priority: 1, by: "a" } }),
  };
}

function drawJson(draw: Draw, times: number): DrawnRequest {
  const inputs = drawTensors(draw, ["FP64", "FP32", ...integers], true).map(({ values, ...tensor }) => ({
    ...tensor,
    data: tensor.shape.length === 2 && draw.below(2) === 0 ? values.map((value) => [value]) : values,
  }));
  const body = mutateText(draw, JSON.stringify({ ...around(draw), inputs }), times);
  return {
    kind: "json",
    verdict: judgeInference(body),
    isLast: false,
    bytes: composeHttp(draw, inferPath(draw), body),
  };
}

function inferPath(draw: Draw): string {
  return draw.below(10) === 0 ? "/v2/models/storm/versions/1/infer" : "/v2/models/storm/infer";
}

/** A request on the fast path, beside it, or packed. */
function composeHttp(draw: Draw, path: string, body: Buffer, ...headers: readonly string[]): Buffer {
  const way = draw.below(10);
  const packed = way === 0 ? gzipSync(body, { level: 1 }) : body;
  const own = way === 0 ? ["content-encoding: gzip"] : way < 3 ? ["te: trailers"] : [];
  const head = [`POST ${path} HTTP/1.1`, "host: a", `content-length: ${packed.length}`, ...own, ...headers, "", ""];
  return Buffer.concat([Buffer.from(head.join("\r\n"), "latin1"), packed]);
}

const widths: Readonly<Record<string, number | undefined>> = {
  BOOL: 1,
  INT8: 1,
  UINT8: 1,
  INT16: 2,
  UINT16: 2,
  INT32: 4,
  UINT32: 4,
  FP32: 4,
};

function writeRaw({ datatype, values }: Tensor): Buffer {
  return Buffer.concat(
    values.map((value) => (datatype === "BYTES" ? writeText(String(value)) : writeNumber(datatype, Number(value)))),
  );
}

function writeText(value: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(Buffer.byteLength(value));
  return Buffer.concat([size, Buffer.from(value)]);
}

function writeNumber(datatype: string, value: number): Buffer {
  const width = widths[datatype] ?? 8;
  const bytes = Buffer.alloc(width);
  if (datatype === "FP32") bytes.writeFloatLE(value);
  else if (datatype === "FP64") bytes.writeDoubleLE(value);
  else if (width === 8) bytes.writeBigInt64LE(BigInt(value));
  else bytes.writeUIntLE(value, 0, width);
  return bytes;
}

const rawTypes = ["FP64", "FP32", ...integers];

function drawBinary(draw: Draw, times: number): DrawnRequest {
  const tensors = drawTensors(draw, rawTypes, false);
  let parts = tensors.map(writeRaw);
  const inputs = tensors.map(({ values: _values, ...tensor }, i) => ({
    ...tensor,
    parameters: { binary_data_size: parts[i]?.length ?? 0 },
  }));
  const text = JSON.stringify({ ...around(draw), inputs });
  const where = times > 0 ? draw.below(4) : 0;
  const json = where === 1 ? mutateText(draw, text, times) : Buffer.from(text);
  if (where === 2) parts = parts.map((part) => (draw.below(2) === 0 ? mutateBytes(draw, part, times) : part));
  let said = json.length;
  if (where === 3) said = Math.max(0, said + draw.below(20) - 10);
  let body: Buffer = Buffer.concat([json, ...parts]);
  if (where === 0 && times > 0) body = mutateBytes(draw, body, times);
  const verdict = said <= body.length ? judgeInference(body.subarray(0, said), body.subarray(said)) : undefined;
  const bytes = composeHttp(draw, inferPath(draw), body, `inference-header-content-length: ${said}`);
  return { kind: "binary", verdict, isLast: false, bytes };
}

const contents: Readonly<Record<string, string>> = {
  FP64: "fp64_contents",
  FP32: "fp32_contents",
  INT64: "int64_contents",
  UINT64: "uint64_contents",
  BOOL: "bool_contents",
  BYTES: "bytes_contents",
};

function drawMessage(draw: Draw, times: number): DrawnRequest {
  const tensors = drawTensors(draw, rawTypes, false);
  const isRaw = draw.below(2) === 0;
  const write = ({ values, datatype, ...tensor }: Tensor) => {
    const list = contents[datatype] ?? (datatype.startsWith("U") ? "uint_contents" : "int_contents");
    const own = datatype === "BYTES" ? values.map((value) => Buffer.from(String(value))) : values;
    return { ...tensor, datatype, ...(!isRaw && { contents: { [list]: own } }) };
  };
  const message: Record<string, unknown> = {
    model_name: "storm",
    ...(draw.below(4) === 0 && { model_version: "1" }),
    ...(draw.below(2) === 0 && { id: `g${draw.below(1e6)}` }),
    inputs: tensors.map(write),
    ...(isRaw && { raw_input_contents: tensors.map(writeRaw) }),
    ...(draw.below(8) === 0 && { outputs: [{ name: "value" }] }),
  };
  if (times > 0 && draw.below(2) === 0) spoil(draw, message);
  const written = inferenceService.ModelInfer.requestSerialize(message);
  const bytes = times > 0 && draw.below(2) === 0 ? mutateBytes(draw, written, times) : written;
  return { kind: "grpc", bytes, verdict: judgeMessage(bytes), isLast: false };
}

/** Makes one thing of a message wrong, or another of the same kind. */
function spoil(draw: Draw, message: Record<string, unknown>): void {
  const inputs = message["inputs"] as Record<string, unknown>[];
  const tensor = draw.of(inputs);
  const spoilers: readonly (() => unknown)[] = [
    () => (message["model_name"] = draw.of(["", "other", "Storm"])),
    () => (message["model_version"] = draw.of(["0", "2", "latest"])),
    () => (message["id"] = "i".repeat(250 + draw.below(12))),
    () => (tensor["name"] = draw.of(["", "Nights", "nights", "room", "__proto__"])),
    () => (tensor["datatype"] = draw.of(["FP16", "BF16", "FP64", "INT8", "UINT64", "BOOL", "BYTES", "fp64", ""])),
    () => (tensor["shape"] = draw.of([[], [0], [1], [2], [-1], [1, 2], [1, 1, 1], [2, 1], ["9223372036854775807"]])),
    () =>
      (tensor["contents"] = draw.of<object>([
        {},
        { fp64_contents: [1] },
        { fp64_contents: [Number.NaN] },
        { fp64_contents: [1 / 0] },
        { int64_contents: ["9007199254740993"] },
        { bool_contents: [true] },
      ])),
    () => inputs.push({ ...tensor }),
    () => inputs.pop(),
    () => (message["raw_input_contents"] = [Buffer.from("a")]),
    () => (message["outputs"] = draw.of([[{ name: "label" }], [{ name: "value" }, { name: "value" }], [{ name: "" }]])),
  ];
  draw.of(spoilers)();
}

function drawTyped(draw: Draw, times: number): DrawnRequest {
  const row = () => ({
    nights: 1 + draw.below(30),
    rate: draw.below(5) === 0 ? null : draw.below(10_000) / 8,
    breakfast: draw.below(2) === 1,
    room: draw.of(["garden", "street"]),
    guest: draw.of(["Åsa", "B", "李", "abc"]),
    booked: draw.of(["2026-01-01T10:30:00Z", "2024-02-29t23:59:59.123456+05:30"]),
    taste: [draw.below(100) / 100, -draw.below(100) / 100],
    ...(draw.below(4) === 0 && { time: "2026-01-02T00:00:00Z" }),
  });
  const rows = draw.below(3) === 0 ? { rows: Array.from({ length: 1 + draw.below(4) }, row) } : row();
  const body = mutateText(draw, JSON.stringify(rows), times);
  return { kind: "typed", verdict: judgeTyped(body), isLast: false, bytes: composeHttp(draw, "/storms/predict", body) };
}
