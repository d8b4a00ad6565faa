/**
 * A label that is one of three classes, from the definitions to what a server answers, by a classifier of LightGBM.
 * @module
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { evaluationSchema } from "../../../framework/evaluation/evaluation.ts";
import { modelPackageSchema } from "../../../framework/models/model-package.ts";
import { type Checkout, copyCheckout } from "../../support/checkout.ts";
import { type StackView, viewStack } from "../../support/deployed.ts";

const project = `import { z } from "zod";
import { accuracy, allAtOnce, answersEachRow, bySlice, csv, dataset, endpoint, features, logLoss, macroAuc, macroF1, model, project, python, simplex, topK, trainingJob } from "../framework/index.ts";

const Day = z.object({
  day: z.date(),
  station: z.enum(["coast", "hill"]),
  warmth: z.number(),
  wetness: z.number(),
  sky: z.enum(["sun", "rain", "snow"]).meta({ known: "1 day" }),
});
const days = dataset("days", { owner: "weather", schema: Day, eventTime: "day", source: csv("days.csv") });
const readings = features("readings", days, (row) => ({ warmth: row.warmth, wetness: row.wetness, station: row.station.category() }));
const training = trainingJob("sky-training", {
  features: [readings],
  label: (row) => row.sky,
  split: { test: "60 days", validation: "30 days" },
  trainer: python("train.py", { lock: "requirements.lock" }),
});
const sky = model("sky", {
  owner: "weather",
  risk: "low",
  training,
  metrics: [logLoss, accuracy, macroF1, macroAuc, topK(2)],
  gates: [accuracy.atLeast(0.8), logLoss.betterThan("baseline", { by: 0.2 }), macroF1.atLeast(0.6).on(bySlice("station", { min: 50 }))],
  tests: [answersEachRow(), simplex()],
});
const desk = endpoint("desk", { model: sky, rollout: allAtOnce() });
export default project("skies", { definitions: [days, readings, training, sky, desk], environments: { local: {} } });
`;

const trainer = `"""Fits a classifier to the names of the classes, which stand in another order than theirs."""

import lightgbm
import numpy
import steward

job = steward.job()
X, y = job.train()
names = numpy.array(job.classes)[y]
job.save(lightgbm.LGBMClassifier(n_estimators=30, random_state=job.seed, verbose=-1).fit(X, names))
`;

/** Cold days are snowy, dry ones sunny, and the others rainy, but for every twentieth. */
function writeDays(): string {
  const rows = Array.from({ length: 2_400 }, (_, i) => {
    const [warmth, wetness] = [((i * 37) % 101) / 50 - 1, ((i * 53) % 97) / 48 - 1];
    const told = warmth < -0.3 ? "snow" : wetness < 0 ? "sun" : "rain";
    const sky = i % 20 === 0 ? ["sun", "rain", "snow"][(i / 20) % 3] : told;
    const time = new Date(Date.parse("2024-01-01T00:00:00Z") + Math.floor(i / 8) * 86_400_000 + (i % 8) * 3_600_000);
    return `${time.toISOString()},${i % 2 === 0 ? "coast" : "hill"},${warmth},${wetness},${sky}`;
  });
  return ["day,station,warmth,wetness,sky", ...rows, ""].join("\n");
}

let checkout: Checkout;
let view: StackView;

beforeAll(async () => {
  checkout = copyCheckout();
  const folder = join(checkout.folder, "skies");
  mkdirSync(folder);
  writeFileSync(join(folder, "project.ts"), project);
  writeFileSync(join(folder, "train.py"), trainer);
  writeFileSync(join(folder, "days.csv"), writeDays());
  copyFileSync(join(checkout.folder, "examples/flights/requirements.lock"), join(folder, "requirements.lock"));
  writeFileSync(join(checkout.folder, "Pulumi.local.yaml"), "config:\n  steward:project: skies/project.ts\n");
  view = viewStack({ folder: join(checkout.folder, ".steward/stacks/local"), project: "skies" });
  const up = await checkout.pulumi(["up", "-s", "local", "--yes", "--skip-preview"]);
  expect(up.code, up.output).toBe(0);
});
afterAll(() => checkout.end());

