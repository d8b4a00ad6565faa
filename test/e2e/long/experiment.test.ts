/**
 * An experiment on a deployed endpoint, from its first callers to what follows: the endpoint decides it by itself, its winner is released
 * in the place of what lost, and a deploy of what is defined still changes nothing of that.
 * @module
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { type Checkout, copyCheckout } from "../../support/checkout.ts";
import { type StackView, viewStack } from "../../support/deployed.ts";
import { placeTinyProject } from "../../support/tiny-project.ts";

let checkout: Checkout;
let view: StackView;

const keen = `const keenly = trainingJob("keenly", {
  features: [habits],
  label: (row) => row.spent.gt(20),
  split: { test: "20 days", validation: "5 days", gap: "1 day" },
  trainer: python("train.py", { lock: "requirements.lock" }),
  params: z.object({ weight: z.number().default(0.3) }),
  seed: 1,
  resources: { cpu: 1, memory: "1 GiB" },
});
const keen = model("keen", {
  owner: "ml", risk: "low", training: keenly, metrics: [auc], gates: [auc.atLeast(0.6)], approval: "waived",
});
`;
const trees = `feedback: { label: z.boolean(), matures: "0 seconds" },
  experiment: experiment("weights", {
    arms: { control: spender, treatment: keen },
    metric: accuracy,
    minimum: 0.2,
    guardrails: [{ metric: "errors", by: 0.1 }],
    window: "1 second",
    atMost: "10 minutes",
    decide: "promote",
  }),`;

beforeAll(async () => {
  checkout = copyCheckout();
  placeTinyProject(checkout);
  checkout.edit("tiny/project.ts", (text) =>
    text
      .replace('known: "1 day"', 'known: "0 seconds"')
      .replace("{ allAtOnce,", "{ accuracy, allAtOnce, experiment,")
      .replace("const desk", `${keen}const desk`)
      .replace('log: { requests: "all", durability: "disk" }', `log: { requests: "all", durability: "disk" }, ${trees}`)
      .replace("spender, desk]", "spender, keenly, keen, desk]"),
  );
  view = viewStack({ folder: join(checkout.folder, ".steward/stacks/local"), project: "tiny" });
  await deploy();
});
afterAll(() => checkout.end());

async function deploy(): Promise<void> {
  const { code, output } = await checkout.pulumi(["up", "-s", "local", "--yes", "--skip-preview"]);
  expect(code, output).toBe(0);
}

async function run(...words: readonly string[]): Promise<string> {
  const { code, output, stdout } = await checkout.steward([...words]);
  expect(code, output).toBe(0);
  return stdout;
}

/** Asks for one unit, and says who answered. */
async function ask(address: string, i: number) {
  const hour = i % 12 < 6 ? 6 : 18;
  const body = JSON.stringify({ inputs: [{ name: "hour", datatype: "FP64", shape: [1], data: [hour] }] });
  const headers = { "steward-unit": `customer-${i}` };
  const answer = await fetch(`${address}/v2/models/spender/infer`, { method: "POST", body, headers });
  const said: unknown = await answer.json();
  expect(answer.status, JSON.stringify(said)).toBe(200);
  const { id, model_version: version } = z.object({ id: z.string(), model_version: z.string() }).parse(said);
  return { id, version, variant: answer.headers.get("steward-variant"), isLate: hour > 12 };
}

it("is decided by its endpoint, and its winner is released in the place of what lost", async () => {
  const { address } = await view.liveEndpoint("desk");
  expect(await run("status", "desk")).toMatch(/experiment "weights": control 50 %, treatment 50 %/);
  // The treatment turns out right about everybody, the control about every other one.
  for (let i = 0; i < 400; i += 1) {
    const { id, variant, isLate } = await ask(address, i);
    const isRight = variant === "treatment" || i % 2 === 0;
    const label = JSON.stringify({ id, label: isRight ? isLate : !isLate });
    expect((await fetch(`${address}/desk/feedback`, { method: "POST", body: label })).status).toBe(200);
  }
  await expect
    .poll(() => view.live("model", "spender"), { timeout: 60_000 })
    .toMatchObject({
      version: 2,
      from: { model: "keen", version: 1, endpoint: "desk", experiment: "weights" },
    });
  await view.liveEndpoint("desk", { version: 2 });
  await expect.poll(() => ask(address, 1), { timeout: 20_000 }).toMatchObject({ version: "2", variant: null });
  expect(await ask(address, 2)).toMatchObject({ version: "2", variant: null });

  const shown = await run("experiment", "desk");
  expect(shown).toMatch(/Arm "treatment" is better than "control"/);
  expect(shown).toMatch(/recorded by the endpoint at .*, look [0-9a-f]{12}/);
  const { decision, recorded } = z
    .object({ decision: z.looseObject({ verdict: z.string() }), recorded: z.looseObject({ look: z.string() }) })
    .parse(JSON.parse(await run("experiment", "desk", "--json")));
  expect(decision).toMatchObject({ verdict: "winner", winner: "treatment" });
  expect(recorded.look).toBe((await view.liveModel("spender")).from?.look);
  const status = await run("status");
  expect(status).toMatch(/experiment "weights" is over; winner treatment/);
  expect(status).toMatch(/version 2 is version 1 of keen/);
  const history = await view.timeline("endpoint", "desk");
  for (const line of [/"weights": winner, treatment is better: accuracy \+0\./, /the experiment is over/])
    expect(history).toContainEqual(expect.stringMatching(line));
});

it("stays so when what lost is deployed once more, and gets new rows", async () => {
  const before = await view.listSteps();
  expect(await run("plan")).not.toMatch(/will (train|release)/);
  await deploy();
  expect(await view.newSteps(before)).toEqual([]);
  appendFileSync(join(checkout.folder, "tiny/visits.csv"), "2024-03-01T12:00:00.000Z,shop-1,25\n");
  await deploy();
  expect(await view.newSteps(before)).toContain("train");
  expect(await view.liveModel("spender")).toMatchObject({ version: 2, from: { model: "keen" } });
  expect(await run("status", "spender")).toMatch(/give "spender" the training of "keen"/);
  const { address } = await view.liveEndpoint("desk", { version: 2 });
  expect(await ask(address, 3)).toMatchObject({ version: "2", variant: null });
});
