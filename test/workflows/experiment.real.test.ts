/**
 * An endpoint with an experiment, beside the entities of its arms' models, on a real engine.
 * @module
 */
import { afterAll, beforeAll, describe, it } from "vitest";
import type { EntityKind } from "../../framework/engine/entity-names.ts";
import { failure } from "../support/failure.ts";
import { FakeWorld, packageOf } from "./fake-world.ts";
import { startTestEngine, type TestEngine } from "./given-engine.ts";
import { keepHistory } from "./golden.ts";
import { readTimeline } from "./timeline.ts";
import { owner, wishEndpoint, wishModel } from "./wishes.ts";

const world = new FakeWorld();
let given: TestEngine;
beforeAll(async () => {
  given = await startTestEngine();
  await given.startWorker(world);
});
afterAll(() => given.end());

const entity = (kind: EntityKind, name: string) => ({ project: "shop", kind, name }) as const;
const actor = { id: "ops", via: "test" } as const;

async function release(model: string, run: string) {
  await given.engine.apply(entity("model", model), wishModel({ spec: model, training: `${model}-${run}` }));
  return given.settled(entity("model", model));
}

async function point(name: string, model: string, online: Parameters<typeof wishEndpoint>[1]) {
  await given.engine.apply(entity("endpoint", name), wishEndpoint(model, online));
  return given.settled(entity("endpoint", name));
}

const last = (name: string) => world.routings.findLast(({ endpoint }) => endpoint === name);
const routed = (name: string) =>
  last(name)?.variants.map((one) => `${one.name} ${one.model} v${one.version} ${one.weight}`);
const summaryOf = async (name: string) => (await given.engine.status(entity("endpoint", name)))?.summary;

function trees(endpoint: string, treatment: string, { name = "trees", share = 2000 } = {}) {
  const arms = [
    { name: "control", model: `${endpoint}-model`, weight: 10_000 - share },
    { name: "treatment", model: treatment, weight: share },
  ];
  return { name, control: "control", arms, salt: `${endpoint}/${name}` };
}

describe.concurrent("an endpoint with an experiment", () => {
  it("deals callers to its arms, and follows the releases of their models", async ({ expect }) => {
    await release("arms-model", "one");
    await release("arms-large", "one");
    const experiment = trees("arms", "arms-large");
    expect(await point("arms", "arms-model", { online: { experiment } })).toMatchObject({
      state: "ready",
      summary: 'experiment "trees": control 80 %, treatment 20 %',
      live: { version: 1, package: packageOf("run-of-arms-model-one") },
    });
    expect(last("arms")).toMatchObject({
      salt: "arms/trees",
      variants: [{}, { package: packageOf("run-of-arms-large-one") }],
    });
    expect(routed("arms")).toEqual(["control arms-model v1 8000", "treatment arms-large v1 2000"]);

    await release("arms-large", "two");
    await expect.poll(() => routed("arms")?.[1], { timeout: 60_000 }).toBe("treatment arms-large v2 2000");
    await release("arms-model", "two");
    await given.until(
      entity("endpoint", "arms"),
      ({ state, live }) => state === "ready" && live?.kind === "endpoint" && live.version === 2,
    );
    expect(routed("arms")).toEqual(["control arms-model v2 8000", "treatment arms-large v2 2000"]);

    // A model that answers is not retired under the endpoint.
    const { problems } = await failure(given.engine.retire(entity("model", "arms-large"), { actor, owner }));
    expect(problems).toMatchObject([{ what: 'model "arms-large" is served by endpoint "arms"' }]);

    // Other shares leave units where they are, as far as they can stay there.
    await point("arms", "arms-model", { online: { experiment: trees("arms", "arms-large", { share: 1000 }) } });
    expect(last("arms")).toMatchObject({ salt: "arms/trees", variants: [{ weight: 9000 }, { weight: 1000 }] });
    expect(await readTimeline(given.client, "shop/endpoint/arms")).toEqual([
      'experiment "trees": control 80 %, treatment 20 %',
      'experiment "trees": treatment moves to version 2 of arms-large',
      'experiment "trees": control moves to version 2 of arms-model',
      'experiment "trees": control 90 %, treatment 10 %',
    ]);
    await keepHistory(given.client, "endpointEntity/experiment-follows", "shop/endpoint/arms");
  });

  it("deals units anew under another name, and gives all back when it is over", async ({ expect }) => {
    await release("ends-model", "one");
    await release("ends-large", "one");
    await point("ends", "ends-model", { online: { experiment: trees("ends", "ends-large") } });
    const other = trees("ends", "ends-large", { name: "forests", share: 1000 });
    await point("ends", "ends-model", { online: { experiment: other } });
    expect(last("ends")?.salt).toBe("ends/forests");

    expect(await point("ends", "ends-model", {})).toMatchObject({ summary: "serving version 1 of ends-model" });
    expect(last("ends")?.variants).toEqual([]);
    await given.engine.retire(entity("model", "ends-large"), { actor, owner });
    expect(await readTimeline(given.client, "shop/endpoint/ends")).toEqual([
      'experiment "trees": control 80 %, treatment 20 %',
      'experiment "forests": control 90 %, treatment 10 %',
      "the experiment is over: production answers all callers",
    ]);
    await keepHistory(given.client, "endpointEntity/experiment-ends", "shop/endpoint/ends");
  });

  it("answers with its own model until every arm has a release", async ({ expect }) => {
    await release("early-model", "one");
    world.policies.set("early-large", { from: ["lead"], count: 1 });
    await release("early-large", "one");
    const experiment = trees("early", "early-large");
    expect(await point("early", "early-model", { online: { experiment } })).toMatchObject({
      state: "ready",
      summary: 'serving version 1 of early-model; experiment "trees" waits for the first release of early-large',
    });
    expect(routed("early")).toEqual(["champion early-model v1 10000"]);
    const { candidate } = await given.until(
      entity("model", "early-large"),
      ({ state }) => state === "awaiting-approval",
    );
    await given.engine.approve(entity("model", "early-large"), {
      actor: { id: "lead", via: "test" },
      candidate: candidate?.digest ?? "",
      reason: "",
    });
    await expect
      .poll(() => summaryOf("early"), { timeout: 60_000 })
      .toBe('experiment "trees": control 80 %, treatment 20 %');
    expect(routed("early")).toEqual(["control early-model v1 8000", "treatment early-large v1 2000"]);
    await keepHistory(given.client, "endpointEntity/experiment-waits", "shop/endpoint/early");
  });

  it("goes on to the next release of an arm whose release its server does not take in", async ({ expect }) => {
    await release("stuck-model", "one");
    await release("stuck-large", "one");
    await point("stuck", "stuck-model", { online: { experiment: trees("stuck", "stuck-large") } });
    const held = world.hold("serve", "stuck by 2");
    await release("stuck-large", "two");
    await held.begun;
    await release("stuck-large", "three");
    await held.cancelled;
    await given.until(entity("endpoint", "stuck"), ({ state }) => state === "ready");
    await expect.poll(() => routed("stuck")?.[1], { timeout: 60_000 }).toBe("treatment stuck-large v3 2000");
    await expect
      .poll(() => summaryOf("stuck"), { timeout: 60_000 })
      .toBe('experiment "trees": control 80 %, treatment 20 %');
    await keepHistory(given.client, "endpointEntity/experiment-overtaken", "shop/endpoint/stuck");
  });
});
