/**
 * A canary whose worker ends in the middle of each of its steps, on an engine that suggests early to continue as new.
 * @module
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { FakeWorld } from "./fake-world.ts";
import { listRouted, playTraffic, quickCanary } from "./given-canary.ts";
import { startTestEngine, type TestEngine } from "./given-engine.ts";
import { wishEndpoint, wishModel } from "./wishes.ts";

const world = new FakeWorld();
let given: TestEngine;
beforeAll(async () => {
  given = await startTestEngine({ dynamic: { "limit.historyCount.suggestContinueAsNew": 40 } });
});
afterAll(() => given.end());

const spender = { project: "shop", kind: "model", name: "spender" } as const;
const desk = { project: "shop", kind: "endpoint", name: "desk" } as const;

async function release(run: string) {
  await given.engine.apply(spender, wishModel({ spec: "spender", training: run }));
  return given.settled(spender);
}

it("goes on where it was, from run to run and from worker to worker", async () => {
  let worker = await given.startWorker(world);
  const restart = async () => {
    await worker.stop();
    worker = await given.startWorker(world);
  };
  const traffic = playTraffic(world, "desk", { requests: 0 });
  await release("one");
  await given.engine.apply(desk, wishEndpoint("spender", { online: { rollout: quickCanary } }));
  await given.settled(desk);

  const begins = world.hold("serve", "desk by 2");
  await release("two");
  await begins.begun;
  world.mend("serve", "desk by 2");
  await restart();
  await expect
    .poll(async () => (await given.engine.status(desk))?.canary?.since, { timeout: 90_000 })
    .toEqual(expect.any(String));
  const held = await given.engine.status(desk);
  // Looks at too little, until the entity has continued as new more than once.
  const runs = await countRuns();
  await expect.poll(countRuns, { timeout: 60_000 }).toBeGreaterThan(runs + 1);
  await restart();
  expect((await given.engine.status(desk))?.canary).toEqual(held?.canary);

  const moves = world.hold("serve", "desk by 3");
  traffic.requests = 200;
  await moves.begun;
  world.mend("serve", "desk by 3");
  await restart();
  const ends = world.hold("serve", "desk by 4");
  await ends.begun;
  world.mend("serve", "desk by 4");
  await restart();
  // Work that was lost with its worker is noticed when it has not been heard of for a while.
  await expect
    .poll(async () => (await given.engine.status(desk))?.live, { timeout: 90_000 })
    .toMatchObject({ version: 2 });
  expect(listRouted(world, "desk")).toEqual(["v1", "v1 95 % v2 5 %", "v1 50 % v2 50 %", "v2"]);
}, 400_000);

async function countRuns(): Promise<number> {
  const { count } = await given.client.workflow.count('WorkflowId = "shop/endpoint/desk"');
  return count;
}