it("is trained, judged by class and station, and released", async () => {
  const live = await view.liveModel("sky");
  const made = await view.store(({ getJson }) => getJson(live.package, modelPackageSchema));
  expect(made).toMatchObject({ task: "multiclass", classes: ["sun", "rain", "snow"], output: "probabilities" });
  expect(made.signature?.output).toMatchObject({ name: "probabilities", shape: [expect.anything(), 3] });
  const found = await view.store(({ getJson }) => getJson(live.evaluation, evaluationSchema));
  expect(found.metrics.map(({ metric }) => metric)).toEqual([
    "log-loss",
    "accuracy",
    "macro-f1",
    "macro-auc",
    "top-2-accuracy",
  ]);
  expect(found.gates.map(({ verdict }) => verdict)).toEqual(["pass", "pass", "pass"]);
  expect(found.tests?.map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);
  expect(found.curves?.kind).toBe("multiclass");
});

it("is served with a probability for each class and the name of the most probable one, by both routes", async () => {
  const { address } = await view.liveEndpoint("desk");
  const probability = z.number().min(0).max(1);
  const typed = z.object({
    label: z.string(),
    probabilities: z.strictObject({ sun: probability, rain: probability, snow: probability }),
  });
  const send = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${address}${path}`, { method: "POST", body: JSON.stringify(body) });
    return answer.json();
  };
  const labels: string[] = [];
  for (const [warmth, wetness] of [
    [0.5, -0.6],
    [0.5, 0.6],
    [-0.8, 0.6],
  ] as const) {
    const answer = typed.parse(
      await send("/desk/predict", { day: "2024-12-01T00:00:00Z", station: "hill", warmth, wetness }),
    );
    const { sun, rain, snow } = answer.probabilities;
    expect(sun + rain + snow).toBeCloseTo(1, 5);
    labels.push(answer.label);
  }
  expect(labels).toEqual(["sun", "rain", "snow"]);
  const tensors = [
    { name: "warmth", datatype: "FP64", shape: [2], data: [0.5, -0.8] },
    { name: "wetness", datatype: "FP64", shape: [2], data: [-0.6, 0.6] },
    { name: "station", datatype: "BYTES", shape: [2], data: ["hill", "coast"] },
  ];
  expect(await send("/v2/models/sky/infer", { inputs: tensors })).toMatchObject({
    outputs: [
      { name: "probabilities", datatype: "FP64", shape: [2, 3] },
      { name: "label", datatype: "BYTES", shape: [2], data: ["sun", "snow"] },
    ],
  });
});

it("is told by the commands", async () => {
  const run = async (...words: readonly string[]) => {
    const { code, stdout, output } = await checkout.steward(words);
    expect(code, output).toBe(0);
    return stdout;
  };
  expect(await run("evaluation", "sky")).toMatch(/macro-f1 +0\.\d+ \[/);
  expect(await run("predict", "desk")).toMatch(/"probabilities":\[0\.\d+,0\.\d+,0\.\d+\],"label":"(sun|rain|snow)"/);
  const row = { day: "2024-12-01T00:00:00Z", station: "hill", warmth: 0.5, wetness: -0.6 };
  expect(await run("predict", "desk", "--row", JSON.stringify(row))).toMatch(
    /"probabilities":\{"sun":0\.\d+.*"label":"sun"/,
  );
  expect(await run("card", "sky")).toContain("multiclass: sun, rain, snow");
  await run("evaluation", "sky", "--html", "report.html");
  expect(readFileSync(join(checkout.folder, "report.html"), "utf8")).toContain("ROC of snow against all others");
});
