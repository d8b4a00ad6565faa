/**
 * Deploys a project of the bench through the engine, as its resources would: faster than a Pulumi update of a thousand.
 * @module
 */
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { collectLocalFacts } from "../../../framework/cli/collect-facts.ts";
import type { Connection } from "../../../framework/connection/connection.ts";
import { mapConcurrently } from "../../../framework/data/concurrency.ts";
import type { FeaturesSpec, TrainingJobSpec } from "../../../framework/definitions/spec.ts";
import { type Engine, openEngine } from "../../../framework/engine/engine.ts";
import type { EntityKind } from "../../../framework/engine/entity-names.ts";
import type { EntityStatus } from "../../../framework/engine/entity-status.ts";
import type { ApplyMessage } from "../../../framework/engine/messages.ts";
import { desireModel, referTo } from "../../../framework/plan/desired.ts";
import { digestOf } from "../../../framework/plan/digest.ts";
import { openStore, type Store } from "../../../framework/store/store.ts";
import { describeTrainer } from "../../../framework/training/trainer-closure.ts";

/** How many requests are under way at once. */
const inFlight = 16;

export interface Deployment {
  /** The checkout that the project imports the framework from, absolute. */
  readonly root: string;
  /** The project file, absolute. */
  readonly file: string;
  /** A stack that is up, whose worker does the work. */
  readonly connection: Connection;
  readonly signal: AbortSignal;
}

interface Wish {
  readonly kind: EntityKind;
  readonly name: string;
  readonly desired: ApplyMessage["desired"];
}

/** Deploys the datasets and then the models of a project, and waits until all are ready. */
export async function deployThroughEngine({ root, file, connection, signal }: Deployment): Promise<void> {
  const { loadProject } = await importLoader(root);
  const loaded = await loadProject({ file, environment: "local", root: dirname(file) });
  const { spec } = loaded;
  const { sources } = await collectLocalFacts({ project: spec, loaded, inputs: {} });
  const specs = new Map(spec.definitions.map((definition) => [`${definition.kind}/${definition.name}`, definition]));
  await using engine = await openEngine(connection.engine);
  const store = openStore(connection.store);
  await mapConcurrently(spec.definitions, inFlight, (definition) => store.putJson(definition));

  const tell = async (wishes: readonly Wish[]): Promise<readonly EntityStatus[]> => {
    await mapConcurrently(wishes, inFlight, async ({ kind, name, desired }) => {
      signal.throwIfAborted();
      const message = {
        actor: { id: "bench", via: "test" },
        owner: connection.owner,
        adopt: false,
        digest: digestOf(desired),
        desired,
      } as const;
      await engine.apply({ project: spec.name, kind, name }, message);
    });
    return waitUntilReady(engine, { project: spec.name, kind: wishes[0]?.kind, count: wishes.length, signal });
  };

  const datasets = spec.definitions.flatMap((dataset): Wish[] => {
    const source = sources[dataset.name];
    return dataset.kind === "dataset" && source
      ? [{ kind: "dataset", name: dataset.name, desired: { kind: "dataset", spec: referTo(dataset), ...source } }]
      : [];
  });
  const roots = new Map(
    (await tell(datasets)).flatMap(({ name, live }) => (live?.kind === "dataset" ? [[name, live.root] as const] : [])),
  );
  const models = spec.definitions.filter((definition) => definition.kind === "model");
  const wishes = await mapConcurrently(models, inFlight, async (model): Promise<Wish> => {
    const training = find<TrainingJobSpec>(specs, `training-job/${model.training}`);
    const features = Object.fromEntries(
      training.features.map(({ set }) => [set, find<FeaturesSpec>(specs, `features/${set}`)]),
    );
    const used = Object.fromEntries(Object.values(features).map(({ from }) => [from, roots.get(from) ?? ""]));
    const trainer = await uploadTrainer(store, loaded.folder, training);
    return {
      kind: "model",
      name: model.name,
      desired: desireModel(model, { training, features, specs, roots: used, trainer }),
    };
  });
  await tell(wishes);
}

/** The checkout's own: a project may read no framework but the one that evaluates it. */
async function importLoader(root: string) {
  type Loader = typeof import("../../../framework/project/load-project.ts");
  return (await import(join(root, "framework/project/load-project.ts"))) as Loader;
}

async function uploadTrainer(store: Store, folder: string, { trainer }: TrainingJobSpec) {
  const closure = describeTrainer(folder, trainer);
  for (const { path } of closure.files) await store.putFile(join(folder, path));
  return store.putJson(closure);
}

interface Awaited {
  readonly project: string;
  readonly kind: EntityKind | undefined;
  readonly count: number;
  readonly signal: AbortSignal;
}

async function waitUntilReady(
  engine: Engine,
  { project, kind, count, signal }: Awaited,
): Promise<readonly EntityStatus[]> {
  for (;;) {
    signal.throwIfAborted();
    const statuses = (await engine.list(project)).filter((status) => status.kind === kind);
    const failed = statuses.find(({ state }) => state === "failed");
    if (failed) throw new Error(`${failed.kind} ${failed.name} failed: ${failed.reasons.join(" ")}`);
    if (statuses.filter(({ state, settled }) => state === "ready" && settled > 0).length === count) return statuses;
    await delay(500, undefined, { signal });
  }
}

function find<S>(specs: ReadonlyMap<string, unknown>, key: string): S {
  const spec = specs.get(key);
  if (spec === undefined) throw new Error(`the project has no ${key}`);
  return spec as S;
}
