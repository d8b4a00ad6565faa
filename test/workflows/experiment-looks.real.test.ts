/**
 * An experiment that its endpoint looks at by itself, and what follows, on a real engine.
 * @module
 */
import { describe, it } from "vitest";
import { failWith } from "../../workflows/entity/reasons.ts";
import { packageOf } from "./fake-world.ts";
import { entity, useLooks, won } from "./given-looks.ts";
import { decision } from "./wishes.ts";

const { world, given, begin, point, release, last, routed, timeline, says, untilSaid, untilVersion, keep } = useLooks();

describe.concurrent("an endpoint that looks at its experiment", () => {
  it("gives the callers of an arm that is stopped to the control, and those of no other", async ({ expect }) => {
    const generations: unknown[] = [];
    world.looksAt.set("stops", ({ generation }) => {
      generations.push(generation);
      return Promise.reject(failWith(["the log is damaged"]));
    });
    await begin("stops", { three: true });
    const failed = "experiment: the look failed: the log is damaged";
    await expect.poll(() => timeline("stops"), { timeout: 60_000 }).toContain(failed);
    // What its server has counted by another routing than this one is not asked for.
    expect(new Set(generations)).toEqual(new Set([last("stops")?.generation]));
    const news = ['"trees": bigger is stopped: errors worse by at least 0.02, 0.002 allowed'];
    says("stops", { stopped: ["bigger"], news });
    const summary = 'experiment "trees": control 60 %, bigger stopped, other 20 %';
    expect(await untilSaid("stops", summary)).toMatchObject({
      state: "ready",
      experiment: { name: "trees", verdict: "continue", stopped: ["bigger"] },
    });
    const others = ["bigger-stopped stops-model v1 2000", "other stops-other v1 2000"];
    expect(routed("stops")).toEqual(["control stops-model v1 6000", ...others]);
    expect(last("stops")?.salt).toBe("stops/trees");

    says("stops", {
      stopped: ["bigger", "other"],
      verdict: "no-winner",
      news: ['"trees": no winner'],
      sentence: "None.",
    });
    const over = 'experiment "trees": control 60 %, bigger stopped, other stopped; no winner';
    expect(await untilSaid("stops", over)).toMatchObject({ experiment: { look: "decided-stops", sentence: "None." } });
    // Why it could not look is said once, however often it could not; what an arm was stopped by at each look that found it.
    const lines = await timeline("stops");
    expect(lines.filter((line) => line === failed)).toHaveLength(1);
    expect([...new Set(lines)]).toEqual([
      'experiment "trees": control 60 %, bigger 20 %, other 20 %',
      failed,
      ...news,
      summary,
      '"trees": no winner',
      'experiment "trees": control 60 %, bigger stopped, other stopped',
    ]);
    await keep("experiment-stops", "endpoint", "stops");
  });
});

describe.concurrent("a winner", () => {
  it("is told to people, and released once they ask for it and agree", async ({ expect }) => {
    says("waits", won);
    await begin("waits");
    await untilSaid("waits", 'experiment "trees": control 80 %, bigger 20 %; winner bigger');
    expect(routed("waits")).toHaveLength(2);
    world.policies.set("waits-model", { from: ["lead"], count: 1 });
    await point("waits", { decide: "promote" });
    const model = entity("model", "waits-model");
    const { candidate, summary } = await given().until(model, (one) => one.candidate !== undefined);
    expect(candidate).toMatchObject({ package: `own-${packageOf("run-of-waits-large@1")}` });
    expect(candidate?.digest).toContain("decided-waits");
    expect(summary).toBe('awaiting approval by lead: version 1 of waits-large won experiment "trees" on waits');
    // New rows for what lost neither end the waiting, nor are released in its stead.
    await release("waits-model", "waits-model@2");
    const still = await given().until(model, (one) => one.candidate?.digest === candidate?.digest);
    expect(still.live).toMatchObject({ version: 1 });
    await given().engine.approve(model, decision("lead", candidate?.digest ?? ""));
    expect(await untilVersion("waits-model", 2)).toMatchObject({
      summary: 'version 2 in production: won experiment "trees" on waits, approved by lead',
      live: { from: { look: "decided-waits" } },
    });
  });

  it("is released in the place of what lost, which is not released over it by new rows", async ({ expect }) => {
    says("wins", won);
    await begin("wins", { decide: "promote" });
    const own = `own-${packageOf("run-of-wins-large@1")}`;
    expect(await untilVersion("wins-model", 2)).toMatchObject({
      summary: `version 2 in production: won experiment "trees" on wins: ${won.sentence}`,
      live: {
        package: own,
        desired: { training: { sha256: "wins-large@1" } },
        from: { model: "wins-large", version: 1, experiment: "trees", endpoint: "wins", look: "decided-wins" },
      },
    });
    await untilSaid("wins", 'serving version 2 of wins-model; experiment "trees" is over; winner bigger');
    expect(routed("wins")).toEqual(["champion wins-model v2 10000"]);

    const held = await release("wins-model", "wins-model@2");
    expect(held).toMatchObject({ state: "ready", live: { version: 2, package: own } });
    expect(held.summary).toContain('give "wins-model" the training of "wins-large"');
    expect(world.ran).toContain("train run-of-wins-model@2");
    await keep("experiment-won", "model", "wins-model");
    // Another recipe is not what lost, and a rollback goes where it is told.
    expect((await release("wins-model", "wins-third@1")).live).toMatchObject({ version: 3 });
    const back = { actor: { id: "ops", via: "test" }, reason: "", to: 1 } as const;
    await given().engine.rollback(entity("model", "wins-model"), back);
    await untilSaid("wins", 'serving version 4 of wins-model; experiment "trees" is over; winner bigger');
    expect(routed("wins")).toEqual(["champion wins-model v4 10000"]);
    expect((await untilVersion("wins-model", 4)).live).not.toHaveProperty("from");
    await keep("experiment-won", "endpoint", "wins");
  });
});
