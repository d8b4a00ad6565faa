/**
 * The tracking server of a stack: takes what experiments log, from MLflow's clients as they are.
 * @module
 */
import { ComponentResource, type ComponentResourceOptions, type Input, type Resource, secret } from "@pulumi/pulumi";
import { type ConnectionArgs, printConnection } from "./connection.ts";
import type { Platform } from "./platform/platform.ts";
import { nodeCommand } from "./programs.ts";

export interface TrackingServerArgs {
  readonly platform: Platform;
  readonly connection: ConnectionArgs;
  /** The address of its database, with name and password. Secret. */
  readonly database: Input<string>;
  /** Who may ask, with what each shows. Secret. */
  readonly tokens: readonly { readonly actor: string; readonly token: string }[];
  /** The port it listens on, on loopback. */
  readonly port: number;
  /** The digest of the server's code. */
  readonly code: string;
  /** What must run before it. @default nothing */
  readonly needs?: readonly Resource[];
}

/**
 * A server that speaks MLflow's REST API.
 *
 * @example
 * const tracking = new TrackingServer("tracking", { platform, connection, database: database.address, tokens, port: 9015, code });
 */
export class TrackingServer extends ComponentResource {
  /** What `MLFLOW_TRACKING_URI` is set to. */
  readonly address: string;
  readonly service: Resource;

  constructor(name: string, args: TrackingServerArgs, options?: ComponentResourceOptions) {
    super("steward:index:TrackingServer", name, {}, options);
    const { platform, connection, database, tokens, port, code, needs = [] } = args;
    this.address = `http://127.0.0.1:${port}`;
    this.service = platform.run(
      {
        name,
        command: nodeCommand("framework/tracking/main"),
        // The code is not read by the server: a change of it is a change of its description, so that it is started again.
        environment: { STEWARD_PORT: String(port), STEWARD_CODE: code },
        secrets: {
          STEWARD_CONNECTION: printConnection(connection),
          STEWARD_TRACKING_DATABASE: secret(database),
          STEWARD_TRACKING_TOKENS: secret(JSON.stringify(tokens)),
        },
        ports: { http: port },
        probe: { kind: "http", port, path: "/health" },
      },
      { parent: this, dependsOn: [...needs] },
    );
    this.registerOutputs({ address: this.address });
  }
}
