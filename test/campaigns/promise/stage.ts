/**
 * The stage of a campaign: a real stack with the shop's files, on which a state is planned and applied as the provider
 * does it, and people act.
 * @module
 */
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { collectFacts } from "../../../framework/cli/collect-facts.ts";
import { StewardError } from "../../../framework/definitions/problem.ts";
import type { FeaturesSpec, ProjectSpec, TrainingJobSpec } from "../../../framework/definitions/spec.ts";
import type { EntityKind } from "../../../framework/engine/entity-names.ts";
import type { EntityStatus } from "../../../framework/engine/entity-status.ts";
import type { ApplyMessage } from "../../../framework/engine/messages.ts";
import { trainingSetSchema } from "../../../framework/features/training-set.ts";
import { modelPackageSchema } from "../../../framework/models/model-package.ts";
import { desireModel, referTo } from "../../../framework/plan/desired.ts";
import { digestOf } from "../../../framework/plan/digest.ts";
import type { Facts } from "../../../framework/plan/facts.ts";
import { openClient } from "../../../framework/store/bucket.ts";
import { objectKey } from "../../../framework/store/keys.ts";
import { serviceSchema } from "../../../framework/supervisor/service.ts";
import { describeTrainer } from "../../../framework/training/trainer-closure.ts";
import { buildBundle } from "../../../workflows/bundle.ts";
import { startTestStack, type TestStack } from "../../support/stack.ts";
import { type Entity, Journal } from "./journal.ts";
import { describeShop, type ShopState, writeShop } from "./shop.ts";

const actor = { id: "campaign", via: "test" } as const;

/** What became of an application. */
export interface Outcome {
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
  readonly statuses: readonly EntityStatus[];
}

export class Stage {
  readonly stack: TestStack;
  readonly journal: Journal;
  readonly #folder: string;
  readonly #address: string;
  /** The entities that there are or were. */
  readonly #known = new Map<string, Entity>();
  readonly #retired = new Set<string>();

  private constructor(stack: TestStack, address: string) {
    this.stack = stack;
    this.#address = address;
    this.#folder = join(stack.scratch, "shop");
    this.journal = new Journal(stack.project, stack.engine.client, stack.connection.store);
  }

  /** Brings up a stack with a worker and the desk's model server. */
  static async open(port: number): Promise<Stage> {
    const stack = await startTestStack("shop");
    try {
      await stack.startWorker(await buildBundle(join(stack.scratch, "bundle")));
      await startServer(stack, port);
    } catch (error) {
      await stack.end();
      throw error;
    }
    return new Stage(stack, `http://127.0.0.1:${port}`);
  }

