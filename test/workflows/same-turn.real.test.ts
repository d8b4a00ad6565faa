/**
 * What an entity learns in one turn: a worker that was away finds the answer to a look-up and a message side by side.
 * @module
 */
import { CompleteAsyncError, Context } from "@temporalio/activity";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { FoundCandidate } from "../../workflows/model/messages.ts";
import { FakeWorld, packageOf } from "./fake-world.ts";
import { startTestEngine, type TestEngine } from "./given-engine.ts";
import { wishModel } from "./wishes.ts";

const world = new FakeWorld();
let given: TestEngine;
beforeAll(async () => {
  given = await startTestEngine();
});
afterAll(() => given.end());

const spender = { project: "shop", kind: "model", name: "spender" } as const;

it("a rollback holds against a candidate that is found to have passed its gates", async () => {
  const worker = await given.startWorker(world);
  const apply = (training: string) => given.engine.apply(spender, wishModel({ spec: "spender", training }));
  for (const training of ["one", "two"]) {
    await apply(training);
    await given.settled(spender);
  }
  const looked = Promise.withResolvers<{ readonly token: Uint8Array; readonly found: FoundCandidate }>();
  world.whileJudged("three", async (found) => {
    looked.resolve({ token: Context.current().info.taskToken, found });
    throw new CompleteAsyncError();
  });
  await apply("three");
  const { token, found } = await looked.promise;
  await worker.stop();
  const rollback = given.engine.rollback(spender, { actor: { id: "ops", via: "test" }, reason: "" });
  await given.client.activity.complete(token, found);
  await given.startWorker(world);
  expect(await rollback).toEqual({ generation: 4 });
  expect(await given.settled(spender)).toMatchObject({ live: { version: 3, package: packageOf("run-of-one") } });
  expect(world.published.map(({ version, package: digest }) => [version, digest])).toEqual([
    [1, packageOf("run-of-one")],
    [2, packageOf("run-of-two")],
    [3, packageOf("run-of-one")],
  ]);
});
