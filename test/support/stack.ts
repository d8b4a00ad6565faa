/**
 * A stack without Pulumi, for tests: a real MinIO, a real Temporal and real workers, supervised in a temporary folder.
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalStack, prepareStackFolder } from "../../framework/connection/stack-folder.ts";
import { type Engine, openEngine } from "../../framework/engine/engine.ts";
import { openStore, type Store } from "../../framework/store/store.ts";
import { openSupervisor, type Supervisor } from "../../framework/supervisor/client.ts";
import { type ServiceInput, serviceSchema } from "../../framework/supervisor/service.ts";
import { ensureTools } from "../../framework/toolchain/toolchain.ts";
import type { Bundle } from "../../workflows/bundle.ts";
import { compiledCode } from "./surroundings.ts";

const root = join(import.meta.dirname, "../..");

export interface TestStack extends LocalStack {
  readonly project: string;
  /** A folder beside the stack's own, removed with it. */
  readonly scratch: string;
  readonly supervisor: Supervisor;
  readonly engine: Engine;
  readonly store: Store;
  /**
   * Starts a worker on a build, or the next build beside the one that runs.
   * @param inputs what the stack supplies to reach sources. @default nothing
   */
  readonly startWorker: (bundle: Bundle, inputs?: Readonly<Record<string, string>>) => Promise<void>;
  /** Stops everything and removes the folder. */
  readonly end: () => Promise<void>;
}

/** Brings up store and engine. */
export async function startTestStack(project: string): Promise<TestStack> {
  const scratch = mkdtempSync(join(tmpdir(), "steward-test-"));
  const stack = await prepareStackFolder(join(scratch, "stack"), {
    project,
    stack: "test",
    // Test files run at the same time: each looks for its ports elsewhere.
    firstPort: 20_000 + Math.floor(Math.random() * 120) * 100,
  });
  const { connection, folder, ports, paths } = stack;
  const tools = await ensureTools(["minio", "temporal-server"]);
  const supervisor = await openSupervisor(folder);
  const secrets = { STEWARD_CONNECTION: JSON.stringify(connection) };
  const { host, port } = new URL(connection.store.endpoint);
  const prepare = (what: string): [string, ...string[]] => [
    process.execPath,
    join(root, "framework/connection/prepare.ts"),
    what,
  ];
  const run = async (service: ServiceInput): Promise<void> => {
    const environment = { NODE_COMPILE_CACHE: compiledCode, ...service.environment };
    await supervisor.apply(serviceSchema.parse({ ...service, environment }));
    await supervisor.waitReady(service.name);
  };

  let engine: Engine;
  try {
    await run({
      name: "store",
      command: [tools.minio.path, "server", paths.storeData, "--address", host, "--quiet"],
      environment: { MINIO_ROOT_USER: connection.store.accessKey, MINIO_UPDATE: "off" },
      secrets: { ...secrets, MINIO_ROOT_PASSWORD: connection.store.secretKey },
      probe: { kind: "http", port: Number(port), path: "/minio/health/live" },
      afterStart: prepare("store"),
    });
    await run({
      name: "engine",
      command: [
        tools["temporal-server"].path,
        "--config-file",
        join(paths.temporal, "config.yaml"),
        "--allow-no-auth",
        "start",
      ],
      secrets,
      probe: { kind: "tcp", port: ports.engine },
      startSeconds: 120,
      afterStart: prepare("engine"),
    });
    engine = await openEngine(connection.engine);
  } catch (error) {
    await supervisor.down();
    rmSync(scratch, { recursive: true, force: true });
    throw error;
  }
  return {
    ...stack,
    project,
    scratch,
    supervisor,
    engine,
    store: openStore(connection.store, { cacheFolder: join(scratch, "cache") }),
    startWorker: (bundle, inputs) =>
      run({
        name: "worker",
        command: [process.execPath, join(root, "workflows/worker.ts")],
        environment: {
          STEWARD_PROJECT: project,
          STEWARD_BUNDLE: bundle.path,
          STEWARD_BUILD_ID: bundle.buildId,
          STEWARD_WORK: join(scratch, "work"),
        },
        secrets: { ...secrets, ...(inputs && { STEWARD_INPUTS: JSON.stringify(inputs) }) },
        probe: { kind: "socket", path: "/ready" },
        startSeconds: 120,
        update: "overlap",
      }),
    end: async () => {
      await engine.close();
      await supervisor.down();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
