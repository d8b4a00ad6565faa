/**
 * A model's entity on a real engine: training, gates, and people who agree, turn down and go back.
 * @module
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import { failure } from "../support/failure.ts";
import { FakeWorld, packageOf } from "./fake-world.ts";
import { startTestEngine, type TestEngine } from "./given-engine.ts";
import { keepHistory } from "./golden.ts";
import { decision, owner, wishModel } from "./wishes.ts";

const world = new FakeWorld();
let given: TestEngine;
beforeAll(async () => {
  given = await startTestEngine();
  await given.startWorker(world);
});
afterAll(() => given.end());

const model = (name: string) => ({ project: "shop", kind: "model", name }) as const;
const keep = (path: string, name: string) => keepHistory(given.client, `modelEntity/${path}`, `shop/model/${name}`);
const fences = (name: string) =>
  world.published.filter((past) => past.model === name).map(({ fence, version }) => [fence, version]);
const retire = (name: string) => given.engine.retire(model(name), { actor: { id: "ann", via: "test" }, owner });
const rollback = (name: string, to?: number) =>
  given.engine.rollback(model(name), {
    actor: { id: "ops", via: "test" },
    reason: "wrong answers",
    ...(to === undefined ? {} : { to }),
  });

/** Applies a wish and waits until it has settled. Every model of a test trains on its own. */
async function apply(name: string, training: string, { spec = name, by = "ann" } = {}): Promise<EntityStatus> {
  await given.engine.apply(model(name), wishModel({ spec, training: `${name}-${training}` }, { by }));
  return given.settled(model(name));
}

function needApproval(spec: string, { count = 1, notBy = false } = {}): void {
  world.policies.set(spec, { from: ["bob", "eve", "ann"], count, ...(notBy ? { notBy: "author" } : {}) });
}

async function approve(name: string, by: string): Promise<EntityStatus> {
  const { candidate } = (await given.engine.status(model(name))) ?? {};
  await given.engine.approve(model(name), decision(by, candidate?.digest ?? "none"));
  return given.settled(model(name));
}

async function refusal(call: Promise<unknown>): Promise<string> {
  const { problems } = await failure(call);
  return problems.map(({ what, fix }) => `${what} — ${fix}`).join("\n");
}

describe.concurrent("a model whose approval is waived", () => {
  it("is trained, evaluated and released", async () => {
    const status = await apply("spender", "one");
    expect(status).toMatchObject({
      state: "ready",
      summary: "version 1 in production: gates passed: auc 0.7120",
      live: { kind: "model", version: 1, fence: 1, package: packageOf("run-of-spender-one") },
    });
    expect(world.ran.filter((step) => step.includes("spender"))).toEqual([
      "materialise set-of-spender-one",
      "train run-of-spender-one",
      "evaluate evaluation-of-run-of-spender-one-against-nothing",
      `release spender ${packageOf("run-of-spender-one")}`,
    ]);
    await keep("happy", "spender");
    const steps = [
      "materialise/job-of-spender@set-of-spend",
      "train/job-of-spender@run-of-spend",
      "evaluate/spender@evaluation-o",
      "release/spender@v1.1",
    ];
    for (const step of steps) await keepHistory(given.client, `${step.split("/")[0]}/happy`, `shop/${step}`);
  });

  it("fails when a gate holds it back, and the old version stays", async () => {
    await apply("held", "one");
    world.gates.set("strict", ["auc 0.7120 is below 0.9000"]);
    expect(await apply("held", "two", { spec: "strict" })).toMatchObject({
      state: "failed",
      summary: "auc 0.7120 is below 0.9000",
      reasons: ["auc 0.7120 is below 0.9000"],
      live: { version: 1 },
    });
    expect(fences("held")).toEqual([[1, 1]]);
    await keep("gate-fails", "held");
  });

  it("fails when the training does, and trains again when asked again", async () => {
    world.fail("train", "run-of-broken-one", "train.py ended with exit code 1");
    expect(await apply("broken", "one")).toMatchObject({
      state: "failed",
      reasons: ["train.py ended with exit code 1"],
    });
    await keepHistory(given.client, "train/failure", "shop/train/job-of-broken@run-of-broke");
    world.mend("train", "run-of-broken-one");
    expect(await apply("broken", "one")).toMatchObject({ state: "ready", generation: 2 });
    await keep("failure", "broken");
  });

  it("gives up a training that a newer wish makes pointless", async () => {
    const held = world.hold("train", "run-of-hurried-one");
    await given.engine.apply(model("hurried"), wishModel({ spec: "hurried", training: "hurried-one" }));
    await held.begun;
    const status = apply("hurried", "two");
    await held.cancelled;
    expect(await status).toMatchObject({ state: "ready", live: { package: packageOf("run-of-hurried-two") } });
    expect(fences("hurried")).toEqual([[1, 1]]);
    expect(world.left.filter((run) => run.startsWith("run-of-hurried"))).toEqual(["run-of-hurried-one"]);
    await keep("superseded", "hurried");
    await keepHistory(given.client, "train/cancelled", "shop/train/job-of-hurried@run-of-hurri");
  });

  it("ends what is tracked of a training that somebody has terminated, and takes it up again when asked again", async () => {
    const held = world.hold("train", "run-of-cutoff-one");
    await given.engine.apply(model("cutoff"), wishModel({ spec: "cutoff", training: "cutoff-one" }));
    await held.begun;
    await given.client.workflow.getHandle("shop/train/job-of-cutoff@run-of-cutof").terminate("to see");
    expect(await given.settled(model("cutoff"))).toMatchObject({ state: "failed" });
    expect(world.left.filter((run) => run.startsWith("run-of-cutoff"))).toEqual(["run-of-cutoff-one"]);
    world.mend("train", "run-of-cutoff-one");
    expect(await apply("cutoff", "one")).toMatchObject({ state: "ready" });
    await keep("terminated", "cutoff");
  });

  it("waits for a training that another model has under way", async () => {
    const held = world.hold("train", "run-of-shared");
    const [first, second] = [model("sharing"), model("sharer")];
    const wish = wishModel({ spec: "shared", training: "shared" });
    await given.engine.apply(first, wish);
    await held.begun;
    await given.engine.apply(second, wish);
    await given.until(second, ({ work }) => work?.step === "train");
    held.release();
    const [one, two] = await Promise.all([given.settled(first), given.settled(second)]);
    expect([one.state, two.state]).toEqual(["ready", "ready"]);
    expect(world.ran.filter((step) => step === "train run-of-shared")).toHaveLength(1);
  });

  it("forgets a release that cannot be published, and goes on from where the ref stands", async () => {
    const where = packageOf("run-of-fenced-one");
    world.published.push({ model: "fenced", fence: 5, version: 3, package: "p", evaluation: "e" });
    world.during("release", `fenced ${where}`, async () => {
      world.mend("release", `fenced ${where}`);
      world.published.push({ model: "fenced", fence: 9, version: 4, package: "q", evaluation: "e" });
    });
    expect(await apply("fenced", "one")).toMatchObject({ state: "failed", reasons: ["the ref is at fence 9"] });
    expect(await apply("fenced", "one")).toMatchObject({ state: "ready", live: { fence: 10, version: 5 } });
  });
});

