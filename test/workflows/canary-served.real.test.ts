/**
 * A canary on a real engine, over a real store, with a real model server under load.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Context } from "@temporalio/activity";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { formatOf } from "../../framework/definitions/format.ts";
import type { CanarySpec } from "../../framework/definitions/rollout-spec.ts";
import { productionRefName } from "../../framework/models/model-package.ts";
import { startServer } from "../../framework/serving/server.ts";
import type { ActivityTools } from "../../workflows/activity-tools.ts";
import { createEndpointActivities } from "../../workflows/endpoint/activities.ts";
import { createServeActivities } from "../../workflows/serve/activities.ts";
import { ask, infer, model, putPackage } from "../serving/storm-model.ts";
import { useStore } from "../support/test-store.ts";
import { FakeWorld, packageOf } from "./fake-world.ts";
import { quickCanary } from "./given-canary.ts";
import { startTestEngine, type TestEngine } from "./given-engine.ts";
import { performAlone } from "./long-work.ts";
import { wishModel } from "./wishes.ts";

const stored = useStore();
let given: TestEngine;
beforeAll(async () => {
  given = await startTestEngine();
}, 600_000);
afterAll(() => given.end());

const storms = { project: "shop", kind: "model", name: model } as const;
const desk = { project: "shop", kind: "endpoint", name: "desk" } as const;

it("moves callers step by step to a version that answers, and back from one that does not, dropping none", async () => {
  const { store } = stored;
  /** The packages that the world's runs come to. */
  const digests = new Map<string, string>();
  for (const [run, bias] of [
    ["one", 0],
    ["two", 0.1],
    ["three", -9],
    ["four", Number.NaN],
  ] as const)
    digests.set(packageOf(`run-of-${run}`), await putPackage(store, bias));
  const digestOf = (name: string) => digests.get(name) ?? "";
  const nameOf = (digest: string) => [...digests.values()].indexOf(digest) + 1;

  const world = new FakeWorld();
  const perform = <T>(work: () => Promise<T>) => work();
  const performLong: ActivityTools["performLong"] = (...asked) => {
    const { cancellationSignal: signal } = Context.current();
    const beat = setInterval(() => Context.current().heartbeat({ line: "waiting" }), 200);
    return performAlone({ signal })(...asked).finally(() => clearInterval(beat));
  };
  const real = createEndpointActivities({ store, perform, performLong });
  const { awaitServing } = createServeActivities({ performLong });
  await given.startWorker({
    activities: {
      ...world.activities,
      ...real,
      awaitServing,
      publishRouting: (input) =>
        real.publishRouting({
          ...input,
          variants: input.variants.map((variant) => ({ ...variant, package: digestOf(variant.package) })),
        }),
      publishRelease: async (input) => {
        await world.activities.publishRelease(input);
        const { fence: generation, version, package: name, evaluation } = input;
        const value = { format: formatOf("production"), generation, version, package: digestOf(name), evaluation };
        await store.moveRef(productionRefName(model), { generation, value });
      },
    },
  });
  const segments = await mkdtemp(join(tmpdir(), "steward-canary-"));
  onTestFinished(() => rm(segments, { recursive: true, force: true }));
  const server = await startServer({
    endpoint: "desk",
    model,
    store,
    segmentFolder: segments,
    log: { requests: "all", durability: "memory" },
    port: 0,
    pollMilliseconds: 50,
  });
  onTestFinished(() => server.close());

  const release = async (run: string) => {
    await given.engine.apply(storms, wishModel({ spec: "storms", training: run }));
    return given.settled(storms);
  };
  await release("one");
  // The third is always of another opinion, and the fourth has none.
  const rollout: CanarySpec = {
    ...quickCanary,
    mirror: 1,
    abortOn: [...quickCanary.abortOn, { kind: "disagreement", above: 0.1, over: 50 }],
  };
  const address = `http://127.0.0.1:${server.port}`;
  const desired = { kind: "endpoint", spec: { sha256: "s", size: 1 }, model, address, rollout } as const;
  const wish = { actor: { id: "ann", via: "test" }, owner: "shop/local", adopt: false, digest: "d", desired } as const;
  await given.engine.apply(desk, wish);
  expect(await given.settled(desk)).toMatchObject({ state: "ready", live: { version: 1 } });

  /** How many answers there were of each version, and of each status. */
  const answers = new Map<string | number, number>();
  const count = (key: string | number) => answers.set(key, (answers.get(key) ?? 0) + 1);
  let sending = true;
  const client = async () => {
    while (sending) {
      const { status, answer } = await infer(server.port, ask());
      count(status);
      if (status === 200) count(`v${nameOf(answer.parameters?.model_digest ?? "")}`);
    }
  };
  /** Whether soon nothing but one version answers, and each request. */
  const onlyOf = async (version: string) => {
    await expect
      .poll(async () => (await real.readEvidence({ address, endpoint: "desk", generation: 0 })).silence, {
        timeout: 30_000,
      })
      .toMatch(/goes by routing (6|8) /);
    answers.clear();
    await expect.poll(() => answers.get(version) ?? 0, { timeout: 30_000 }).toBeGreaterThan(100);
    expect([...answers.keys()].map(String).sort()).toEqual(["200", version]);
  };
  const clients = Array.from({ length: 4 }, client);
  try {
    await release("two");
    const held = await given.until(desk, ({ canary, state }) => canary?.percent === 50 && state === "ready");
    expect(held).toMatchObject({ live: { version: 1 }, canary: { version: 2 } });
    expect(await given.until(desk, ({ live }) => live?.kind === "endpoint" && live.version === 2)).toMatchObject({
      state: "ready",
    });
    expect(Object.fromEntries(answers)).toEqual({
      200: expect.any(Number),
      v1: expect.any(Number),
      v2: expect.any(Number),
    });

    await release("three");
    const failed = await given.until(desk, ({ state }) => state === "failed");
    expect(failed).toMatchObject({
      live: { version: 2 },
      reasons: [
        expect.stringMatching(
          /^canary of version 3 was taken back: disagreement 100 % of \d+ compared rows, above 10 %$/,
        ),
      ],
    });
    await onlyOf("v2");

    await release("four");
    // It is waited for as long as a step, and a worker's absence is not counted against it.
    await expect
      .poll(async () => (await given.engine.status(desk))?.reasons[0], { timeout: 90_000 })
      .toContain("version 4");
    const unfit = await given.engine.status(desk);
    expect(unfit).toMatchObject({
      state: "failed",
      live: { version: 2 },
      reasons: [
        expect.stringMatching(
          /^canary of version 4 was taken back: its server did not take it in: the server goes by routing 6 and not by 7: /,
        ),
      ],
    });
    await onlyOf("v2");
  } finally {
    sending = false;
    await Promise.all(clients);
  }
}, 240_000);
