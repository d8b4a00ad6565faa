import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canary, TestStack } from "./stack.ts";
import type { Declared, Finished } from "./workspace.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.open();
  writeFileSync(join(stack.workspace.folder, "trainer.py"), "");
  expect(await up([])).toMatchObject({ code: 0 });
});
afterAll(() => stack?.[Symbol.asyncDispose]());

/** Brings the stack to its services and these definitions, and nothing else. */
function up(definitions: readonly Declared[], environment: NodeJS.ProcessEnv = {}): Promise<Finished> {
  stack.workspace.declare([...stack.services, ...definitions]);
  return stack.workspace.up(environment);
}

function preview(definitions: readonly Declared[]): Promise<Finished> {
  stack.workspace.declare([...stack.services, ...definitions]);
  return stack.workspace.preview();
}

async function outputsOf(name: string) {
  const resources = await stack.workspace.state();
  return resources.find(({ urn }) => urn.endsWith(`::${name}`));
}

describe("a preview", () => {
  it("names every wrong input by its path", async () => {
    const wrong = { columns: [{ name: "time", type: "instant", nullable: false, known: "soon" }], colour: "red" };
    const { code, output } = await preview([stack.dataset("wrong", "ready", { spec: wrong })]);
    expect(code).not.toBe(0);
    for (const path of ["spec.columns[0].type", "spec.columns[0].known", "spec.colour"])
      expect(output).toContain(`property ${path} `);
  });

  it("shows what changes by its path, and leaves open only what work will decide", async () => {
    expect(await up(stack.everything("plan"))).toMatchObject({ code: 0 });
    const unchanged = await preview(stack.everything("plan"));
    expect(unchanged.output).toMatch(/9 unchanged/);
    const { output } = await preview(stack.everything("plan", "f2"));
    expect(output).toMatch(/~ fingerprint: "f1" => "f2"/);
    expect(output).toMatch(/~ root: "root-of-f1" => \[unknown\]/);
    expect(output).toMatch(/~ package: "package-1" => \[unknown\]/);
    expect(output).toContain("plan-rows: will ingest rows.csv");
    expect(output).toMatch(/~ 3 to update/);
    expect(output).not.toMatch(/steward:index:(Features|TrainingJob): \(/);
  });
});

describe("an update", () => {
  it("shows live progress, and ends when the entity has settled", async () => {
    const { code, output } = await up([stack.dataset("slow", "slow")]);
    expect(code).toBe(0);
    expect(output).toMatch(/Dataset slow creating .*reading row [1-4] of 4/);
    expect(await outputsOf("slow")).toMatchObject({ outputs: { state: "ready", status: "3 rows", rows: 3 } });
  });

  it("fails with the reasons of what failed, shows it in the next preview, and tries again", async () => {
    const failing = [stack.dataset("failing", "fails")];
    const first = await up(failing);
    expect(first.code).not.toBe(0);
    expect(first.output).toContain("The first reason.");
    expect(first.output).toContain("The second reason.");
    expect(await outputsOf("failing")).toMatchObject({
      outputs: { state: "failed" },
      initErrors: ["The first reason.", "The second reason."],
    });
    const seen = await preview(failing);
    expect(seen.output).toContain('dataset "failing" failed: The first reason. The second reason. It will try again.');
    expect((await up(failing)).code).not.toBe(0);
    expect(await outputsOf("failing")).toMatchObject({ outputs: { generation: 2 } });
    expect(await up([stack.dataset("failing", "ready")])).toMatchObject({ code: 0 });
  });

  it("succeeds when something waits for an approval, and says so", async () => {
    const { code, output } = await up([stack.dataset("waiting", "waits")]);
    expect(code).toBe(0);
    expect(output).toContain("awaiting approval by ops-lead");
    expect(await outputsOf("waiting")).toMatchObject({ outputs: { state: "awaiting-approval" } });
  });

  it("is refused by the entity of another stack, which is taken over only on purpose", async () => {
    const other = { ...stack.connection, owner: "others/local" };
    expect(await up([stack.dataset("owned", "ready")])).toMatchObject({ code: 0 });
    const refused = await up([stack.dataset("owned", "ready", { connection: other })]);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/belongs to stack "tests\/local"/);
    expect(refused.output).toContain("STEWARD_ADOPT=1");
    expect(await up([stack.dataset("owned", "ready", { connection: other })], { STEWARD_ADOPT: "1" })).toMatchObject({
      code: 0,
    });
  });

  it("retires what is no longer declared, whatever serves", async () => {
    expect(await up(stack.everything("gone"))).toMatchObject({ code: 0 });
    const { code, output } = await up([]);
    expect(code).toBe(0);
    const order = ["endpoint", "model", "rows"].map((noun) => output.search(new RegExp(`gone-${noun} deleted`)));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
    const readded = await preview(stack.everything("gone"));
    expect(readded.output).toMatch(/\+ 5 to create/);
  });

  it("stops waiting when it is interrupted; the work goes on and the next update finds it done", async () => {
    const running = interruptible([stack.dataset("cancelled", "slow")]);
    await running.untilWorking("cancelled");
    running.interrupt();
    const { code, output } = await running.finished;
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /cancelled while reading row \d of 4: the work goes on; run npx pulumi up again to wait for it/,
    );
    expect(await up([stack.dataset("cancelled", "slow")])).toMatchObject({ code: 0 });
    expect(await outputsOf("cancelled")).toMatchObject({ outputs: { state: "ready", generation: 1 } });
  });

  it("converges after it was killed", async () => {
    const running = interruptible([stack.dataset("killed", "slow")]);
    await running.untilWorking("killed");
    await running.killHard();
    await stack.workspace.run(["cancel", "--yes"]);
    expect(await up([stack.dataset("killed", "slow")])).toMatchObject({ code: 0 });
    expect(await outputsOf("killed")).toMatchObject({ outputs: { state: "ready", generation: 1 } });
  });
});

