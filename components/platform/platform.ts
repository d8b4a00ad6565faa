/**
 * A platform runs services: as supervised processes, as containers, as pods. Components describe what is to run and do
 * not know where.
 * @module
 */
import type { CustomResourceOptions, Input, Resource } from "@pulumi/pulumi";
import type { ServiceInput } from "../../framework/supervisor/service.ts";

/** A service whose secrets may be known only while a program runs. */
export interface ServiceArgs extends Omit<ServiceInput, "secrets"> {
  /** Variables that are secret, each an output marked so. @default {} */
  readonly secrets?: Readonly<Record<string, Input<string>>>;
}

/** Where services run. */
export interface Platform {
  /** Runs a service. The resource is there when the service is ready. */
  run(service: ServiceArgs, options: CustomResourceOptions): Resource;
}
