/**
 * The local platform: services are processes of this machine, kept running by the supervisor of the stack's folder.
 * @module
 */
import { type CustomResourceOptions, type Resource, secret } from "@pulumi/pulumi";
import { ServiceResource } from "../resources.ts";
import type { Platform, ServiceArgs } from "./platform.ts";

/** Runs services under the supervisor of a folder. */
export class LocalPlatform implements Platform {
  readonly #stackFolder: string;

  /** @param stackFolder absolute; what the services keep lies in it */
  constructor(stackFolder: string) {
    this.#stackFolder = stackFolder;
  }

  run({ secrets = {}, ...service }: ServiceArgs, options: CustomResourceOptions): Resource {
    const hidden = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, secret(value)]));
    return new ServiceResource(
      service.name,
      { stackFolder: this.#stackFolder, service: { ...service, secrets: hidden } },
      options,
    );
  }
}
