/**
 * A project: its definitions as resources, each after those it refers to.
 * @module
 */
import { ComponentResource, type ComponentResourceOptions, type Output, type Resource } from "@pulumi/pulumi";
import { listBeside } from "../framework/definitions/models-beside.ts";
import type {
  DatasetSpec,
  DefinitionKind,
  DefinitionSpec,
  EndpointSpec,
  FeaturesSpec,
  ModelSpec,
  ProjectSpec,
  TrainingJobSpec,
} from "../framework/definitions/spec.ts";
import { listOnlineDatasets } from "../framework/plan/online-needs.ts";
import type { ConnectionArgs } from "./connection.ts";
import {
  DatasetResource,
  EndpointResource,
  FeaturesResource,
  ModelResource,
  type TrainerFiles,
  TrainingJobResource,
} from "./resources.ts";

/** Where a source is. */
export interface LocatedSource {
  /** Where the worker finds it: on this machine absolute, elsewhere what people are told of it. */
  readonly location: string;
  /** Its content, as a digest; "" of a source that a worker looks at. */
  readonly fingerprint: string;
  /** The files of a derived dataset's programs, in the order of its steps. @default it has none */
  readonly programs?: readonly TrainerFiles[];
}

export interface ProjectArgs {
  readonly spec: ProjectSpec;
  readonly connection: ConnectionArgs;
  /** The source of each dataset, by the dataset's name. */
  readonly sources: Readonly<Record<string, LocatedSource>>;
  /** The files of each trainer, by the training job's name. */
  readonly trainers: Readonly<Record<string, TrainerFiles>>;
  /** The model server of each endpoint, by the endpoint's name. */
  readonly servers: Readonly<Record<string, { readonly address: string; readonly service: Resource }>>;
  /** What every definition needs to be running: engine, store and worker. */
  readonly needs: readonly Resource[];
}

