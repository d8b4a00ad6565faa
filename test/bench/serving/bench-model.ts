/**
 * The model that every server of the serving bench answers with: 200 trees of LightGBM, six deep, over thirty features; and the
 * rows that they are asked about, each with what ONNX Runtime answers to it.
 * @module
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { ensureLocked } from "../data/peers.ts";

export interface BenchModel {
  /** The path of the model as ONNX. */
  readonly onnx: string;
  /** The path of the model as LightGBM keeps it. */
  readonly lightgbm: string;
  /** As many as 256, all different. */
  readonly asked: readonly AskedRow[];
}

export interface AskedRow {
  /** The request's JSON. */
  readonly body: string;
  /** What ONNX Runtime answers. */
  readonly answer: number;
}

/** Where all of the servers are asked. */
export const path = "/v2/models/bench/infer";
const width = 30;

const rowsSchema = z.object({
  rows: z.array(z.array(z.number()).length(width)).min(256),
  answers: z.array(z.number()),
});

/** Trains the model and leaves it in a folder. */
export async function trainBenchModel(folder: string, signal: AbortSignal): Promise<BenchModel> {
  const programs = await ensureLocked(join(import.meta.dirname, "model.lock"), signal);
  const program = join(import.meta.dirname, "model.py");
  await promisify(execFile)(join(programs, "python"), [program, folder], { signal });
  const { rows, answers } = rowsSchema.parse(JSON.parse(await readFile(join(folder, "rows.json"), "utf8")));
  const asked = rows.map((data, row) => ({ body: writeBody(data), answer: answers[row] ?? Number.NaN }));
  return { onnx: join(folder, "model.onnx"), lightgbm: join(folder, "model.txt"), asked };
}

function writeBody(data: readonly number[]): string {
  return JSON.stringify({ inputs: [{ name: "features", shape: [1, width], datatype: "FP32", data }] });
}