function interruptible(definitions: readonly Declared[]) {
  stack.workspace.declare([...stack.services, ...definitions]);
  const running = stack.workspace.start(["up", "--yes", "--skip-preview"]);
  return {
    ...running,
    /** Waits until the entity of a dataset has begun: Pulumi itself prints only now and then. */
    async untilWorking(name: string): Promise<void> {
      const { openEngine } = await import("../../../framework/engine/engine.ts");
      await using engine = await openEngine(stack.local.connection.engine);
      const isWorking = async () =>
        (await engine.status({ project: "tests", kind: "dataset", name }))?.summary.startsWith("reading");
      while (!(await isWorking())) await sleep(100);
    },
  };
}

describe("the state", () => {
  it("has no secret in clear, nor has anything that Pulumi prints", async () => {
    const { output } = await up([stack.dataset("secret", "ready")]);
    const state = stack.workspace.rawState();
    const { output: diff } = await preview([stack.dataset("secret", "ready", { fingerprint: "f2" })]);
    for (const secret of [canary, stack.local.secrets.store])
      expect([state, output, diff].filter((text) => text.includes(secret))).toEqual([]);
    expect(state).toContain('"ciphertext"');
  });
});

describe("without its processes", () => {
  it("a stack is brought up again by an update, and nothing else changes", async () => {
    const definitions = stack.everything("revived");
    expect(await up(definitions)).toMatchObject({ code: 0 });
    await stack.killEverything();
    const { code, output } = await up(definitions);
    expect(code).toBe(0);
    expect(output).toMatch(/~ 3 updated\s+6 unchanged/);
    expect((await (await stack.supervisor()).list()).map(({ state }) => state)).toEqual(["ready", "ready", "ready"]);
  });
});

describe("a destroy", () => {
  it("is refused whole while an endpoint serves, even when everything has been killed; told to, it retires and ends all", async () => {
    expect(await up(stack.everything("end"))).toMatchObject({ code: 0 });
    const before = (await stack.workspace.state()).length;
    await stack.killEverything();
    const refused = await stack.workspace.run(["destroy", "--yes", "--skip-preview"]);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/nothing was destroyed: an endpoint still serves \(end-endpoint\)/);
    expect((await stack.workspace.state()).length).toBe(before);
    expect((await (await stack.supervisor()).list()).map(({ state }) => state)).toEqual(["ready", "ready", "ready"]);
    const retired = await stack.workspace.run(["destroy", "--yes", "--skip-preview"], { STEWARD_DESTROY: "retire" });
    expect(retired.code).toBe(0);
    expect(await (await stack.supervisor()).list()).toEqual([]);
    expect(await up([])).toMatchObject({ code: 0 });
  });
});
