/**
 * Another project through the same code: other data, two datasets joined, a regression, another trainer's library. Then one
 * definition after the other goes, which is not what a destroy is.
 * @module
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluationSchema } from "../../../framework/evaluation/evaluation.ts";
import { modelPackageSchema } from "../../../framework/models/model-package.ts";
import { type Checkout, copyCheckout } from "../../support/checkout.ts";
import { askOne, listHistoryFiles, type StackView, viewStack } from "../../support/deployed.ts";

const projectFile = "examples/unemployment/project.ts";
const model = "unemployment-rate";
const deploy = ["up", "-s", "labour", "--yes", "--skip-preview"];

let checkout: Checkout;
let view: StackView;

beforeAll(() => {
  checkout = copyCheckout();
  view = viewStack({ folder: join(checkout.folder, ".steward/stacks/labour"), project: "labour" });
});

afterAll(() => checkout.end());

describe("another project", () => {
  it("is deployed by the same code, from two datasets", async () => {
    const up = await checkout.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    expect(await view.live("dataset", "unemployment")).toMatchObject({ rows: 1_708, quarantined: 0 });
    expect(await view.live("dataset", "market")).toMatchObject({ rows: 5_105, quarantined: 0 });
    const live = await view.liveModel(model);
    const { features, datasets } = live.desired;
    expect([Object.keys(features).sort(), Object.keys(datasets).sort()]).toEqual([
      ["industries", "prices"],
      ["market", "unemployment"],
    ]);
  });

  it("passes its gates on the last year, better than the latest known rate", async () => {
    const live = await view.liveModel(model);
    const evaluation = await view.store(({ getJson }) => getJson(live.evaluation, evaluationSchema));
    expect(evaluation.gates.map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);
    const [mae, guessed] = [evaluation.metrics, evaluation.baseline].map((all) =>
      all.find(({ metric }) => metric === "mae"),
    );
    expect(guessed).toMatchObject({ by: "latestRate" });
    expect(mae?.value).toBeLessThan(guessed?.value ?? 0);
  });

  it("answers with a number, over plain HTTP and through the command line", async () => {
    const { address, package: digest } = await view.liveEndpoint(model);
    const { inputs } = await view.store(({ getJson }) => getJson(digest, modelPackageSchema));
    expect(inputs.map(({ name }) => name)).toEqual(["month", "latestRate", "seasonalStep", "halfYearReturn"]);
    const answer = await askOne({
      address,
      model,
      features: { month: 5, latestRate: 6.5, seasonalStep: -0.25, halfYearReturn: 0.1 },
    });
    expect(answer).toMatchObject({ model_version: "1" });
    expect(answer.values["value"]).toBeGreaterThan(0);
    expect(answer.values["value"]).toBeLessThan(25);

    const predicted = await checkout.steward(["predict", model, '{"month": 5}', "-s", "labour"]);
    expect(predicted.code, predicted.output).toBe(0);
    expect(predicted.stdout).toMatch(/"month":5.*\nanswer \{"value":[\d.]+\}/);
  });

  it("retires an endpoint that was removed from the project, and its server with it", async () => {
    const before = await view.listSteps();
    const { address } = await view.liveEndpoint(model);
    checkout.edit(projectFile, (text) => text.replace("rateTraining, rate, unemploymentRate]", "rateTraining, rate]"));
    const plan = await checkout.steward(["plan", "-s", "labour"]);
    expect(plan.stdout).toContain(`- endpoint ${model} (remove)`);
    const up = await checkout.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    expect(up.output).toMatch(/- \d deleted/);
    expect(await view.status("endpoint", model)).toMatchObject({ state: "retired" });
    await expect(fetch(`${address}/v2/health/live`)).rejects.toThrow();
    expect(await view.liveModel(model)).toMatchObject({ version: 1 });
    expect(await view.newSteps(before)).toEqual([]);
  });

  it("is destroyed without a word once nothing serves, leaving its histories to the last", async () => {
    const destroyed = await checkout.pulumi(["destroy", "-s", "labour", "--yes", "--skip-preview"]);
    expect(destroyed.code, destroyed.output).toBe(0);
    expect(checkout.processes()).toEqual([]);
    const bucket = join(checkout.folder, ".steward/stacks/labour/store/labour-labour-locked");
    const histories = listHistoryFiles(bucket).map((path) => path.split("/").slice(1, -1).join("/"));
    expect(histories).toEqual(
      expect.arrayContaining([
        "labour/endpoint/unemployment-rate",
        "labour/model/unemployment-rate",
        "labour/dataset/market",
        "labour/dataset/unemployment",
      ]),
    );
  });
});
