/**
 * A stack: settings → platform → components → project.
 * @module
 */
import { join } from "node:path";
import { getStack, type Output, runtime, secret } from "@pulumi/pulumi";
import { type ConnectionArgs, protectConnection } from "../components/connection.ts";
import { Database } from "../components/database.ts";
import { Intake } from "../components/intake.ts";
import { ModelServer } from "../components/model-server.ts";
import { ObjectStore } from "../components/object-store.ts";
import { LocalPlatform } from "../components/platform/local.ts";
import { Project } from "../components/project.ts";
import { TemporalUi } from "../components/temporal-ui.ts";
import { TrackingServer } from "../components/tracking-server.ts";
import { WorkerPool } from "../components/worker-pool.ts";
import { WorkflowEngine } from "../components/workflow-engine.ts";
import { connectedServices } from "../framework/connection/connection.ts";
import { type LocalStack, locateStackFolder, prepareStackFolder } from "../framework/connection/stack-folder.ts";
import { listPushDatasets } from "../framework/data/intake/address.ts";
import { requireCommitted } from "../framework/project/git-state.ts";
import { loadProject } from "../framework/project/load-project.ts";
import { digestSources } from "../framework/toolchain/source-digest.ts";
import { ensureTools } from "../framework/toolchain/toolchain.ts";
import { buildBundle } from "../workflows/bundle.ts";
import { identifyBuild } from "./build-id.ts";
import { chooseInputs, gatherFiles } from "./gather.ts";
import { readSettings, type Settings } from "./settings.ts";

/** Where the code of a model server is. */
const serverSources = [
  "client",
  "connection",
  "definitions",
  "explanation",
  "features",
  "http",
  "models",
  "plan",
  "serving",
  "store",
].map((name) => `framework/${name}`);

/** Where the code of the intake is. */
const intakeSources = ["connection", "data/intake", "definitions", "http", "plan", "store"].map(
  (name) => `framework/${name}`,
);

/** Where the code of the tracking server is. */
const trackingSources = ["connection", "definitions", "http", "plan", "store", "tracking"].map(
  (name) => `framework/${name}`,
);

/** What a stack tells after an update. */
export interface StackOutputs {
  /** Where each endpoint answers, by its name. */
  readonly endpoints: Readonly<Record<string, Output<string>>>;
  /** How far each dataset, model and endpoint is, by `kind/name`. */
  readonly status: Readonly<Record<string, Output<string>>>;
  /** Where people follow the workflows. */
  readonly temporalUi: string;
  /** Where rows are pushed, by the names of datasets. @default no dataset takes any */
  readonly intake?: Readonly<Record<string, string>>;
  /** What whoever pushes must show. @default no dataset takes any rows */
  readonly intakeToken?: Output<string>;
  /** What `MLFLOW_TRACKING_URI` is set to. @default no experiments are tracked */
  readonly tracking?: string;
  /** What `MLFLOW_TRACKING_TOKEN` is set to. @default no experiments are tracked */
  readonly trackingToken?: Output<string>;
}

