/**
 * Takes the snapshot that a plan is made from: sources, trainers, entities, what was deployed, which results are there.
 * @module
 */
import { availableParallelism } from "node:os";
import { findVersion } from "../data/find-version.ts";
import { type DefinitionKind, type DefinitionSpec, definitionSpec, type ProjectSpec } from "../definitions/spec.ts";
import type { DesiredModel } from "../engine/desired.ts";
import type { Engine } from "../engine/engine.ts";
import type { EntityStatus } from "../engine/entity-status.ts";
import { findEvaluation } from "../evaluation/find-evaluation.ts";
import { findTrainingSet } from "../features/find-training-set.ts";
import { findPackage } from "../models/find-package.ts";
import type { ProductionRecipe } from "../plan/comparison.ts";
import { referTo } from "../plan/desired.ts";
import type { Facts } from "../plan/facts.ts";
import { planDefinitions } from "../plan/plan.ts";
import type { Reference } from "../store/reference.ts";
import type { Store } from "../store/store.ts";
import { findProjectFiles } from "../training/project-files.ts";
import type { Stack } from "./stack.ts";

/** How each kind of result that a plan asks for is found: whole, as the workflows look for it, or not at all. */
const finders: Readonly<Record<string, (store: Store, identity: string) => Promise<Finding>>> = {
  version: async (store, identity) => {
    const found = await findVersion(store, identity);
    return found ? { digest: found.root } : {};
  },
  "training-set": findTrainingSet,
  package: findPackage,
  evaluation: findEvaluation,
  spec: async (store, digest) => ((await store.has(digest)) ? { digest } : {}),
};

/** The digest of a result that is whole; of one that was made and is not, what is lost of it. */
interface Finding {
  readonly digest?: string;
  readonly lost?: string;
}

/** What of a stack is looked at. */
type Surveyed = Pick<Stack, "project" | "inputs" | "hasCluster"> & { readonly loaded: Pick<Stack["loaded"], "folder"> };

/** Where deployed facts come from. */
export interface FactSources {
  readonly engine: Pick<Engine, "list">;
  /** A function opens the store when something has to be read, which an unchanged project never asks for. */
  readonly store: Store | (() => Promise<Store>);
}

/** Facts without a stack: nothing was ever deployed. @throws StewardError with every source and trainer that is not there */
export async function collectLocalFacts({ project, loaded, inputs, hasCluster = false }: Surveyed): Promise<Facts> {
  const { sources, trainers, gpus } = await findProjectFiles({ ...project, hasCluster }, loaded.folder, inputs);
  const closures = Object.entries(trainers).map(([name, closure]) => [name, referTo(closure)] as const);
  const known = Object.entries(sources).map(([name, { programs, ...source }]) => {
    return [name, programs ? { ...source, programs: programs.map(referTo) } : source] as const;
  });
  return {
    sources: Object.fromEntries(known),
    trainers: Object.fromEntries(closures),
    entities: [],
    deployed: {},
    production: {},
    // Of jobs that run on this machine, how many at a time is of interest where there are many of them.
    ...(!hasCluster && project.definitions.some(isTuned) && { cores: availableParallelism() }),
    ...(gpus && { gpus: gpus.map(({ name }) => name) }),
    artefacts: new Map(),
  };
}

function isTuned(spec: DefinitionSpec): boolean {
  return spec.kind === "training-job" && spec.tuning !== undefined;
}

/** Facts of a stack that was brought up. @throws StewardError when its engine or store does not answer, or as `collectLocalFacts` */
export async function collectFacts(stack: Surveyed, { engine, store }: FactSources): Promise<Facts> {
  const [local, entities] = await Promise.all([collectLocalFacts(stack), engine.list(stack.project.name)]);
  let opened: Promise<Store> | undefined;
  const open = (): Promise<Store> => {
    opened ??= typeof store === "function" ? store() : Promise.resolve(store);
    return opened;
  };
  const read = new SpecReader(stack.project, open);
  const deployed: Record<string, DefinitionSpec> = {};
  const production: Record<string, ProductionRecipe> = {};
  await Promise.all(
    entities.map(async (status) => {
      for (const spec of await read.deployedBy(status)) deployed[`${spec.kind}/${spec.name}`] = spec;
      if (status.live?.kind === "model") production[status.name] = await read.recipe(status.live.desired);
    }),
  );
  return findArtefacts(stack, open, { ...local, entities, deployed, production });
}

