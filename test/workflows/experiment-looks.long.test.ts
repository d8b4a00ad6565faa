/**
 * Looks at an experiment that something comes between, on a real engine.
 * @module
 */
import { Context } from "@temporalio/activity";
import { describe, expect, it } from "vitest";
import type { LookInput } from "../../workflows/endpoint/messages.ts";
import { entity, useLooks, won } from "./given-looks.ts";
import { decision } from "./wishes.ts";

const { world, given, begin, point, release, routed, timeline, says, untilSaid, keep, changeWorker } = useLooks();

describe.concurrent("an endpoint that looks at its experiment", () => {
  it("is not kept by a look from following a release, and takes nothing in of another experiment", async ({
    expect,
  }) => {
    const [looking, looked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const asked: LookInput[] = [];
    world.looksAt.set("busy", async (input) => {
      asked.push(input);
      looking.resolve();
      await looked.promise;
      return { look: `of-${input.identity}`, verdict: "no-winner", stopped: ["bigger"], sentence: "None." };
    });
    await begin("busy");
    await looking.promise;
    await release("busy-large", "busy-large@2");
    await expect.poll(() => routed("busy")?.[1], { timeout: 60_000 }).toBe("bigger busy-large v2 2000");
    await point("busy", { identity: "another", decide: "promote" });
    looked.resolve();
    // Where winners are promoted and none can win any more, production answers all.
    await untilSaid("busy", 'serving version 1 of busy-model; experiment "trees" is over; no winner');
    const { experiment } = (await given().engine.status(entity("endpoint", "busy"))) ?? {};
    expect(experiment?.look).toBe("of-another");
    expect(asked.map(({ identity, before }) => [identity, before])).toEqual([
      ["trees-of-busy", undefined],
      ["another", undefined],
    ]);
    expect(routed("busy")).toEqual(["champion busy-model v1 10000"]);
  });
  it("is not proposed again once it was turned down", async ({ expect }) => {
    says("turned", won);
    await begin("turned");
    world.policies.set("turned-model", { from: ["lead"], count: 1 });
    await point("turned", { decide: "promote" });
    const model = entity("model", "turned-model");
    const { candidate } = await given().until(model, (one) => one.candidate !== undefined);
    await given().engine.reject(model, decision("lead", candidate?.digest ?? "", "too slow"));
    const rejected = { state: "failed", reasons: ["rejected by lead: too slow"], live: { version: 1 } };
    expect(await given().settled(model)).toMatchObject(rejected);
    await point("turned", { decide: "promote", pause: 0.2 });
    expect(await given().engine.status(model)).toMatchObject(rejected);
    expect(routed("turned")).toHaveLength(2);
    await keep("experiment-turned-down", "model", "turned-model");
  });
});

describe("a worker that is lost while it looks", () => {
  it("leaves the look to another one, which tells what it came to", async () => {
    const looking = Promise.withResolvers<void>();
    let looks = 0;
    world.looksAt.set("lost", async () => {
      looks += 1;
      if (looks > 1) return { look: "decided-lost", ...won, news: ['"trees": winner'] };
      looking.resolve();
      return new Promise((_, reject) => {
        const { cancellationSignal: signal } = Context.current();
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    });
    await begin("lost");
    await looking.promise;
    await changeWorker();
    await untilSaid("lost", 'experiment "trees": control 80 %, bigger 20 %; winner bigger');
    expect(await timeline("lost")).toEqual(['experiment "trees": control 80 %, bigger 20 %', '"trees": winner']);
  });
});