/** The definitions of a project, handed to their entities. */
export class Project extends ComponentResource {
  /** Where each endpoint answers, by its name. */
  readonly urls: Readonly<Record<string, Output<string>>>;
  /** How far each dataset, model and endpoint is, by `kind/name`. */
  readonly statuses: Readonly<Record<string, Output<string>>>;
  readonly #args: ProjectArgs;
  readonly #made = {
    dataset: new Map<string, DatasetResource>(),
    features: new Map<string, FeaturesResource>(),
    "training-job": new Map<string, TrainingJobResource>(),
    model: new Map<string, ModelResource>(),
    endpoint: new Map<string, EndpointResource>(),
  } satisfies Record<DefinitionKind, Map<string, Resource>>;

  constructor(name: string, args: ProjectArgs, options?: ComponentResourceOptions) {
    super("steward:index:Project", name, {}, options);
    this.#args = args;
    for (const spec of args.spec.definitions) this.#declare(spec);
    const { dataset, model, endpoint } = this.#made;
    this.urls = Object.fromEntries([...endpoint].map(([key, { url }]) => [key, url]));
    this.statuses = Object.fromEntries(
      Object.entries({ dataset, model, endpoint }).flatMap(([kind, made]) =>
        [...made].map(([key, { status }]) => [`${kind}/${key}`, status]),
      ),
    );
    this.registerOutputs({ urls: this.urls });
  }

  #declare(spec: DefinitionSpec): void {
    switch (spec.kind) {
      case "dataset":
        this.#declareDataset(spec);
        break;
      case "features":
        this.#declareFeatures(spec);
        break;
      case "training-job":
        this.#declareTrainingJob(spec);
        break;
      case "model":
        this.#declareModel(spec);
        break;
      case "endpoint":
        this.#declareEndpoint(spec);
        break;
    }
  }

  #declareDataset(spec: DatasetSpec): void {
    const located = require(this.#args.sources, spec.name);
    const { source } = spec;
    const upstream =
      source.kind === "derived"
        ? { upstream: Object.fromEntries(source.from.map((name) => [name, find(this.#made.dataset, name).root])) }
        : {};
    const args = { ...this.#shared(), spec, ...located, ...upstream };
    this.#made.dataset.set(spec.name, new DatasetResource(spec.name, args, this.#options()));
  }

  #declareFeatures(spec: FeaturesSpec): void {
    this.#made.features.set(spec.name, new FeaturesResource(spec.name, { ...this.#shared(), spec }, this.#options()));
  }

  #declareTrainingJob(spec: TrainingJobSpec): void {
    const trainer = require(this.#args.trainers, spec.name);
    this.#made["training-job"].set(
      spec.name,
      new TrainingJobResource(spec.name, { ...this.#shared(), spec, trainer }, this.#options()),
    );
  }

  #declareModel(spec: ModelSpec): void {
    const job = this.#specOf("training-job", spec.training);
    const sets = job.features.map(({ set }) => this.#specOf("features", set));
    const { reference, closure } = find(this.#made["training-job"], spec.training);
    const features = Object.fromEntries(sets.map((set) => [set.name, find(this.#made.features, set.name).reference]));
    const datasets = Object.fromEntries(
      sets.map(({ from }) => {
        const dataset = find(this.#made.dataset, from);
        return [from, { spec: dataset.reference, root: dataset.root }];
      }),
    );
    const args = { ...this.#shared(), spec, training: { reference, closure }, features, datasets };
    this.#made.model.set(spec.name, new ModelResource(spec.name, args, this.#options()));
  }

  #declareEndpoint(spec: EndpointSpec): void {
    const model = find(this.#made.model, spec.model);
    const { address, service } = require(this.#args.servers, spec.name);
    const online = this.#listOnline(spec);
    const args = {
      ...this.#shared(),
      spec,
      address,
      model: { package: model.package, version: model.version },
      ...(online.length > 0 && {
        datasets: Object.fromEntries(online.map((name) => [name, find(this.#made.dataset, name).root])),
      }),
    };
    // The models that answer beside its own, or are asked unseen, are there before it.
    const others = listBeside(spec).map((name) => find(this.#made.model, name));
    this.#made.endpoint.set(spec.name, new EndpointResource(spec.name, args, this.#options(service, ...others)));
  }

  /** The datasets that the server of an endpoint looks features up of: a new version of one is news for the endpoint. */
  #listOnline(spec: EndpointSpec): readonly string[] {
    const models = [spec.model, ...listBeside(spec)];
    return [...new Set(models.flatMap((one) => this.#listOnlineOf(one)))].sort();
  }

  #listOnlineOf(model: string): readonly string[] {
    const training = this.#specOf("training-job", this.#specOf("model", model).training);
    const sets = training.features.map(({ set }) => [set, this.#specOf("features", set)] as const);
    return listOnlineDatasets({ training, features: Object.fromEntries(sets) });
  }

  #shared() {
    return { project: this.#args.spec.name, connection: this.#args.connection };
  }

  #options(...more: readonly Resource[]) {
    return { parent: this, dependsOn: [...this.#args.needs, ...more] };
  }

  #specOf<K extends DefinitionKind>(kind: K, name: string): Extract<DefinitionSpec, { kind: K }> {
    const found = this.#args.spec.definitions.find(
      (spec): spec is Extract<DefinitionSpec, { kind: K }> => spec.kind === kind && spec.name === name,
    );
    if (!found) throw new Error(`the project has no ${kind} "${name}"`);
    return found;
  }
}

function find<T>(made: ReadonlyMap<string, T>, name: string): T {
  const found = made.get(name);
  if (!found) throw new Error(`"${name}" must come before what refers to it`);
  return found;
}

function require<T>(parts: Readonly<Record<string, T>>, name: string): T {
  const found = parts[name];
  if (!found) throw new Error(`nothing was prepared for "${name}"`);
  return found;
}
