import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { SliceRequest } from "../../framework/scoring/scorer-message.ts";
import { scoreSlices } from "../../framework/scoring/scorer-process.ts";
import { createLinearOnnx } from "../serving/linear-onnx.ts";

it("ends with what is wrong where a slice cannot be scored, and keeps what was scored before", async () => {
  const folder = await mkdtemp(join(tmpdir(), "scorer-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const onnx = join(folder, "model.onnx");
  await writeFile(onnx, createLinearOnnx({ task: "regression", weights: [1] }));
  async function* slices(): AsyncGenerator<SliceRequest> {
    for (const [id, from] of ["range(10)", "nowhere", "range(10)"].entries()) {
      const rows = `SELECT 1.0::DOUBLE AS x FROM ${from}`;
      yield { id, most: 10, rows, inputs: ["x"], columns: ["x"], readsRows: true, path: join(folder, `${id}.parquet`) };
    }
  }
  const kept: number[] = [];
  const scored = scoreSlices(slices(), {
    onnx,
    width: 1,
    answers: 1,
    setup: [],
    refusing: [],
    threads: 1,
    folder,
    signal: AbortSignal.timeout(20_000),
    onSlice: async ({ id }) => void kept.push(id),
  });
  await expect(scored).rejects.toThrow("nowhere");
  expect(kept).toEqual([0]);
  // The folder is the process's home, too: a runtime that reports to its makers would have left files of its own.
  expect((await readdir(folder)).filter((name) => !/^(model\.onnx|\d\.parquet)$/.test(name))).toEqual([]);
});
