/**
 * The workflow engine of a stack: a Temporal server with its namespace and search attributes made.
 * @module
 */
import { ComponentResource, type ComponentResourceOptions, type Resource } from "@pulumi/pulumi";
import { type EnginePorts, enginePortNames } from "../framework/connection/temporal-config.ts";
import { type ConnectionArgs, printConnection } from "./connection.ts";
import type { Platform } from "./platform/platform.ts";
import { nodeCommand } from "./programs.ts";

export interface WorkflowEngineArgs {
  readonly platform: Platform;
  /** The `temporal-server` program, absolute. */
  readonly program: string;
  /** Its configuration file, absolute. */
  readonly config: string;
  /** The ports that the configuration names. */
  readonly ports: EnginePorts;
  readonly connection: ConnectionArgs;
}

/** A durable workflow engine. */
export class WorkflowEngine extends ComponentResource {
  /** What runs it: ready when the namespace is there. */
  readonly service: Resource;

  constructor(name: string, args: WorkflowEngineArgs, options?: ComponentResourceOptions) {
    super("steward:index:WorkflowEngine", name, {}, options);
    const { platform, program, config, ports, connection } = args;
    this.service = platform.run(
      {
        name,
        command: [program, "--config-file", config, "--allow-no-auth", "start"],
        secrets: { STEWARD_CONNECTION: printConnection(connection) },
        ports: Object.fromEntries(enginePortNames.map((port) => [port, ports[port]])),
        probe: { kind: "tcp", port: ports.engine },
        startSeconds: 120,
        stopSeconds: 20,
        afterStart: nodeCommand("framework/connection/prepare", "engine"),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