/** Reads specs by reference; those that the project still has need no reading, and none is read twice. */
class SpecReader {
  readonly #known: Map<string, Promise<DefinitionSpec>>;
  readonly #open: () => Promise<Store>;

  constructor({ definitions }: ProjectSpec, open: () => Promise<Store>) {
    this.#known = new Map(definitions.map((spec) => [referTo(spec).sha256, Promise.resolve(spec)]));
    this.#open = open;
  }

  deployedBy({ desired }: EntityStatus): Promise<readonly DefinitionSpec[]> {
    const references = [
      desired.spec,
      ...(desired.kind === "model" ? [desired.training, ...Object.values(desired.features)] : []),
    ];
    return Promise.all(references.map((reference) => this.#read(reference)));
  }

  async recipe({ spec, training, features }: DesiredModel): Promise<ProductionRecipe> {
    const sets = Object.entries(features).map(
      async ([set, reference]) => [set, await this.#readOne("features", reference)] as const,
    );
    return {
      model: await this.#readOne("model", spec),
      training: await this.#readOne("training-job", training),
      features: Object.fromEntries(await Promise.all(sets)),
    };
  }

  async #readOne<K extends DefinitionKind>(kind: K, reference: Reference): Promise<SpecOf<K>> {
    const spec = await this.#read(reference);
    if (isOfKind(spec, kind)) return spec;
    throw new TypeError(`${reference.sha256} is stored as the spec of a ${kind} and is one of a ${spec.kind}`);
  }

  #read(reference: Reference): Promise<DefinitionSpec> {
    const known = this.#known.get(reference.sha256);
    if (known) return known;
    const spec = this.#open().then((store) => store.getJson(reference, definitionSpec));
    this.#known.set(reference.sha256, spec);
    return spec;
  }
}

type SpecOf<K extends DefinitionKind> = Extract<DefinitionSpec, { readonly kind: K }>;

function isOfKind<K extends DefinitionKind>(spec: DefinitionSpec, kind: K): spec is SpecOf<K> {
  return spec.kind === kind;
}

/**
 * Looks up the results that the plan depends on. Which those are only the planner knows: it plans, what it asked for and
 * was not known is looked up, and so on until it asks for nothing new. An unchanged project asks for nothing.
 */
async function findArtefacts({ project }: Surveyed, open: () => Promise<Store>, facts: Facts): Promise<Facts> {
  const found = new Map<string, string>();
  const lost = new Map<string, string>();
  const looked = new Set<string>();
  for (;;) {
    const asked = new Set<string>();
    const artefacts = new RecordingMap(found, asked);
    planDefinitions(project, { ...facts, artefacts, lost });
    const fresh = [...asked].filter((key) => !looked.has(key));
    if (fresh.length === 0) return { ...facts, artefacts: found, ...(lost.size > 0 && { lost }) };
    const store = await open();
    await Promise.all(
      fresh.map(async (key) => {
        looked.add(key);
        const [kind = "", identity = ""] = key.split("/");
        const finding = await finders[kind]?.(store, identity);
        if (finding?.digest !== undefined) found.set(key, finding.digest);
        if (finding?.lost !== undefined) lost.set(key, finding.lost);
      }),
    );
  }
}

/** A map that notes what is asked of it. */
class RecordingMap extends Map<string, string> {
  readonly #asked: Set<string>;

  constructor(entries: ReadonlyMap<string, string>, asked: Set<string>) {
    super(entries);
    this.#asked = asked;
  }

  override get(key: string): string | undefined {
    this.#asked.add(key);
    return super.get(key);
  }

  override has(key: string): boolean {
    this.#asked.add(key);
    return super.has(key);
  }
}
