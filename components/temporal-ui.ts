/**
 * The web page on which people follow workflows.
 * @module
 */
import { basename, dirname } from "node:path";
import { ComponentResource, type ComponentResourceOptions, type Resource } from "@pulumi/pulumi";
import type { Platform } from "./platform/platform.ts";

export interface TemporalUiArgs {
  readonly platform: Platform;
  /** The `temporal-ui` program, absolute. */
  readonly program: string;
  /** Its configuration file, absolute, with the ending `.yaml`. */
  readonly config: string;
  /** The port that the configuration names. */
  readonly port: number;
}

/** Temporal's UI server. */
export class TemporalUi extends ComponentResource {
  readonly service: Resource;

  constructor(name: string, args: TemporalUiArgs, options?: ComponentResourceOptions) {
    super("steward:index:TemporalUi", name, {}, options);
    const { platform, program, config, port } = args;
    this.service = platform.run(
      {
        name,
        command: [program, "--root", "/", "--config", dirname(config), "--env", basename(config, ".yaml"), "start"],
        ports: { http: port },
        probe: { kind: "http", port, path: "/healthz" },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
