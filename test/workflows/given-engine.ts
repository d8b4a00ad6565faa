/**
 * A real Temporal server for the tests of one file, with a worker in this process whose activities the test plays.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";
import { Client, Connection } from "@temporalio/client";
import { DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";
import {
  type EnginePorts,
  enginePortNames,
  renderDynamicConfig,
  renderTemporalConfig,
} from "../../framework/connection/temporal-config.ts";
import { createEngine, type Engine, type EntityAddress } from "../../framework/engine/engine.ts";
import { deploymentName, taskQueue } from "../../framework/engine/entity-names.ts";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import { prepareEngine } from "../../framework/engine/prepare-engine.ts";
import { ensureTools } from "../../framework/toolchain/toolchain.ts";
import { buildBundle } from "../../workflows/bundle.ts";
import { makeCurrent } from "../../workflows/deployment.ts";
import { findFreePort } from "../support/minio.ts";
import type { FakeWorld } from "./fake-world.ts";

const namespace = "steward";
/** Bundles outlive a test: they are known by what they were made of. */
export const bundleFolder = join(import.meta.dirname, "../../node_modules/.cache/steward-bundles");

export interface TestEngine {
  readonly engine: Engine;
  readonly client: Client;
  readonly address: string;
  /** Starts a worker in this process; its end, when it is stopped, is awaited. */
  readonly startWorker: (world: Pick<FakeWorld, "activities">) => Promise<{ stop: () => Promise<void> }>;
  /** The status of an entity once all its wishes have settled and nothing is under way. */
  readonly settled: (entity: EntityAddress) => Promise<EntityStatus>;
  /** Asks for the status until it is as wanted. */
  readonly until: (entity: EntityAddress, isWanted: (status: EntityStatus) => boolean) => Promise<EntityStatus>;
  readonly end: () => Promise<void>;
}

/** Starts a server. `dynamic` are settings of its dynamic configuration that differ from a stack's. */
export async function startTestEngine({
  dynamic = {},
}: {
  readonly dynamic?: Readonly<Record<string, unknown>>;
} = {}): Promise<TestEngine> {
  const { "temporal-server": server } = await ensureTools(["temporal-server"]);
  const folder = mkdtempSync(join(tmpdir(), "steward-engine-"));
  const ports = await choosePorts();
  mkdirSync(folder, { recursive: true });
  const overrides = Object.fromEntries(
    Object.entries(dynamic).map(([key, value]) => [key, [{ value, constraints: {} }]]),
  );
  writeFileSync(join(folder, "config.yaml"), renderTemporalConfig(ports, folder));
  writeFileSync(join(folder, "dynamic.yaml"), JSON.stringify({ ...JSON.parse(renderDynamicConfig()), ...overrides }));
  const child = spawn(server.path, ["--config-file", join(folder, "config.yaml"), "--allow-no-auth", "start"], {
    cwd: folder,
    stdio: "ignore",
  });
  const exited = once(child, "exit");
  const address = `127.0.0.1:${ports.engine}`;
  await untilListening(ports.engine, () => child.exitCode === null);
  await prepareEngine({ address, namespace, ui: "http://127.0.0.1" });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace, identity: "test" });
  const engine = createEngine(client, () => connection.close());
  const complaints: string[] = [];
  Runtime.install({
    logger: new DefaultLogger("WARN", ({ message, meta }) => complaints.push(`${message} ${inspect(meta)}`)),
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: "ERROR" } },
  });
  const native = await NativeConnection.connect({ address });
  const workers = new Set<{ stop: () => Promise<void> }>();

  const until: TestEngine["until"] = async (entity, isWanted) => {
    for (let left = 600; ; left--) {
      const status = await engine.status(entity);
      if (status && isWanted(status)) return status;
      if (left === 0)
        throw new Error(
          `${entity.kind} ${entity.name} never got there: ${JSON.stringify(status)}\n${complaints.slice(-3).join("\n")}`,
        );
      await delay(40);
    }
  };

  return {
    engine,
    client,
    address,
    until,
    settled: (entity) =>
      until(entity, ({ settled, generation, state }) => settled === generation && state !== "working"),
    startWorker: async (world) => {
      const { path: codePath, buildId } = await buildBundle(bundleFolder);
      const { activities } = world;
      const worker = await Worker.create({
        connection: native,
        namespace,
        taskQueue,
        identity: "test",
        workflowBundle: { codePath },
        activities,
        maxHeartbeatThrottleInterval: 100,
        shutdownGraceTime: 0,
        workerDeploymentOptions: {
          version: { deploymentName, buildId },
          useWorkerVersioning: true,
          defaultVersioningBehavior: "PINNED",
        },
      });
      const running = worker.run();
      await makeCurrent({ service: connection.workflowService, namespace, buildId }, AbortSignal.timeout(30_000));
      const started = {
        stop: async () => {
          workers.delete(started);
          if (worker.getState() === "RUNNING") worker.shutdown();
          await running;
        },
      };
      workers.add(started);
      return started;
    },
    end: async () => {
      await Promise.all([...workers].map(({ stop }) => stop()));
      await Promise.all([native.close(), connection.close()]);
      child.kill("SIGKILL");
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function choosePorts(): Promise<EnginePorts> {
  const found = new Set<number>();
  while (found.size < enginePortNames.length) found.add(await findFreePort());
  const [...chosen] = found;
  return Object.fromEntries(enginePortNames.map((name, i) => [name, chosen[i]])) as EnginePorts;
}

async function untilListening(port: number, lives: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 1200 && lives(); attempt++) {
    const socket = connect(port, "127.0.0.1");
    const opened = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "close").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (opened) return;
    await delay(50);
  }
  throw new Error("the Temporal server did not start");
}
