/**
 * An endpoint whose versions reach callers step by step, beside its model's entity, on a real engine.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { EntityKind } from "../../framework/engine/entity-names.ts";
import type { LabelInput } from "../../workflows/endpoint/messages.ts";
import { failure } from "../support/failure.ts";
import { FakeWorld, packageOf } from "./fake-world.ts";
import { listRouted, playTraffic, quickCanary, type Traffic } from "./given-canary.ts";
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
const keep = (path: string, name: string) =>
  keepHistory(given.client, `endpointEntity/${path}`, `shop/endpoint/${name}`);

const rollout = quickCanary;

async function release(model: string, run: string) {
  await given.engine.apply(entity("model", model), wishModel({ spec: model, training: `${model}-${run}` }));
  return given.settled(entity("model", model));
}

async function point(name: string, model: string, online: Parameters<typeof wishEndpoint>[1]) {
  await given.engine.apply(entity("endpoint", name), wishEndpoint(model, online));
  return given.settled(entity("endpoint", name));
}

const serves = (name: string, traffic: Partial<Traffic> = {}) => playTraffic(world, name, traffic);

const routed = (name: string) => listRouted(world, name);

const served = (name: string, version: number) =>
  given.until(
    entity("endpoint", name),
    ({ state, live }) => state === "ready" && live?.kind === "endpoint" && live.version === version,
  );

describe.concurrent("an endpoint with a canary", () => {
  it("gives a new version its callers step by step, each on evidence, and says so", async ({ expect }) => {
    serves("steps");
    await release("steady", "one");
    // The first version has nothing to be compared with.
    expect(await point("steps", "steady", { online: { rollout } })).toMatchObject({
      state: "ready",
      summary: "serving version 1 of steady",
      live: { version: 1 },
    });
    await release("steady", "two");
    const held = await given.until(
      entity("endpoint", "steps"),
      ({ canary, state }) => state === "ready" && canary?.percent === 50,
    );
    expect(held).toMatchObject({
      live: { version: 1 },
      canary: { version: 2, package: packageOf("run-of-steady-two"), since: expect.stringMatching(/Z$/) },
      summary: expect.stringMatching(
        /^canary: version 2 has 50 % since \d\d:\d\d UTC, \d+ of 100 requests, errors (0 %|none)/,
      ),
    });
    const after = await served("steps", 2);
    expect(after).toMatchObject({
      summary: "serving version 2 of steady",
      live: { package: packageOf("run-of-steady-two") },
    });
    expect(after).not.toHaveProperty("canary");
    expect(routed("steps")).toEqual(["v1", "v1 95 % v2 5 %", "v1 50 % v2 50 %", "v2"]);
    const own = world.routings.filter(({ endpoint }) => endpoint === "steps");
    expect(own.map(({ generation }) => generation)).toEqual([1, 2, 3, 4]);
    // Who has the canary keeps it.
    expect(own[1]?.salt).toBe(own[2]?.salt);
    expect(own[1]?.salt).not.toBe(own[0]?.salt);
    const lines = await readTimeline(given.client, "shop/endpoint/steps");
    expect(lines).toEqual([
      "canary: version 2 answers 5 % of callers",
      "canary: version 2 answers 50 % of callers",
      "canary: version 2 answers all callers",
    ]);
    await keep("canary-finishes", "steps");
  });

  it("takes a version back by itself, says why, and tries it again only when it is told to", async ({ expect }) => {
    const traffic = serves("back", { failing: 0.05 });
    await release("shaky", "one");
    await point("back", "shaky", { online: { rollout } });
    await release("shaky", "two");
    const after = await given.until(entity("endpoint", "back"), ({ state }) => state === "failed");
    expect(after).toMatchObject({
      live: { version: 1 },
      reasons: [expect.stringMatching(/^canary of version 2 was taken back: errors 5 % of \d+ requests, above 1 %$/)],
    });
    expect(after).not.toHaveProperty("canary");
    expect(routed("back")).toEqual(["v1", "v1 95 % v2 5 %", "v1"]);
    await delay(500);
    expect(routed("back")).toHaveLength(3);
    await keep("canary-goes-back", "back");
    traffic.failing = 0;
    await point("back", "shaky", { online: { rollout } });
    await served("back", 2);
    expect(routed("back").slice(3)).toEqual(["v1 95 % v2 5 %", "v1 50 % v2 50 %", "v2"]);
  });

  it("judges a version by matured labels, and says what they said", async ({ expect }) => {
    serves("labelled");
    const rule = { kind: "metricBelowChampion", metric: "accuracy", by: 0.02, over: 500 } as const;
    const byLabels = { ...rollout, matures: "1 second", abortOn: [...rollout.abortOn, rule] };
    const asked: LabelInput[] = [];
    const labels = (canary: number, accuracy: number) => (input: LabelInput) => {
      asked.push(input);
      const values = (of: number) => ({ accuracy: of });
      return {
        evidence: {
          canary: { labels: canary, values: values(accuracy) },
          champion: { labels: 2410, values: values(0.83) },
        },
      };
    };
    world.labels.set("labelled", labels(499, 0.83));
    await release("learnt", "one");
    await point("labelled", "learnt", { online: { rollout: byLabels } });
    await release("learnt", "two");
    await given.until(entity("endpoint", "labelled"), ({ summary }) =>
      summary.endsWith(
        "accuracy 0.83 of 499 labels (champion 0.83 of 2,410); too little to tell by: 499 of 500 matured labels",
      ),
    );
    expect(asked[0]).toMatchObject({
      endpoint: "labelled",
      metrics: ["accuracy"],
      canary: { version: 2, package: packageOf("run-of-learnt-two") },
      champion: { version: 1, package: packageOf("run-of-learnt-one") },
    });
    expect((asked[0]?.asOf ?? 0) - (asked[0]?.since ?? 0)).toBeGreaterThanOrEqual(1_000);
    world.labels.set("labelled", labels(612, 0.82));
    await given.until(entity("endpoint", "labelled"), ({ canary }) => canary?.percent === 50);
    // Taken back it would be too long to keep.
    await keep("canary-by-labels", "labelled");
    world.labels.set("labelled", labels(612, 0.8));
    expect(await given.until(entity("endpoint", "labelled"), ({ state }) => state === "failed")).toMatchObject({
      live: { version: 1 },
      reasons: [
        "canary of version 2 was taken back: accuracy 0.8 of 612 labels, more than 0.02 below the champion's 0.83 of 2,410",
      ],
    });
    expect((await readTimeline(given.client, "shop/endpoint/labelled")).slice(0, 3)).toEqual([
      "canary: version 2 answers 5 % of callers",
      "canary: version 2 goes on: accuracy 0.82 of 612 labels (champion 0.83 of 2,410)",
      "canary: version 2 answers 50 % of callers",
    ]);
  });

  it("follows a release after one that was taken back, without being told", async ({ expect }) => {
    const traffic = serves("after", { failing: 0.5 });
    await release("mended", "one");
    await point("after", "mended", { online: { rollout } });
    await release("mended", "two");
    await given.until(entity("endpoint", "after"), ({ state }) => state === "failed");
    traffic.failing = 0;
    await release("mended", "three");
    expect(await served("after", 3)).toMatchObject({ live: { package: packageOf("run-of-mended-three") } });
  });

  it("holds while there is too little to tell by, and goes where a person says", async ({ expect }) => {
    const traffic = serves("quiet", { requests: 0 });
    await release("rare", "one");
    await point("quiet", "rare", { online: { rollout } });
    const refused = await failure(given.engine.advance(entity("endpoint", "quiet"), { actor, reason: "" }));
    expect(refused.problems).toMatchObject([
      { code: "entity-refused", what: 'endpoint "quiet" moves to no version step by step' },
    ]);
    await release("rare", "two");
    await given.until(entity("endpoint", "quiet"), ({ summary }) =>
      summary.endsWith("; too little to tell by: 0 of 100 requests"),
    );
    await given.engine.advance(entity("endpoint", "quiet"), { actor, reason: "a quiet night" });
    await given.until(entity("endpoint", "quiet"), ({ canary, state }) => canary?.percent === 50 && state === "ready");
    traffic.says = { silence: "the server does not say what it saw" };
    await given.until(entity("endpoint", "quiet"), ({ summary }) =>
      summary.endsWith("; the server does not say what it saw"),
    );
    await given.engine.abort(entity("endpoint", "quiet"), { actor, reason: "not today" });
    expect(await given.until(entity("endpoint", "quiet"), ({ state }) => state === "failed")).toMatchObject({
      reasons: ["canary of version 2 was taken back: taken back by ops: not today"],
    });
    expect(routed("quiet")).toEqual(["v1", "v1 95 % v2 5 %", "v1 50 % v2 50 %", "v1"]);
    await keep("canary-decided", "quiet");
  });

  it("leaves no callers to a version whose way has failed", async ({ expect }) => {
    serves("broken");
    await release("cracked", "one");
    await point("broken", "cracked", { online: { rollout } });
    world.fail("serve", "broken by 3", "the step was ended");
    await release("cracked", "two");
    const after = await given.until(entity("endpoint", "broken"), ({ state }) => state === "failed");
    expect(after).toMatchObject({ live: { version: 1 }, reasons: ["the step was ended"] });
    expect(after).not.toHaveProperty("canary");
    expect(routed("broken")).toEqual(["v1", "v1 95 % v2 5 %", "v1 50 % v2 50 %", "v1"]);
  });

  it("begins anew with another release, and ends with one of what callers have", async ({ expect }) => {
    const traffic = serves("overtaken", { requests: 0 });
    await release("busy", "one");
    await point("overtaken", "busy", { online: { rollout } });
    const stuck = world.hold("serve", "overtaken by 2");
    await release("busy", "two");
    await stuck.begun;
    await release("busy", "three");
    await stuck.cancelled;
    await given.until(
      entity("endpoint", "overtaken"),
      ({ canary, state }) => canary?.version === 3 && state === "ready",
    );
    await given.engine.rollback(entity("model", "busy"), { actor, to: 1, reason: "" });
    expect(await served("overtaken", 4)).toMatchObject({ live: { package: packageOf("run-of-busy-one") } });
    traffic.requests = 200;
    expect(routed("overtaken")).toEqual(["v1", "v1 95 % v2 5 %", "v1 95 % v3 5 %", "v4"]);
    await keep("canary-overtaken", "overtaken");
  });

  it("moves all callers at once with a rollback, however often it is told of it", async ({ expect }) => {
    serves("urgent");
    await release("regretted", "one");
    await point("urgent", "regretted", { online: { rollout } });
    await release("regretted", "two");
    await served("urgent", 2);
    const before = routed("urgent").length;
    // It hears of the rollback while it asks again what is in production.
    await given.engine.rollback(entity("model", "regretted"), { actor, reason: "wrong answers" });
    await given.engine.apply(
      entity("endpoint", "urgent"),
      wishEndpoint("regretted", { online: { rollout, refresh: "2 hours" } }),
    );
    await given.settled(entity("endpoint", "urgent"));
    expect(await served("urgent", 3)).toMatchObject({ live: { package: packageOf("run-of-regretted-one") } });
    expect(routed("urgent").slice(before)).toEqual(["v3"]);
    // A release after it goes step by step again.
    await release("regretted", "three");
    await served("urgent", 4);
    expect(routed("urgent").slice(before + 1)).toEqual(["v3 95 % v4 5 %", "v3 50 % v4 50 %", "v4"]);
  });

  it("goes on through another wish that leaves its rollout alone, and moves at once without one", async ({
    expect,
  }) => {
    serves("patched", { requests: 0 });
    await release("plain", "one");
    await point("patched", "plain", { online: { rollout } });
    const begins = world.hold("serve", "patched by 2");
    await release("plain", "two");
    await begins.begun;
    // It is asked something else in the middle of a step, which is taken anew.
    await given.engine.apply(
      entity("endpoint", "patched"),
      wishEndpoint("plain", { online: { rollout, refresh: "2 hours" } }),
    );
    await begins.cancelled;
    const before = await given.until(
      entity("endpoint", "patched"),
      ({ canary, state }) => canary !== undefined && state === "ready",
    );
    expect(await point("patched", "plain", { online: { rollout, refresh: "1 hour" } })).toMatchObject({
      state: "ready",
      canary: { since: before.canary?.since },
    });
    expect(await point("patched", "plain", {})).toMatchObject({
      state: "ready",
      summary: "serving version 2 of plain",
      live: { version: 2 },
    });
    expect(routed("patched")).toEqual(["v1", "v1 95 % v2 5 %", "v1 95 % v2 5 %", ""]);
    await keep("canary-given-up", "patched");
    // Nothing is to be left to follow production from here on.
    await release("plain", "three");
    await served("patched", 3);
    expect(routed("patched")).toHaveLength(4);
  });

  it("leaves no routing when it is retired, and goes on from there when it is made anew", async ({ expect }) => {
    serves("retiring", { requests: 0 });
    await release("last", "one");
    await point("retiring", "last", { online: { rollout } });
    await release("last", "two");
    await given.until(entity("endpoint", "retiring"), ({ canary, state }) => canary !== undefined && state === "ready");
    await given.engine.retire(entity("endpoint", "retiring"), { actor, owner });
    await given.client.workflow.getHandle("shop/endpoint/retiring").result();
    expect(routed("retiring")).toEqual(["v1", "v1 95 % v2 5 %", ""]);
    await keep("canary-retires", "retiring");
    // The next one of that name goes on from where the ref stands.
    await point("retiring", "last", { online: { rollout } });
    expect(
      world.routings.filter(({ endpoint }) => endpoint === "retiring").map(({ generation }) => generation),
    ).toEqual([1, 2, 3, 4]);
  });

  it("fills the online store for a version before callers have it", async ({ expect }) => {
    serves("looking");
    for (const run of ["one", "two"]) world.lookedUp.add(packageOf(`run-of-looked-${run}`));
    await release("looked", "one");
    await point("looking", "looked", { online: { rollout, datasets: { visits: "r1" } } });
    await release("looked", "two");
    await served("looking", 2);
    const order = world.ran.filter((step) => step.includes("looked-two") || step.startsWith("serve looking by"));
    expect(order.indexOf(`materialise-online ${packageOf("run-of-looked-two")}`)).toBeLessThan(
      order.indexOf("serve looking by 2"),
    );
  });
});

describe.concurrent("an endpoint with shadows", () => {
  it("has what their models released asked unseen, and follows their releases", async ({ expect }) => {
    await release("own", "one");
    await release("other", "one");
    const shadow = [{ model: "other", share: 0.25 }];
    await point("watching", "own", { online: { shadow } });
    const last = () => world.routings.findLast(({ endpoint }) => endpoint === "watching");
    expect(last()).toMatchObject({
      variants: [
        { name: "champion", model: "own", version: 1, weight: 10_000 },
        {
          name: "shadow-other",
          model: "other",
          version: 1,
          weight: 0,
          mirror: 2500,
          package: packageOf("run-of-other-one"),
        },
      ],
    });
    await release("other", "two");
    await expect.poll(() => last()?.variants[1]?.version, { timeout: 60_000 }).toBe(2);
    await release("own", "two");
    expect(await served("watching", 2)).toMatchObject({ summary: "serving version 2 of own" });
    expect(last()?.variants.map(({ version }) => version)).toEqual([2, 2]);
    // A model that is asked unseen is not retired under the endpoint.
    const { problems } = await failure(given.engine.retire(entity("model", "other"), { actor, owner }));
    expect(problems).toMatchObject([{ what: 'model "other" is served by endpoint "watching"' }]);
    await point("watching", "own", {});
    expect(last()?.variants).toEqual([]);
    await given.engine.retire(entity("model", "other"), { actor, owner });
    await keep("shadows", "watching");
  });
});
