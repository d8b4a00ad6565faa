/**
 * An endpoint's entity beside its model's, on a real engine.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EntityKind, taskQueue } from "../../framework/engine/entity-names.ts";
import { failure } from "../support/failure.ts";
import { FakeWorld, packageOf } from "./fake-world.ts";
import { startTestEngine, type TestEngine } from "./given-engine.ts";
import { keepHistory } from "./golden.ts";
import { decision, owner, wishEndpoint, wishModel } from "./wishes.ts";

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
const serving = (name: string, version: number) =>
  given.until(
    entity("endpoint", name),
    ({ state, live }) => state === "ready" && live?.kind === "endpoint" && live.version === version,
  );

async function release(model: string, training: string) {
  await given.engine.apply(entity("model", model), wishModel({ spec: model, training: `${model}-${training}` }));
  return given.settled(entity("model", model));
}

async function point(name: string, model: string) {
  await given.engine.apply(entity("endpoint", name), wishEndpoint(model));
  return given.settled(entity("endpoint", name));
}

describe.concurrent("an endpoint", () => {
  it("has its own server asked when a shift of the same name is still under way", async () => {
    await release("twin", "one");
    const held = world.hold("serve", "twin 1");
    await given.client.workflow.start("serve", {
      workflowId: "shop/serve/double@v1",
      taskQueue,
      args: [{ address: "http://127.0.0.1:1", model: "twin", version: 1, package: "p" }],
    });
    await held.begun;
    const pointed = point("double", "twin");
    await given.until(entity("endpoint", "double"), ({ work }) => work?.step === "serve");
    held.release();
    expect(await pointed).toMatchObject({ state: "ready", live: { version: 1 } });
    expect(world.ran.filter((step) => step === "serve twin 1")).toHaveLength(2);
  });

  it("serves what is in production, and follows promotions and rollbacks", async () => {
    await release("spender", "one");
    expect(await point("desk", "spender")).toMatchObject({
      state: "ready",
      summary: "serving version 1 of spender",
      live: {
        kind: "endpoint",
        version: 1,
        package: packageOf("run-of-spender-one"),
        address: "http://127.0.0.1:8080",
      },
    });
    await keepHistory(given.client, "serve/happy", "shop/serve/desk@v1");
    await release("spender", "two");
    expect(await serving("desk", 2)).toMatchObject({ live: { package: packageOf("run-of-spender-two") } });
    await given.engine.rollback(entity("model", "spender"), { actor, reason: "" });
    expect(await serving("desk", 3)).toMatchObject({
      generation: 1,
      live: { package: packageOf("run-of-spender-one") },
    });
    await keep("follows", "desk");
  });

  it("waits for the first release", async () => {
    world.policies.set("careful", { from: ["bob"], count: 1 });
    const { candidate } = await release("careful", "one");
    expect(await point("waiting", "careful")).toMatchObject({
      state: "awaiting-approval",
      summary: `waiting for the first release of model "careful"`,
    });
    await given.engine.approve(entity("model", "careful"), decision("bob", candidate?.digest ?? ""));
    await serving("waiting", 1);
    await keep("first-release", "waiting");
  });

  it("fails when there is no such model, and works once there is", async () => {
    expect(await point("early", "late")).toMatchObject({
      state: "failed",
      reasons: [`there is no model "late" for endpoint "early" to serve`],
    });
    await release("late", "one");
    expect(await point("early", "late")).toMatchObject({ state: "ready", live: { version: 1 } });
    await keep("failure", "early");
  });

  it("keeps its model from being retired, and lets go when it leaves or is retired itself", async () => {
    await release("old", "one");
    await release("new", "one");
    await point("moving", "old");
    const retire = (kind: EntityKind, name: string) => given.engine.retire(entity(kind, name), { actor, owner });
    const { problems } = await failure(retire("model", "old"));
    expect(problems).toEqual([
      expect.objectContaining({
        code: "entity-refused",
        what: `model "old" is served by endpoint "moving"`,
        fix: "remove the endpoint first",
      }),
    ]);
    expect(await point("moving", "new")).toMatchObject({ state: "ready", summary: "serving version 1 of new" });
    await retire("model", "old");
    await given.client.workflow.getHandle("shop/model/old").result();
    await retire("endpoint", "moving");
    await given.client.workflow.getHandle("shop/endpoint/moving").result();
    await keep("moves-and-retires", "moving");
    await retire("model", "new");
    await given.client.workflow.getHandle("shop/model/new").result();
  });

  it("puts what its server looks up into the online store, at a promotion, for new rows, and when it is time", async ({
    expect,
  }) => {
    const filled = (run: string) =>
      world.ran.filter((step) => step === `materialise-online ${packageOf(`run-of-looker-${run}`)}`).length;
    for (const run of ["one", "two"]) world.lookedUp.add(packageOf(`run-of-looker-${run}`));
    await release("looker", "one");
    const wish = (root: string, refresh?: string) =>
      given.engine.apply(
        entity("endpoint", "looks"),
        wishEndpoint("looker", { online: { datasets: { visits: root }, ...(refresh && { refresh }) } }),
      );
    await wish("r1");
    expect(await given.settled(entity("endpoint", "looks"))).toMatchObject({ state: "ready", live: { version: 1 } });
    expect(filled("one")).toBe(1);
    await keepHistory(given.client, "materialiseOnline/happy", "shop/materialise-online/looks@v1");
    await wish("r2");
    await given.settled(entity("endpoint", "looks"));
    expect(filled("one")).toBe(2);
    await release("looker", "two");
    await serving("looks", 2);
    expect(filled("two")).toBe(1);
    await keep("looks-up", "looks");
    await wish("r2", "1 second");
    await expect.poll(() => filled("two"), { timeout: 60_000 }).toBeGreaterThan(3);
    await wish("r2");
    await given.settled(entity("endpoint", "looks"));
    const before = filled("two");
    await delay(2500);
    expect(filled("two")).toBe(before);
  });

  it("answers with a version whose features could not be put there, says so, and tries again when it is time", async () => {
    const digest = packageOf("run-of-thirsty-one");
    world.lookedUp.add(digest);
    world.fail("materialise-online", digest, "the disk is full");
    await release("thirsty", "one");
    await given.engine.apply(
      entity("endpoint", "dry"),
      wishEndpoint("thirsty", { online: { datasets: { visits: "r1" }, refresh: "1 second" } }),
    );
    expect(await given.settled(entity("endpoint", "dry"))).toMatchObject({
      state: "failed",
      reasons: ["the disk is full"],
      live: { version: 1 },
    });
    world.mend("materialise-online", digest);
    expect(await given.until(entity("endpoint", "dry"), ({ state }) => state === "ready")).toMatchObject({
      summary: "serving version 1 of thirsty",
    });
    await given.engine.retire(entity("endpoint", "dry"), { actor, owner });
    await given.client.workflow.getHandle("shop/endpoint/dry").result();
    await keep("fills-again", "dry");
  });

  it("is told of a newer wish while its server does not answer", async () => {
    await release("silent", "one");
    await release("loud", "one");
    const held = world.hold("serve", "silent 1");
    await given.engine.apply(entity("endpoint", "stuck"), wishEndpoint("silent"));
    await held.begun;
    await given.engine.apply(entity("endpoint", "stuck"), wishEndpoint("loud"));
    await held.cancelled;
    expect(await given.settled(entity("endpoint", "stuck"))).toMatchObject({
      state: "ready",
      summary: "serving version 1 of loud",
    });
    await keep("superseded", "stuck");
  });
});