  get entities(): readonly Entity[] {
    return [...this.#known.values()];
  }

  /** Puts the files of a state in place, and describes its project. */
  async prepare(state: ShopState): Promise<ProjectSpec> {
    await writeShop(this.#folder, state);
    return describeShop(state);
  }

  /** The facts as `steward plan` collects them. */
  collect(project: ProjectSpec): Promise<Facts> {
    return collectFacts({ project, loaded: { folder: this.#folder }, inputs: {} }, this.stack);
  }

  /** Applies a project: datasets, then, after `ingested`, models, then endpoints; removals come last, and only when nothing failed. */
  async apply(project: ProjectSpec, facts: Facts, ingested: () => Promise<void>): Promise<Outcome> {
    const { store } = this.stack;
    const specs = new Map(project.definitions.map((spec) => [`${spec.kind}/${spec.name}`, spec]));
    for (const spec of project.definitions) await store.putJson(spec);
    const failed = new Set<string>();
    const skipped = new Set<string>();
    const roots = new Map<string, string>();
    const tell = async (entity: Entity, desired: ApplyMessage["desired"]): Promise<EntityStatus> => {
      const status = await this.#tell(entity, desired);
      if (status.state === "failed") failed.add(`${entity.kind}/${entity.name}`);
      return status;
    };

    await Promise.all(
      project.definitions.map(async (spec) => {
        const source = facts.sources[spec.name];
        if (spec.kind !== "dataset" || !source) return;
        const { live, state } = await tell(spec, { kind: "dataset", spec: referTo(spec), ...source });
        if (live?.kind === "dataset" && state === "ready") roots.set(spec.name, live.root);
      }),
    );
    await ingested();
    await Promise.all(
      project.definitions.map(async (spec) => {
        if (spec.kind !== "model") return;
        const training = find<TrainingJobSpec>(specs, `training-job/${spec.training}`);
        const features = Object.fromEntries(
          training.features.map(({ set }) => [set, find<FeaturesSpec>(specs, `features/${set}`)]),
        );
        const used = Object.values(features).map(({ from }) => [from, roots.get(from) ?? ""] as const);
        if (used.some(([, root]) => root === "")) {
          skipped.add(`model/${spec.name}`);
          return;
        }
        const trainer = await this.#uploadTrainer(training);
        await tell(spec, desireModel(spec, { training, features, specs, roots: Object.fromEntries(used), trainer }));
      }),
    );
    for (const spec of project.definitions) {
      if (spec.kind !== "endpoint") continue;
      const blocked = [...failed, ...skipped].includes(`model/${spec.model}`);
      if (blocked) skipped.add(`endpoint/${spec.name}`);
      else await tell(spec, { kind: "endpoint", spec: referTo(spec), model: spec.model, address: this.#address });
    }
    const removed = [...this.#known].filter(([key]) => !specs.has(key) && !this.#retired.has(key)).reverse();
    for (const [key, entity] of removed) {
      if (failed.size > 0) skipped.add(key);
      else await this.#retire(entity);
    }
    return { failed: [...failed], skipped: [...skipped], statuses: await this.settle() };
  }

  /** Waits until no entity is at work, endpoints have followed, and listings say the same. */
  async settle(): Promise<readonly EntityStatus[]> {
    const { engine, project } = this.stack;
    for (;;) {
      const open = this.entities.filter(({ kind, name }) => !this.#retired.has(`${kind}/${name}`));
      const statuses = (await Promise.all(open.map(({ kind, name }) => engine.status({ project, kind, name })))).filter(
        (status) => status !== undefined,
      );
      const versions = new Map(
        statuses.flatMap(({ kind, name, live }) =>
          kind === "model" && live?.kind === "model" ? [[name, live.version] as const] : [],
        ),
      );
      const busy = statuses.some(({ state, live, desired, settled, generation }) => {
        const version = desired.kind === "endpoint" ? versions.get(desired.model) : undefined;
        const behind =
          version !== undefined && state !== "failed" && !(live?.kind === "endpoint" && live.version === version);
        return state === "working" || settled < generation || behind;
      });
      if (!busy && (await this.#isListed(statuses))) return statuses;
      await delay(100);
    }
  }

  /** Waits until a model is being trained. */
  async awaitTraining(name: string): Promise<void> {
    while ((await this.stack.engine.status(this.#locate("model", name)))?.work?.step !== "train") await delay(50);
  }

  /** Has everybody approve whose approval the waiting candidates ask for. */
  async approve(): Promise<void> {
    for (const { name, candidate } of await this.settle()) {
      for (const id of candidate?.policy.from ?? []) {
        if (candidate)
          await this.stack.engine.approve(this.#locate("model", name), {
            actor: { ...actor, id },
            candidate: candidate.digest,
            reason: "",
          });
      }
    }
    await this.settle();
  }

  /** Turns down the candidates that wait. */
  async reject(): Promise<void> {
    for (const { name, candidate } of await this.settle()) {
      if (candidate)
        await this.stack.engine.reject(this.#locate("model", name), {
          actor,
          candidate: candidate.digest,
          reason: "not now",
        });
    }
    await this.settle();
  }

  /** Goes back to an earlier version, where there is one. */
  async rollBack(): Promise<void> {
    try {
      await this.stack.engine.rollback(this.#locate("model", "spender"), { actor, reason: "wrong answers" });
    } catch (error) {
      if (!(error instanceof StewardError)) throw error;
    }
    await this.settle();
  }

  /** Touches the source without changing a byte. */
  async touch(state: ShopState): Promise<void> {
    await utimes(join(this.#folder, state.file), new Date(), new Date());
  }

  /** Loses the test rows of the training sets that the plan counted on. */
  async loseTrainingSets(facts: Facts): Promise<void> {
    for (const digest of listArtefacts(facts, "training-set")) {
      const { splits } = await this.stack.store.getJson(digest, trainingSetSchema);
      await this.#lose(splits.test.object.sha256);
    }
  }

  /** Loses the models in the packages that the plan counted on. */
  async losePackages(facts: Facts): Promise<void> {
    for (const digest of listArtefacts(facts, "package")) {
      const { onnx } = await this.stack.store.getJson(digest, modelPackageSchema);
      await this.#lose(onnx.sha256);
    }
  }

  async #lose(digest: string): Promise<void> {
    const { store } = this.stack.connection;
    await openClient(store).removeObject(store.bucket, objectKey("", digest));
  }

  async #tell(entity: Entity, desired: ApplyMessage["desired"]): Promise<EntityStatus> {
    const { engine, connection } = this.stack;
    const { kind, name } = entity;
    this.#known.set(`${kind}/${name}`, { kind, name });
    this.#retired.delete(`${kind}/${name}`);
    const address = this.#locate(kind, name);
    const { generation } = await engine.apply(address, {
      actor,
      owner: connection.owner,
      adopt: false,
      digest: digestOf(desired),
      desired,
    });
    for (;;) {
      const status = await engine.status(address);
      if (status && status.settled >= generation && status.state !== "working") return status;
      await delay(50);
    }
  }

  async #retire({ kind, name }: Entity): Promise<void> {
    const { engine, connection, project } = this.stack;
    await engine.retire(this.#locate(kind, name), { actor, owner: connection.owner });
    await engine.client.workflow.getHandle(`${project}/${kind}/${name}`).result();
    this.#retired.add(`${kind}/${name}`);
  }

  async #uploadTrainer({ trainer }: TrainingJobSpec) {
    const { store } = this.stack;
    const closure = describeTrainer(this.#folder, trainer);
    for (const { path } of closure.files) await store.putFile(join(this.#folder, path));
    return store.putJson(closure);
  }

  /** Listings are a moment behind what entities say. */
  async #isListed(statuses: readonly EntityStatus[]): Promise<boolean> {
    const key = ({ kind, name }: Entity) => `${kind}/${name}`;
    const text = (of: readonly EntityStatus[]) => digestOf([...of].sort((a, b) => (key(a) < key(b) ? -1 : 1)));
    return text(await this.stack.engine.list(this.stack.project)) === text(statuses);
  }

  #locate(kind: EntityKind, name: string) {
    return { project: this.stack.project, kind, name };
  }
}

async function startServer({ scratch, supervisor, connection }: TestStack, port: number): Promise<void> {
  const server = serviceSchema.parse({
    name: "desk",
    command: [process.execPath, join(import.meta.dirname, "../../../framework/serving/main.ts")],
    environment: {
      STEWARD_ENDPOINT: "desk",
      STEWARD_MODEL: "spender",
      STEWARD_PORT: String(port),
      STEWARD_SEGMENTS: join(scratch, "segments"),
      STEWARD_LOG: JSON.stringify({ requests: "none", durability: "memory" }),
    },
    secrets: { STEWARD_CONNECTION: JSON.stringify(connection) },
    probe: { kind: "http", port, path: "/v2/health/live" },
  });
  await supervisor.apply(server);
  await supervisor.waitReady("desk");
}

function listArtefacts({ artefacts }: Facts, kind: string): string[] {
  return [...artefacts].flatMap(([key, digest]) => (key.startsWith(`${kind}/`) ? [digest] : []));
}

function find<S>(specs: ReadonlyMap<string, unknown>, key: string): S {
  const spec = specs.get(key);
  if (spec === undefined) throw new Error(`the shop has no ${key}`);
  return spec as S;
}
