/**
 * The intake of a stack: takes the rows that are pushed to its datasets.
 * @module
 */
import { ComponentResource, type ComponentResourceOptions, type Resource, secret } from "@pulumi/pulumi";
import { addressRows } from "../framework/data/intake/address.ts";
import { type ConnectionArgs, printConnection } from "./connection.ts";
import type { Platform } from "./platform/platform.ts";
import { nodeCommand } from "./programs.ts";

export interface IntakeArgs {
  readonly platform: Platform;
  /** The names of the datasets that take rows. */
  readonly datasets: readonly string[];
  readonly connection: ConnectionArgs;
  /** The port it listens on, on loopback. */
  readonly port: number;
  /** What whoever pushes must show. Secret. */
  readonly token: string;
  /** The digest of the intake's code. */
  readonly code: string;
  /** What must run before it. @default nothing */
  readonly needs?: readonly Resource[];
}

/**
 * A server to which rows are pushed.
 *
 * @example
 * const intake = new Intake("intake", { platform, datasets: ["clicks"], connection, port: 9013, token, code, needs: [store.service] });
 */
export class Intake extends ComponentResource {
  /** Where the rows of each dataset are pushed, by its name: `http://127.0.0.1:9013/datasets/clicks/rows`. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly service: Resource;

  constructor(name: string, args: IntakeArgs, options?: ComponentResourceOptions) {
    super("steward:index:Intake", name, {}, options);
    const { platform, datasets, connection, port, token, code, needs = [] } = args;
    this.addresses = addressRows(port, datasets);
    this.service = platform.run(
      {
        name,
        command: nodeCommand("framework/data/intake/main"),
        environment: {
          STEWARD_DATASETS: JSON.stringify(datasets),
          STEWARD_PORT: String(port),
          // Not read by the intake: a change of its code is a change of its description, so that it is started again.
          STEWARD_CODE: code,
        },
        secrets: { STEWARD_CONNECTION: printConnection(connection), STEWARD_INTAKE_TOKEN: secret(token) },
        ports: { http: port },
        probe: { kind: "http", port, path: "/healthz" },
      },
      { parent: this, dependsOn: [...needs] },
    );
    this.registerOutputs({ addresses: this.addresses });
  }
}
