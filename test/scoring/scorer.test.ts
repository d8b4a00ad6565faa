import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { expect, it, onTestFinished } from "vitest";
import { type ScorerSettings, type SliceRequest, scorerMessage } from "../../framework/scoring/scorer-message.ts";
import { createLinearOnnx } from "../serving/linear-onnx.ts";

const program = join(import.meta.dirname, "../../framework/scoring/scorer.ts");

it("scores nothing more once a slice cannot be scored, also what was on its way", async () => {
  const folder = await mkdtemp(join(tmpdir(), "scorer-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const onnx = join(folder, "model.onnx");
  await writeFile(onnx, createLinearOnnx({ task: "regression", weights: [1] }));
  const limits = { setup: [], refusing: [], threads: 1, databaseBytes: 96_000_000 };
  const settings: ScorerSettings = { onnx, width: 1, answers: 1, folder, ...limits };
  const child = spawn(process.execPath, ["--no-warnings", "--expose-gc", program, JSON.stringify(settings)], {
    cwd: folder,
    env: { HOME: folder, TMPDIR: folder },
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = once(child, "exit");
  const channel = child.stdio[3] as Duplex;
  const ask = (id: number, from: string) => {
    const rows = `SELECT 1.0::DOUBLE AS x FROM ${from}`;
    const path = join(folder, `${id}.parquet`);
    const slice: SliceRequest = { id, most: 10, rows, inputs: ["x"], columns: ["x"], readsRows: true, path };
    channel.write(`${JSON.stringify(slice)}\n`);
  };
  ask(0, "nowhere");
  const said: string[] = [];
  for await (const line of createInterface({ input: channel })) {
    const [kind = ""] = Object.keys(scorerMessage.parse(JSON.parse(line)));
    said.push(kind);
    if (kind !== "failure") continue;
    ask(1, "range(10)");
    channel.end();
  }
  expect(said).toEqual(["engine", "failure"]);
  expect(await exited).toEqual([0, null]);
  expect((await readdir(folder)).filter((name) => name.endsWith(".parquet"))).toEqual([]);
});