describe.concurrent("a model that people must agree to", () => {
  it("waits, and is released by an approval", async () => {
    needApproval("careful");
    const waiting = await apply("careful", "one");
    expect(waiting).toMatchObject({
      state: "awaiting-approval",
      summary: "awaiting approval by 1 of bob, eve, ann: auc 0.7120",
    });
    expect(waiting.live).toBeUndefined();
    expect(await approve("careful", "bob")).toMatchObject({
      state: "ready",
      summary: "version 1 in production: approved by bob",
      live: { version: 1 },
    });
    await keep("approved", "careful");
  });

  it("needs as many as the policy says, each once, and not the author", async () => {
    needApproval("shared-duty", { count: 2, notBy: true });
    await apply("shared-duty", "one");
    expect(await refusal(approve("shared-duty", "ann"))).toContain(
      `"ann" asked for this version and may not approve it too`,
    );
    expect(await refusal(approve("shared-duty", "tom"))).toContain(`"tom" may not approve model "shared-duty"`);
    expect(await approve("shared-duty", "bob")).toMatchObject({
      state: "awaiting-approval",
      summary: "approved by bob, 1 more to come",
    });
    expect(await refusal(approve("shared-duty", "bob"))).toContain(`"bob" has approved already`);
    expect(await approve("shared-duty", "eve")).toMatchObject({
      state: "ready",
      summary: "version 1 in production: approved by bob, eve",
    });
    await keep("two-approvals", "shared-duty");
  });

  it("holds an approval void once the candidate has changed", async () => {
    needApproval("changing");
    const { candidate } = await apply("changing", "one");
    await apply("changing", "two");
    const late = given.engine.approve(model("changing"), decision("bob", candidate?.digest ?? ""));
    expect(await refusal(late)).toContain("an approval of the earlier one is void");
    expect(await approve("changing", "bob")).toMatchObject({ live: { package: packageOf("run-of-changing-two") } });
    await keep("approval-void", "changing");
  });

  it("fails when it is turned down, with who and why; what is in production stays", async () => {
    await apply("rejected", "one");
    needApproval("rejected-strict");
    const { candidate } = await apply("rejected", "two", { spec: "rejected-strict" });
    await given.engine.reject(model("rejected"), decision("eve", candidate?.digest ?? "", "unfair to night flights"));
    expect(await given.settled(model("rejected"))).toMatchObject({
      state: "failed",
      reasons: ["rejected by eve: unfair to night flights"],
      live: { version: 1 },
    });
    expect(await refusal(approve("rejected", "bob"))).toContain("has no candidate that waits");
    await keep("rejected", "rejected");
  });

  it("releases what was approved, and then works on the wish that came meanwhile", async () => {
    needApproval("racing");
    await apply("racing", "one");
    const release = world.hold("release", `racing ${packageOf("run-of-racing-one")}`);
    const { candidate } = (await given.engine.status(model("racing"))) ?? {};
    await given.engine.approve(model("racing"), decision("bob", candidate?.digest ?? "", "good at night"));
    await release.begun;
    expect((await given.engine.status(model("racing")))?.summary).toBe(
      "releasing version 1: approved by bob: good at night",
    );
    await given.engine.apply(model("racing"), wishModel({ spec: "racing", training: "racing-two" }));
    expect(await refusal(rollback("racing"))).toContain("is being released right now");
    release.release();
    const status = await given.settled(model("racing"));
    expect(status).toMatchObject({
      state: "awaiting-approval",
      generation: 2,
      live: { version: 1, package: packageOf("run-of-racing-one"), desired: { training: { sha256: "racing-one" } } },
      candidate: { package: packageOf("run-of-racing-two"), approvals: [] },
    });
    expect(fences("racing")).toEqual([[1, 1]]);
    await keep("approval-races-apply", "racing");
  });

  it("takes the candidate back the moment a newer wish is accepted", async () => {
    needApproval("hasty");
    const { candidate } = await apply("hasty", "one");
    const [, late] = await Promise.allSettled([
      given.engine.apply(model("hasty"), wishModel({ spec: "hasty", training: "hasty-two" })),
      given.engine.approve(model("hasty"), decision("bob", candidate?.digest ?? "")),
    ]);
    const { live, state, candidate: next } = await given.settled(model("hasty"));
    expect({ state, package: next?.package }).toEqual({
      state: "awaiting-approval",
      package: packageOf("run-of-hasty-two"),
    });
    const released = late.status === "fulfilled" ? packageOf("run-of-hasty-one") : undefined;
    expect(live && "package" in live ? live.package : undefined).toBe(released);
  });
});

