/**
 * The object store of a stack: MinIO, with both buckets made.
 * @module
 */
import { ComponentResource, type ComponentResourceOptions, type Resource } from "@pulumi/pulumi";
import { type ConnectionArgs, printConnection } from "./connection.ts";
import type { Platform } from "./platform/platform.ts";
import { nodeCommand } from "./programs.ts";

export interface ObjectStoreArgs {
  readonly platform: Platform;
  /** The `minio` program, absolute. */
  readonly program: string;
  /** The folder that the objects lie in, absolute. */
  readonly data: string;
  /** The port of MinIO's own web console, on loopback; the store's own port is in the connection. */
  readonly consolePort: number;
  readonly connection: ConnectionArgs;
}

/**
 * An object store that keeps S3's promises about conditional writes.
 *
 * @example
 * const store = new ObjectStore("store", { platform, program: minio.path, data, consolePort: 9001, connection });
 */
export class ObjectStore extends ComponentResource {
  /** What runs it: ready when the buckets are there. */
  readonly service: Resource;

  constructor(name: string, args: ObjectStoreArgs, options?: ComponentResourceOptions) {
    super("steward:index:ObjectStore", name, {}, options);
    const { platform, program, data, consolePort, connection } = args;
    const { endpoint, accessKey, secretKey } = connection.store;
    const { host, port } = new URL(endpoint);
    this.service = platform.run(
      {
        name,
        command: [
          program,
          "server",
          data,
          "--address",
          host,
          "--console-address",
          `127.0.0.1:${consolePort}`,
          "--quiet",
        ],
        environment: { MINIO_ROOT_USER: accessKey, MINIO_UPDATE: "off" },
        secrets: { MINIO_ROOT_PASSWORD: secretKey, STEWARD_CONNECTION: printConnection(connection) },
        ports: { s3: Number(port), console: consolePort },
        probe: { kind: "http", port: Number(port), path: "/minio/health/live" },
        afterStart: nodeCommand("framework/connection/prepare", "store"),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