/** Declares everything that the settings of the selected stack ask for. @param root the folder of `Pulumi.yaml`, absolute */
export async function declareStack(root: string): Promise<StackOutputs> {
  const settings = readSettings(runtime.allConfig(), root);
  const { spec, folder } = await loadProject({ file: settings.file, environment: settings.environment, root });
  await requireCommitted(spec, folder);
  // What is not there is told before anything is started.
  const files = await gatherFiles({ ...spec, hasCluster: settings.runner !== "process" }, folder, settings.inputs);
  const endpoints = spec.definitions.filter((definition) => definition.kind === "endpoint");
  const pushed = listPushDatasets(spec.definitions);

  const stack = await prepareStackFolder(locateStackFolder(root, getStack()), {
    project: spec.name,
    stack: getStack(),
    endpoints: endpoints.map(({ name }) => name),
    intake: pushed.length > 0,
    tracking: settings.tracking !== "off",
  });
  const tools = await ensureTools(["minio", "temporal-server", "temporal-ui"]);
  const bundle = await buildBundle(join(stack.folder, "bundles"));

  const platform = new LocalPlatform(stack.folder);
  const connection = protectConnection(stack.connection);
  const store = new ObjectStore(connectedServices.store, {
    platform,
    program: tools.minio.path,
    data: stack.paths.storeData,
    consolePort: stack.ports["store-console"],
    connection,
  });
  const engine = new WorkflowEngine(connectedServices.engine, {
    platform,
    program: tools["temporal-server"].path,
    config: join(stack.paths.temporal, "config.yaml"),
    ports: stack.ports,
    connection,
  });
  new TemporalUi("ui", {
    platform,
    program: tools["temporal-ui"].path,
    config: join(stack.paths.temporal, "ui", "steward.yaml"),
    port: stack.ports.ui,
  });
  const tracking = await declareTracking({ stack, settings, platform, connection, store });
  const online = { folder: stack.paths.online, ...(settings.online !== undefined && { url: settings.online }) };
  const inputs = chooseInputs(spec.definitions, settings.inputs);
  const worksWith = {
    inputs: Object.keys(inputs).length > 0 ? inputs : undefined,
    online: settings.online,
    tracking: tracking && { address: tracking.address, token: tracking.workerToken },
    runner: settings.runner === "process" ? undefined : settings.runner,
    // Who looks at an experiment, or judges a canary by labels, reads them.
    logKey: endpoints.some(({ pii }) => pii?.label !== undefined) ? stack.logKey : undefined,
  };
  const worker = new WorkerPool("worker", {
    platform,
    project: spec.name,
    connection,
    bundle: { ...bundle, buildId: identifyBuild(bundle.buildId, worksWith, stack.secrets.store) },
    work: stack.paths.work,
    requests: stack.paths.requests,
    logKey: worksWith.logKey,
    online,
    slots: settings.slots,
    inputs,
    ...(worksWith.tracking && { tracking: worksWith.tracking }),
    runner: worksWith.runner,
    needs: [store.service, engine.service],
  });
  const serverCode = await digestSources(serverSources);
  const servers = Object.fromEntries(
    endpoints.map((endpoint) => [
      endpoint.name,
      new ModelServer(`server-${endpoint.name}`, {
        platform,
        endpoint,
        connection,
        port: stack.endpoints[endpoint.name] ?? 0,
        segments: join(stack.paths.requests, endpoint.name),
        logKey: stack.logKey,
        online,
        traces: settings.traces,
        code: serverCode,
        needs: [store.service],
      }),
    ]),
  );
  const intake =
    stack.intake && pushed.length > 0
      ? new Intake("intake", {
          platform,
          datasets: pushed,
          connection,
          ...stack.intake,
          code: await digestSources(intakeSources),
          needs: [store.service],
        })
      : undefined;
  const definitions = new Project(spec.name, {
    spec,
    connection,
    ...files,
    servers,
    needs: [store.service, engine.service, worker.service, ...(tracking ? [tracking.service] : [])],
  });

  return {
    endpoints: definitions.urls,
    status: definitions.statuses,
    temporalUi: stack.connection.engine.ui,
    ...(intake && stack.intake && { intake: intake.addresses, intakeToken: secret(stack.intake.token) }),
    ...(tracking && { tracking: tracking.address, trackingToken: secret(tracking.token) }),
  };
}

interface TrackingParts {
  readonly stack: LocalStack;
  readonly settings: Settings;
  readonly platform: LocalPlatform;
  readonly connection: ConnectionArgs;
  readonly store: ObjectStore;
}

/** Declares the tracking server, and its database where it is the stack's own. @returns nothing where nothing is tracked */
async function declareTracking({ stack, settings, platform, connection, store }: TrackingParts) {
  if (settings.tracking === "off" || !stack.tracking) return undefined;
  const { port, databasePort, token, workerToken, databasePassword: password } = stack.tracking;
  const database =
    settings.tracking === "local"
      ? new Database("database", { platform, data: stack.paths.database, port: databasePort, password })
      : undefined;
  const server = new TrackingServer("tracking", {
    platform,
    connection,
    database: database?.address ?? settings.tracking,
    tokens: [
      { actor: "owner", token },
      { actor: "worker", token: workerToken },
    ],
    port,
    code: await digestSources(trackingSources),
    needs: [store.service, ...(database ? [database.service] : [])],
  });
  return { address: server.address, service: server.service, token, workerToken };
}