describe.concurrent("a rollback", () => {
  it("releases the version before, under a higher fence, and stays when the same wish comes again", async () => {
    for (const training of ["one", "two"]) await apply("rolled", training);
    expect(await rollback("rolled")).toEqual({ generation: 3 });
    const status = await given.settled(model("rolled"));
    expect(status).toMatchObject({
      state: "ready",
      summary: "version 3 in production: rolled back to version 1 by ops: wrong answers",
      actor: { id: "ops" },
      live: { version: 3, fence: 3, package: packageOf("run-of-rolled-one") },
    });
    await keep("rollback", "rolled");
    expect(await apply("rolled", "two")).toMatchObject({ generation: 3, live: { version: 3 } });
    expect(await apply("rolled", "three")).toMatchObject({
      live: { version: 4, package: packageOf("run-of-rolled-three") },
    });
    expect(fences("rolled")).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
  });

  it("goes to the version that is named, and nowhere else", async () => {
    for (const training of ["one", "two", "three"]) await apply("named", training);
    expect(await refusal(rollback("named", 7))).toBe(
      "there is no earlier version 7 to go back to — earlier versions: 1, 2",
    );
    await rollback("named", 1);
    expect(await given.settled(model("named"))).toMatchObject({
      live: { version: 4, package: packageOf("run-of-named-one") },
    });
  });

  it("gives up the training under way, which the same wish takes up again", async () => {
    for (const training of ["one", "two"]) await apply("busy", training);
    const held = world.hold("train", "run-of-busy-three");
    await given.engine.apply(model("busy"), wishModel({ spec: "busy", training: "busy-three" }));
    await held.begun;
    await rollback("busy");
    await held.cancelled;
    expect(await given.settled(model("busy"))).toMatchObject({
      generation: 4,
      live: { version: 3, package: packageOf("run-of-busy-one") },
    });
    world.mend("train", "run-of-busy-three");
    expect(await apply("busy", "three")).toMatchObject({
      generation: 5,
      live: { version: 4, package: packageOf("run-of-busy-three") },
    });
  });

  it("is refused for a model that was never released, or is not there", async () => {
    needApproval("unreleased");
    await apply("unreleased", "one");
    expect(await refusal(rollback("unreleased"))).toBe(
      "there is no earlier version to go back to — earlier versions: none",
    );
    expect(await refusal(rollback("unheard"))).toContain(`there is no model "unheard" in project "shop"`);
  });
});

describe.concurrent("a model that is retired", () => {
  it("counts its fence and versions on when it is wanted again", async () => {
    await apply("again", "one");
    await retire("again");
    await given.client.workflow.getHandle("shop/model/again").result();
    await keep("retired", "again");
    expect(await apply("again", "two")).toMatchObject({ generation: 1, live: { version: 2, fence: 2 } });
  });

  it("takes no wish that would end with it", async () => {
    const release = world.hold("release", `leaving ${packageOf("run-of-leaving-one")}`);
    await given.engine.apply(model("leaving"), wishModel({ spec: "leaving", training: "leaving-one" }));
    await release.begun;
    await retire("leaving");
    expect(await refusal(apply("leaving", "two"))).toContain('model "leaving" is being retired');
    release.release();
    await given.client.workflow.getHandle("shop/model/leaving").result();
    expect(await apply("leaving", "two")).toMatchObject({ generation: 1, live: { version: 2 } });
  });
});
