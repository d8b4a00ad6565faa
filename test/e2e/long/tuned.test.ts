/**
 * The example's study: thirty trials of real trainings, two at a time, with those given up that do worse.
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { evaluationSchema } from "../../../framework/evaluation/evaluation.ts";
import { listTrials } from "../../../framework/training/tuning/study-record.ts";
import { type Checkout, copyCheckout } from "../../support/checkout.ts";
import { type StackView, viewStack } from "../../support/deployed.ts";

const listedRun = z.object({
  id: z.string(),
  parent: z.string().optional(),
  status: z.string(),
  metrics: z.record(z.string(), z.union([z.number(), z.string()])),
  tags: z.record(z.string(), z.string()),
});
const deploy = ["up", "-s", "tuned", "--yes", "--skip-preview"];
let checkout: Checkout;
let view: StackView;

beforeAll(() => {
  checkout = copyCheckout();
  writeFileSync(
    join(checkout.folder, "Pulumi.tuned.yaml"),
    "config:\n  steward:project: examples/flights-tuned/project.ts\n  steward:tracking: local\n",
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

  it("is shown by `steward runs`: the study with the best trial's result, and every trial as it ended", async () => {
    const live = await view.liveModel("late-tuned");
    const trials = await view.store((store) => listTrials(store, live.run));
    const listed = await checkout.steward(["runs", "late-search", "-s", "tuned", "--limit", "100", "--json"]);
    expect(listed.code, listed.output).toBe(0);
    const runs = z.array(listedRun).parse(JSON.parse(listed.stdout));
    const [study, ...others] = runs.filter(({ parent }) => parent === undefined);
    expect(others).toEqual([]);
    const best = Math.max(...trials.flatMap(({ values }) => values));
    expect(study).toMatchObject({ status: "FINISHED", metrics: { auc: best }, tags: { "study.metric": "auc" } });
    const told = runs.filter(({ parent }) => parent === study?.id);
    expect(told.map(({ tags }) => [tags["trial.number"], tags["trial.state"]]).sort()).toEqual(
      trials.map(({ number, state }) => [String(number + 1), state]).sort(),
    );
    expect(new Set(told.map(({ status }) => status))).toEqual(new Set(["FINISHED", "KILLED"]));
    const tree = await checkout.steward(["runs", "late-search", "-s", "tuned", "--tree"]);
    expect(tree.output.match(/└ late-search trial /g)).toHaveLength(30);
  });

  it("is compared by `steward compare`: its trials, or the version that it became", async () => {
    const { code, output, stdout } = await checkout.steward(["compare", "late-search", "-s", "tuned", "--json"]);
    expect(code, output).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      objective: { metric: "auc", direction: "maximize" },
      importance: { params: expect.arrayContaining([{ param: "rate", share: expect.any(Number) }]) },
    });
    const version = await checkout.steward(["compare", "late-tuned@production", "-s", "tuned", "--html", "page.html"]);
    expect(version.code, version.output).toBe(0);
    expect(readFileSync(join(checkout.folder, "page.html"), "utf8").match(/<path class="run/g)).toHaveLength(30);
  });

  it("is left alone by a second deploy", async () => {
    const before = await view.listSteps();
    const up = await checkout.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    expect(await view.newSteps(before)).toEqual([]);
  });
});
