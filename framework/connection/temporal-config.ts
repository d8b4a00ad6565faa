/**
 * The configuration of a Temporal server for one machine: all services in one process on loopback, histories and
 * visibility in SQLite files. JSON, which every YAML parser reads. Pure.
 * @module
 */
import { join } from "node:path";

/**
 * The ports of a Temporal server. Clients connect to `engine`; its services find each other on the `membership` ports.
 */
export const enginePortNames = [
  "engine",
  "engine-http",
  "engine-history",
  "engine-matching",
  "engine-worker",
  "engine-frontend-membership",
  "engine-history-membership",
  "engine-matching-membership",
  "engine-worker-membership",
] as const;

/** A port for each, on loopback. */
export type EnginePorts = Readonly<Record<(typeof enginePortNames)[number], number>>;

const loopback = "127.0.0.1";

/** The database of an engine's histories, in its folder. */
export const historiesFile = "histories.db";

/** The server's own file: `temporal-server --config-file`. @param folder holds its databases and `dynamic.yaml` */
export function renderTemporalConfig(ports: EnginePorts, folder: string): string {
  const service = (grpcPort: number, membershipPort: number) => ({ grpcPort, membershipPort, bindOnLocalHost: true });
  return render({
    log: { stdout: true, level: "warn" },
    persistence: {
      defaultStore: "histories",
      visibilityStore: "visibility",
      numHistoryShards: 1,
      datastores: {
        histories: { sql: openDatabase(join(folder, historiesFile)) },
        visibility: { sql: openDatabase(join(folder, "visibility.db")) },
      },
    },
    global: { membership: { maxJoinDuration: "30s", broadcastAddress: loopback } },
    services: {
      frontend: {
        rpc: { ...service(ports.engine, ports["engine-frontend-membership"]), httpPort: ports["engine-http"] },
      },
      history: { rpc: service(ports["engine-history"], ports["engine-history-membership"]) },
      matching: { rpc: service(ports["engine-matching"], ports["engine-matching-membership"]) },
      worker: { rpc: service(ports["engine-worker"], ports["engine-worker-membership"]) },
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: "active",
      currentClusterName: "active",
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: "frontend",
          rpcAddress: `${loopback}:${ports.engine}`,
          httpAddress: `${loopback}:${ports["engine-http"]}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: "noop" },
    archival: { history: { state: "disabled" }, visibility: { state: "disabled" } },
    namespaceDefaults: { archival: { history: { state: "disabled" }, visibility: { state: "disabled" } } },
    dynamicConfigClient: { filepath: join(folder, "dynamic.yaml"), pollInterval: "60s" },
  });
}

/** A SQLite file in write-ahead mode, made with its tables on the first start. */
function openDatabase(path: string) {
  return {
    pluginName: "sqlite",
    databaseName: path,
    connectAddr: "localhost",
    connectProtocol: "tcp",
    connectAttributes: {
      mode: "rwc",
      cache: "private",
      setup: "true",
      journal_mode: "wal",
      synchronous: "2",
      busy_timeout: "10000",
    },
    maxConns: 1,
    maxIdleConns: 1,
    maxConnLifetime: "1h",
  };
}

/** The settings that the server reads while it runs. */
export function renderDynamicConfig(): string {
  const always = (value: unknown) => [{ value, constraints: {} }];
  const on = always(true);
  return render({
    // How soon the server notices that an older build of the worker has no open runs left; by default after six minutes.
    "matching.wv.VersionDrainageStatusVisibilityGracePeriod": always("5s"),
    "matching.wv.VersionDrainageStatusRefreshInterval": always("5s"),
    // How often in a second a shard's queues are read. There is one shard, and at the usual 20 each child workflow waits for its turn five times.
    "history.transferProcessorMaxPollRPS": always(1000),
    "history.timerProcessorMaxPollRPS": always(1000),
    "history.visibilityProcessorMaxPollRPS": always(1000),
    "history.outboundProcessorMaxPollRPS": always(1000),
    "frontend.WorkflowTimeSkippingEnabled": on,
    "frontend.workerVersioningWorkflowAPIs": on,
    "system.enableDeploymentVersions": on,
  });
}

/** The configuration of Temporal's UI server. */
export function renderUiConfig(ports: { readonly engine: number; readonly ui: number }, namespace: string): string {
  return render({
    host: loopback,
    port: ports.ui,
    temporalGrpcAddress: `${loopback}:${ports.engine}`,
    enableUi: true,
    defaultNamespace: namespace,
    disableNewsFetch: true,
    showTemporalSystemNamespace: false,
    cors: { allowOrigins: [`http://${loopback}:${ports.ui}`] },
    auth: { enabled: false },
  });
}

function render(config: object): string {
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
