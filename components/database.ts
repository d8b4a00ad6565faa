/**
 * The database of a stack: a PostgreSQL server, for the experiments that are open.
 * @module
 */
import { ComponentResource, type ComponentResourceOptions, type Resource, secret } from "@pulumi/pulumi";
import { locateDatabase } from "../framework/postgres/address.ts";
import type { Platform } from "./platform/platform.ts";
import { nodeCommand } from "./programs.ts";

export interface DatabaseArgs {
  readonly platform: Platform;
  /** The folder of its data, absolute. */
  readonly data: string;
  /** The port it listens on, on loopback. */
  readonly port: number;
  /** The password of its owner. Secret. */
  readonly password: string;
}

/**
 * A PostgreSQL server of the stack's own.
 *
 * @example
 * const database = new Database("database", { platform, data: stack.paths.database, port: 9014, password });
 */
export class Database extends ComponentResource {
  /** Where it is, with the owner's name and password. Secret. */
  readonly address: string;
  /** What runs it: ready when it listens. */
  readonly service: Resource;

  constructor(name: string, args: DatabaseArgs, options?: ComponentResourceOptions) {
    super("steward:index:Database", name, {}, options);
    const { platform, data, port, password } = args;
    this.address = locateDatabase({ port, password });
    this.service = platform.run(
      {
        name,
        command: nodeCommand("framework/postgres/main"),
        environment: { STEWARD_DATABASE_FOLDER: data, STEWARD_PORT: String(port) },
        secrets: { STEWARD_DATABASE_PASSWORD: secret(password) },
        ports: { postgres: port },
        probe: { kind: "tcp", port },
        stopSeconds: 20,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
