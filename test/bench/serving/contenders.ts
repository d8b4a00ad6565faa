/**
 * The servers of the bench: Steward, its peers, and what answers without a model.
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "../../support/minio.ts";
import { ensureLocked } from "../data/peers.ts";
import type { BenchModel } from "./bench-model.ts";
import { ensureFastify } from "./fastify-peer.ts";
import type { ServerProgram } from "./pinned-server.ts";

export type ContenderName =
  | "steward"
  | "steward-disk"
  | "static"
  | "static-http"
  | "fastapi"
  | "mlserver"
  | "mlserver-adaptive"
  | "litserve"
  | "bentoml"
  | "fastify";

export interface Place {
  readonly model: BenchModel;
  /** A folder of its own. */
  readonly folder: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

/** Answers without a model, so that what it answers is not looked at. */
export const controls: ReadonlySet<ContenderName> = new Set(["static", "static-http"]);

/** What is started for a contender. */
export async function prepareContender(name: ContenderName, place: Place): Promise<ServerProgram> {
  const { folder, model, signal } = place;
  switch (name) {
    case "steward":
    case "steward-disk": {
      const log = name === "steward" ? { requests: "none" } : { requests: "all", durability: "disk" };
      return runNode(folder, "steward-server.ts", [model.onnx, join(folder, "store"), JSON.stringify(log)]);
    }
    case "static":
      return runNode(folder, "static-socket.ts");
    case "static-http":
      return runNode(folder, "static-http.ts");
    case "fastapi":
    case "litserve":
      return { ...(await runPython(name, place)), env: { MODEL: model.onnx } };
    case "bentoml":
      return prepareBentoml(place);
    case "mlserver":
      return prepareMlserver(place);
    case "mlserver-adaptive":
      return prepareMlserver(place, { max_batch_size: 32, max_batch_time: 0.001 });
    case "fastify": {
      const peer = await ensureFastify(signal);
      const command = [process.execPath, join(import.meta.dirname, "fastify", "server.js")] as const;
      return { command: [...command], cwd: folder, env: { MODEL: model.onnx, PEER: peer } };
    }
  }
}

function runNode(cwd: string, program: string, args: readonly string[] = []): ServerProgram {
  return { command: [process.execPath, join(import.meta.dirname, program), ...args], cwd };
}

async function runPython(name: "fastapi" | "litserve", { folder, signal }: Place): Promise<ServerProgram> {
  const programs = await ensureLocked(lockOf(name), signal);
  return { command: [join(programs, "python"), join(import.meta.dirname, `${name}_app.py`)], cwd: folder };
}

async function prepareBentoml({ folder, model, port, signal }: Place): Promise<ServerProgram> {
  const programs = await ensureLocked(lockOf("bentoml"), signal);
  const flags = ["--working-dir", import.meta.dirname, "--host", "127.0.0.1", "--port", String(port)];
  return {
    command: [join(programs, "python"), "-m", "bentoml", "serve", "bentoml_app:Bench", ...flags],
    cwd: folder,
    env: { MODEL: model.onnx, BENTOML_HOME: join(folder, "bentoml"), BENTOML_DO_NOT_TRACK: "True" },
  };
}

/** Without the processes that it would hand requests on to, which on one core cost it time. */
async function prepareMlserver(
  { folder, model, port, signal }: Place,
  batching: Readonly<Record<string, number>> = {},
): Promise<ServerProgram> {
  const programs = await ensureLocked(lockOf("mlserver"), signal);
  const settings = {
    host: "127.0.0.1",
    http_port: port,
    grpc_port: await findFreePort(),
    metrics_port: await findFreePort(),
    parallel_workers: 0,
    debug: false,
  };
  const implementation = "mlserver_lightgbm.LightGBMModel";
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "settings.json"), JSON.stringify(settings));
  await writeFile(
    join(folder, "model-settings.json"),
    JSON.stringify({ name: "bench", implementation, ...batching, parameters: { uri: model.lightgbm } }),
  );
  return { command: [join(programs, "mlserver"), "start", folder], cwd: folder };
}

function lockOf(name: string): string {
  return join(import.meta.dirname, `${name}.lock`);
}
