/**
 * The example's study: thirty trials of real trainings, two at a time, with those given up that do worse.
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluationSchema } from "../../../framework/evaluation/evaluation.ts";
import { listTrials } from "../../../framework/training/tuning/study-record.ts";
import { type Checkout, copyCheckout } from "../../support/checkout.ts";
import { type StackView, viewStack } from "../../support/deployed.ts";

const deploy = ["up", "-s", "tuned", "--yes", "--skip-preview"];
let checkout: Checkout;
let view: StackView;

beforeAll(() => {
  checkout = copyCheckout();
  writeFileSync(
    join(checkout.folder, "Pulumi.tuned.yaml"),
    "config:\n  steward:project: examples/flights-tuned/project.ts\n",
  );
  view = viewStack({ folder: join(checkout.folder, ".steward/stacks/tuned"), project: "flights-tuned" });
});
afterAll(() => checkout.end());

describe("the tuned example", () => {
  it("is planned as a study, as wide as the machine", async () => {
    const planned = await checkout.steward(["plan", "-s", "tuned"]);
    expect(planned.output).toMatch(/tune late-search: 30 trials, \d at a time/);
  });

  it("has the best of exactly its trials in production", async () => {
    const up = await checkout.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    const live = await view.liveModel("late-tuned");
    const trials = await view.store((store) => listTrials(store, live.run));
    expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, number) => number));
    expect(trials.filter(({ state }) => state === "failed")).toEqual([]);
    expect(trials.filter(({ state }) => state === "pruned").length).toBeGreaterThan(0);
    for (const { params } of trials) expect("drop" in params).toBe(params["boosting"] === "dart");
    const best = Math.max(...trials.flatMap(({ values }) => values));
    expect(best).toBeGreaterThan(0.6);
    const evaluation = await view.store(({ getJson }) => getJson(live.evaluation, evaluationSchema));
    expect(evaluation.decision).toBe("pass");
    expect((await view.status("model", "late-tuned"))?.testReads).toMatchObject({ candidate: 1 });
  });

  it("is left alone by a second deploy", async () => {
    const before = await view.listSteps();
    const up = await checkout.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    expect(await view.newSteps(before)).toEqual([]);
  });
});
