/**
 * The resources of the provider `steward` as Pulumi's programs declare them.
 * @module
 */
import { CustomResource, type CustomResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import type { Script } from "../framework/definitions/script-arguments.ts";
import type {
  DatasetSpec,
  EndpointSpec,
  FeaturesSpec,
  ModelSpec,
  TrainingJobSpec,
} from "../framework/definitions/spec.ts";
import type { EntityState } from "../framework/engine/entity-status.ts";
import type { Reference } from "../framework/store/reference.ts";
import type { ConnectionArgs } from "./connection.ts";
import type { ServiceArgs } from "./platform/platform.ts";

interface ServiceResourceArgs {
  /** The folder of the stack that the service belongs to, absolute. */
  readonly stackFolder: Input<string>;
  readonly service: ServiceArgs;
}

/** A program that the supervisor of the local platform keeps running. */
export class ServiceResource extends CustomResource {
  /** The digest of the description that runs. */
  declare readonly digest: Output<string>;
  declare readonly state: Output<string>;
  /** One line for people. */
  declare readonly status: Output<string>;

  constructor(name: string, args: ServiceResourceArgs, options?: CustomResourceOptions) {
    super("steward:local:Service", name, { ...args, digest: undefined, state: undefined, status: undefined }, options);
  }
}

interface DefinitionArgs<Spec> {
  readonly project: Input<string>;
  readonly connection: ConnectionArgs;
  readonly spec: Input<Spec>;
}

/** What is true of an entity: the outputs that datasets, models and endpoints share. */
const entityOutputs = { generation: undefined, state: undefined, status: undefined };

interface DatasetArgs extends DefinitionArgs<DatasetSpec> {
  /** Where the worker finds the source. */
  readonly location: Input<string>;
  /** The source's content, as a digest; "" where a worker looks at it. */
  readonly fingerprint: Input<string>;
  /** The root of the version of each dataset that it is derived from, by name. @default it is derived from none */
  readonly upstream?: Input<Record<string, Input<string>>>;
  /** The files of its steps' programs, which are uploaded from their folder. @default it has none */
  readonly programs?: Input<readonly TrainerFiles[]>;
}

/** A source under a contract, ingested into immutable versions. */
export class DatasetResource extends CustomResource {
  /** The stored spec. */
  declare readonly reference: Output<Reference>;
  /** The root of the version in use. Unknown in a preview exactly when an ingest will run. */
  declare readonly root: Output<string>;
  declare readonly rows: Output<number>;
  declare readonly quarantined: Output<number>;
  declare readonly generation: Output<number>;
  declare readonly state: Output<EntityState>;
  declare readonly status: Output<string>;

  constructor(name: string, args: DatasetArgs, options?: CustomResourceOptions) {
    const outputs = {
      reference: undefined,
      root: undefined,
      rows: undefined,
      quarantined: undefined,
      ...entityOutputs,
    };
    super("steward:index:Dataset", name, { ...args, ...outputs }, options);
  }
}

/** A set of feature expressions. */
export class FeaturesResource extends CustomResource {
  declare readonly digest: Output<string>;
  /** The stored spec. */
  declare readonly reference: Output<Reference>;

  constructor(name: string, args: DefinitionArgs<FeaturesSpec>, options?: CustomResourceOptions) {
    super("steward:index:Features", name, { ...args, digest: undefined, reference: undefined }, options);
  }
}

interface TrainingJobArgs extends DefinitionArgs<TrainingJobSpec> {
  /** The files of the trainer, which are uploaded from the folder. */
  readonly trainer: Input<TrainerFiles>;
}

/** A program that trains or derives, with everything it needs beside an interpreter. Paths are relative to the folder. */
export interface TrainerFiles {
  /** @default "python" */
  readonly kind?: "python" | "typescript";
  readonly folder: string;
  readonly entry: string;
  readonly lock: string;
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly size: number }[];
  /** How an MLflow script is told of its job. @default it is none */
  readonly script?: Script;
}

/** How a model is trained. */
export class TrainingJobResource extends CustomResource {
  declare readonly digest: Output<string>;
  /** The stored spec. */
  declare readonly reference: Output<Reference>;
  /** The stored record of the trainer's files. */
  declare readonly closure: Output<Reference>;

  constructor(name: string, args: TrainingJobArgs, options?: CustomResourceOptions) {
    super(
      "steward:index:TrainingJob",
      name,
      { ...args, digest: undefined, reference: undefined, closure: undefined },
      options,
    );
  }
}

interface ModelArgs extends DefinitionArgs<ModelSpec> {
  readonly training: Input<{ readonly reference: Input<Reference>; readonly closure: Input<Reference> }>;
  /** The stored feature sets, by name. */
  readonly features: Input<Record<string, Input<Reference>>>;
  /** The datasets to train on and the version of each, by name. */
  readonly datasets: Input<Record<string, Input<{ readonly spec: Input<Reference>; readonly root: Input<string> }>>>;
}

/** What is trained, judged, approved and released. */
export class ModelResource extends CustomResource {
  /** Counts releases. Absent while nothing is in production. */
  declare readonly version: Output<number | undefined>;
  /** The digest of the package in production. Unknown in a preview exactly when the model will be trained. */
  declare readonly package: Output<string | undefined>;
  /** The digest of its evaluation. */
  declare readonly evaluation: Output<string | undefined>;
  declare readonly generation: Output<number>;
  declare readonly state: Output<EntityState>;
  declare readonly status: Output<string>;

  constructor(name: string, args: ModelArgs, options?: CustomResourceOptions) {
    super(
      "steward:index:Model",
      name,
      { ...args, version: undefined, package: undefined, evaluation: undefined, ...entityOutputs },
      options,
    );
  }
}

interface EndpointArgs extends DefinitionArgs<EndpointSpec> {
  /** Where its model server answers. */
  readonly address: Input<string>;
  /** What its model has in production. */
  readonly model: Input<{ readonly package: Input<string | undefined>; readonly version: Input<number | undefined> }>;
  /** The root of the version of each dataset that the server looks features up of, by name. @default it looks none up */
  readonly datasets?: Input<Record<string, Input<string>>>;
}

/** Where a model answers. */
export class EndpointResource extends CustomResource {
  /** The digest of the package it answers with. Absent while its model has no release. */
  declare readonly package: Output<string | undefined>;
  declare readonly version: Output<number | undefined>;
  declare readonly generation: Output<number>;
  declare readonly state: Output<EntityState>;
  declare readonly status: Output<string>;
  /** Where the model's metadata and predictions are. */
  declare readonly url: Output<string>;

  constructor(name: string, args: EndpointArgs, options?: CustomResourceOptions) {
    super(
      "steward:index:Endpoint",
      name,
      { ...args, package: undefined, version: undefined, url: undefined, ...entityOutputs },
      options,
    );
  }
}
