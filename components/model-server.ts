/**
 * The model server of an endpoint: answers predictions with what its model has in production, and follows promotions
 * without a restart.
 * @module
 */
import { ComponentResource, type ComponentResourceOptions, type Resource, secret } from "@pulumi/pulumi";
import type { EndpointSpec } from "../framework/definitions/spec.ts";
import { type ConnectionArgs, printConnection } from "./connection.ts";
import { type OnlineArgs, onlineEnvironment, onlineSecrets } from "./online.ts";
import type { Platform } from "./platform/platform.ts";
import { nodeCommand } from "./programs.ts";
import { type TracesArgs, tracesEnvironment, tracesSecrets } from "./traces.ts";

export interface ModelServerArgs {
  readonly platform: Platform;
  readonly endpoint: EndpointSpec;
  readonly connection: ConnectionArgs;
  /** The port it listens on, on loopback. */
  readonly port: number;
  /** The folder of its request log, absolute and its own. */
  readonly segments: string;
  /** What personal data in its log is hashed and encrypted with, 64 hexadecimal digits. Secret. @default there is none in it */
  readonly logKey?: string | undefined;
  /** Where it looks features up. @default nowhere */
  readonly online?: OnlineArgs;
  /** Where its traces go. @default nowhere, and it makes none */
  readonly traces?: TracesArgs | undefined;
  /** The digest of the server's code. */
  readonly code: string;
  /** What must run before it. @default nothing */
  readonly needs?: readonly Resource[];
}

/** A server of one endpoint. */
export class ModelServer extends ComponentResource {
  /** Where it answers: `http://127.0.0.1:9012`. */
  readonly address: string;
  readonly service: Resource;

  constructor(name: string, args: ModelServerArgs, options?: ComponentResourceOptions) {
    super("steward:index:ModelServer", name, {}, options);
    const { platform, endpoint, connection, port, segments, logKey, online, traces, code, needs = [] } = args;
    const { pii, experiment } = endpoint;
    this.address = `http://127.0.0.1:${port}`;
    this.service = platform.run(
      {
        name,
        command: nodeCommand("framework/serving/main"),
        environment: {
          STEWARD_ENDPOINT: endpoint.name,
          STEWARD_MODEL: endpoint.model,
          STEWARD_PORT: String(port),
          STEWARD_SEGMENTS: segments,
          STEWARD_LOG: JSON.stringify(endpoint.log),
          ...(pii && { STEWARD_PII: JSON.stringify(pii) }),
          ...(endpoint.processes !== undefined && { STEWARD_SERVER_PROCESSES: String(endpoint.processes) }),
          ...(experiment?.unit !== undefined && { STEWARD_UNIT_COLUMN: experiment.unit }),
          ...(endpoint.feedback && { STEWARD_FEEDBACK: JSON.stringify(endpoint.feedback) }),
          ...(endpoint.online && { STEWARD_ONLINE: JSON.stringify(endpoint.online) }),
          ...(online && onlineEnvironment(online)),
          ...(traces && tracesEnvironment(traces)),
          // Not read by the server: a change of its code is a change of its description, so that it is started again.
          STEWARD_CODE: code,
        },
        secrets: {
          STEWARD_CONNECTION: printConnection(connection),
          ...(pii && logKey !== undefined && { STEWARD_LOG_KEY: secret(logKey) }),
          ...(online && onlineSecrets(online)),
          ...(traces && tracesSecrets(traces)),
        },
        ports: { http: port },
        probe: { kind: "http", port, path: "/v2/health/live" },
      },
      { parent: this, dependsOn: [...needs] },
    );
    this.registerOutputs({ address: this.address });
  }
}
