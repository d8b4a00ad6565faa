/**
 * Endpoints with an experiment for tests, beside the entities of its arms' models on a real engine. What their looks come to, a test says.
 * @module
 */
import { afterAll, beforeAll } from "vitest";
import type { DealtExperiment } from "../../framework/definitions/experiment-spec.ts";
import type { EntityKind } from "../../framework/engine/entity-names.ts";
import type { LookAnswer } from "../../workflows/endpoint/messages.ts";
import { FakeWorld } from "./fake-world.ts";
import { startTestEngine, type TestEngine } from "./given-engine.ts";
import { keepHistory } from "./golden.ts";
import { readTimeline } from "./timeline.ts";
import { wishEndpoint, wishModel } from "./wishes.ts";

/** An experiment of one name, of two arms or three. */
interface Trees extends Partial<NonNullable<DealtExperiment["looks"]>> {
  /** Whether there is a third arm. @default there are two */
  readonly three?: boolean;
}

function treesOn(endpoint: string, { three = false, ...looks }: Trees = {}): DealtExperiment {
  const other = { name: "other", model: `${endpoint}-other`, weight: 2000 };
  const arms = [
    { name: "control", model: `${endpoint}-model`, weight: three ? 6000 : 8000 },
    { name: "bigger", model: `${endpoint}-large`, weight: 2000 },
    ...(three ? [other] : []),
  ];
  const how = { identity: `trees-of-${endpoint}`, pause: 0.1, decide: "recommend", ...looks } as const;
  return { name: "trees", control: "control", arms, salt: `${endpoint}/trees`, looks: how };
}

export function entity(kind: EntityKind, name: string) {
  return { project: "shop", kind, name } as const;
}

/** What a look says that finds a winner. */
export const won = { verdict: "winner", winner: "bigger", sentence: 'Arm "bigger" is better.' } as const;

/** An engine for the tests of one file, and what is asked of its entities. */
export function useLooks() {
  const world = new FakeWorld();
  let started: TestEngine | undefined;
  let worker: Awaited<ReturnType<TestEngine["startWorker"]>> | undefined;
  const engine = (): TestEngine => {
    if (!started) throw new Error("the engine is started before the tests");
    return started;
  };
  beforeAll(async () => {
    started = await startTestEngine();
    worker = await started.startWorker(world);
  });
  afterAll(() => started?.end());

  /** Releases a version of a model. Those of jobs `a@1` and `a@2` differ in their rows alone. */
  const release = async (model: string, job: string) => {
    await engine().engine.apply(entity("model", model), wishModel({ spec: model, training: job }));
    return engine().settled(entity("model", model));
  };
  const point = async (name: string, trees: Trees = {}) => {
    const online = { experiment: treesOn(name, trees) };
    await engine().engine.apply(entity("endpoint", name), wishEndpoint(`${name}-model`, { online }));
    return engine().settled(entity("endpoint", name));
  };
  const last = (name: string) => world.routings.findLast(({ endpoint }) => endpoint === name);
  return {
    world,
    given: engine,
    release,
    point,
    last,
    /** An endpoint whose arms' models have a release each. */
    begin: async (name: string, trees: Trees = {}) => {
      const models = treesOn(name, trees).arms.map((arm) => arm.model);
      await Promise.all(models.map((one) => release(one, `${one}@1`)));
      return point(name, trees);
    },
    routed: (name: string) =>
      last(name)?.variants.map((one) => `${one.name} ${one.model} v${one.version} ${one.weight}`),
    timeline: (name: string) => readTimeline(engine().client, `shop/endpoint/${name}`),
    says: (name: string, answer: Partial<LookAnswer>) =>
      world.looksAt.set(name, async () => ({ look: `decided-${name}`, ...answer })),
    untilSaid: (name: string, summary: string) =>
      engine().until(entity("endpoint", name), (one) => one.summary === summary),
    untilVersion: (name: string, version: number) =>
      engine().until(entity("model", name), ({ live }) => live?.kind === "model" && live.version === version),
    keep: (path: string, kind: EntityKind, name: string) =>
      keepHistory(engine().client, `${kind}Entity/${path}`, `shop/${kind}/${name}`),
    /** The worker is lost, and another one comes. */
    changeWorker: async () => {
      await worker?.stop();
      worker = await engine().startWorker(world);
    },
  };
}
