/**
 * A whole stack for tests of the provider: a real store, a real engine and a worker whose entities play parts.
 * @module
 */
import { join, resolve } from "node:path";
import { type LocalStack, prepareStackFolder } from "../../../framework/connection/stack-folder.ts";
import { openSupervisor, type Supervisor } from "../../../framework/supervisor/client.ts";
import { readJson } from "../../../framework/supervisor/private-file.ts";
import type { ServiceInput } from "../../../framework/supervisor/service.ts";
import { ensureTools } from "../../../framework/toolchain/toolchain.ts";
import { datasetSpec, endpointSpec, featuresSpec, modelSpec, trainingSpec } from "../specs.ts";
import { type Declared, Workspace } from "./workspace.ts";

const root = resolve(import.meta.dirname, "../../..");

/** What the state must never have in clear: the store's password, and a secret of a service. */
export const canary = "canary-of-a-service";

export class TestStack implements AsyncDisposable {
  readonly workspace: Workspace;
  readonly local: LocalStack;
  readonly #programs: { readonly minio: string; readonly temporal: string };

  private constructor(
    workspace: Workspace,
    local: LocalStack,
    programs: { readonly minio: string; readonly temporal: string },
  ) {
    this.workspace = workspace;
    this.local = local;
    this.#programs = programs;
  }

  static async open(): Promise<TestStack> {
    const workspace = await Workspace.open();
    const local = await prepareStackFolder(workspace.stackFolder, { project: "tests", stack: "local" });
    const { minio, "temporal-server": temporal } = await ensureTools(["minio", "temporal-server"]);
    return new TestStack(workspace, local, { minio: minio.path, temporal: temporal.path });
  }

  /** The services under every definition. */
  get services(): readonly Declared[] {
    const { ports, paths, connection } = this.local;
    const prepare = (what: string): [string, ...string[]] => [
      process.execPath,
      join(root, "framework/connection/prepare.ts"),
      what,
    ];
    const services: readonly ServiceInput[] = [
      {
        name: "store",
        command: [this.#programs.minio, "server", paths.storeData, "--address", `127.0.0.1:${ports.store}`, "--quiet"],
        environment: { MINIO_ROOT_USER: connection.store.accessKey },
        secrets: {
          MINIO_ROOT_PASSWORD: this.local.secrets.store,
          STEWARD_CONNECTION: JSON.stringify(connection),
          OTHER: canary,
        },
        probe: { kind: "http", port: ports.store, path: "/minio/health/live" },
        afterStart: prepare("store"),
      },
      {
        name: "engine",
        command: [
          this.#programs.temporal,
          "--config-file",
          join(paths.temporal, "config.yaml"),
          "--allow-no-auth",
          "start",
        ],
        secrets: { STEWARD_CONNECTION: JSON.stringify(connection) },
        probe: { kind: "tcp", port: ports.engine },
        afterStart: prepare("engine"),
      },
      {
        name: "worker",
        command: [process.execPath, join(root, "test/provider/cli/entity-worker.ts")],
        secrets: { STEWARD_CONNECTION: JSON.stringify(connection) },
        probe: { kind: "socket", path: "/ready" },
        after: ["engine"],
      },
    ];
    return services.map(({ secrets = {}, ...service }) => ({
      name: service.name,
      type: "steward:local:Service",
      inputs: {
        stackFolder: this.workspace.stackFolder,
        service: {
          ...service,
          secrets: Object.fromEntries(Object.entries(secrets).map(([key, value]) => [key, { $secret: value }])),
        },
      },
      dependsOn: service.name === "worker" ? ["engine"] : [],
    }));
  }

  /** The connection as a program gives it to definitions. */
  get connection() {
    const { store, ...rest } = this.local.connection;
    return { ...rest, store: { ...store, secretKey: { $secret: store.secretKey } } };
  }

  /** A dataset that plays a part, named as it is. */
  dataset(
    name: string,
    script: string,
    given: { readonly fingerprint?: string; readonly connection?: unknown; readonly spec?: object } = {},
  ): Declared {
    const { fingerprint = "f1", connection = this.connection, spec = {} } = given;
    return this.#definition("Dataset", name, {
      connection,
      spec: { ...datasetSpec, name, ...spec },
      location: `/script/${script}`,
      fingerprint,
    });
  }

  /** A dataset with all that is made from it, down to an endpoint. */
  everything(prefix: string, fingerprint = "f1"): readonly Declared[] {
    const [rows, set, job, model, endpoint] = ["rows", "set", "job", "model", "endpoint"].map(
      (noun) => `${prefix}-${noun}`,
    ) as [string, string, string, string, string];
    const of = ($of: string, $output: string) => ({ $of, $output });
    const file = {
      path: "trainer.py",
      sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      size: 0,
    };
    const trainer = { folder: this.workspace.folder, entry: file.path, lock: file.path, files: [file] };
    const { connection } = this;
    return [
      this.dataset(rows, "ready", { fingerprint }),
      this.#definition("Features", set, { connection, spec: { ...featuresSpec, name: set, from: rows } }),
      this.#definition("TrainingJob", job, {
        connection,
        spec: { ...trainingSpec, name: job, features: [{ set, by: {} }] },
        trainer,
      }),
      this.#definition("Model", model, {
        connection,
        spec: { ...modelSpec, name: model, training: job },
        training: { reference: of(job, "reference"), closure: of(job, "closure") },
        features: { [set]: of(set, "reference") },
        datasets: { [rows]: { spec: of(rows, "reference"), root: of(rows, "root") } },
      }),
      this.#definition("Endpoint", endpoint, {
        connection,
        spec: { ...endpointSpec, name: endpoint, model },
        address: "http://127.0.0.1:1",
        model: { package: of(model, "package"), version: of(model, "version") },
      }),
    ];
  }

  #definition(type: string, name: string, inputs: object): Declared {
    return {
      name,
      type: `steward:index:${type}`,
      inputs: { project: "tests", ...inputs },
      dependsOn: ["store", "engine", "worker"],
    };
  }

  supervisor(): Promise<Supervisor> {
    return openSupervisor(this.workspace.stackFolder);
  }

  /** Kills every process of the stack, the supervisor first so that it starts nothing again. */
  async killEverything(): Promise<void> {
    const pids = (await (await this.supervisor()).list()).flatMap(({ pid }) => pid ?? []);
    const address = readJson(join(this.workspace.stackFolder, "run", "supervisor.json")) as {
      readonly process: { readonly pid: number };
    };
    for (const pid of [address.process.pid, ...pids]) process.kill(pid, "SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.supervisor()).down();
    await this.workspace[Symbol.asyncDispose]();
  }
}
