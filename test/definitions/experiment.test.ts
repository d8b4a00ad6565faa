import { describe, expect, it } from "vitest";
import { z } from "zod";
import { experimentSpec } from "../../framework/definitions/experiment-spec.ts";
import { StewardError } from "../../framework/definitions/problem.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import {
  accuracy,
  auc,
  canary,
  endpoint,
  errorRate,
  experiment,
  features,
  type Model,
  mae,
  model,
  type Project,
  precision,
  project,
  recall,
  rmse,
  topK,
  trainingJob,
} from "../../framework/index.ts";
import { definitions, flights, late, routes, training } from "./flight-project.ts";

function problemsOf(given: Project) {
  try {
    resolveProject(given, "local");
  } catch (error) {
    if (error instanceof StewardError) return error.problems;
    throw error;
  }
  return [];
}

const bigger = model("bigger", { owner: "o", risk: "low", training, metrics: [auc], gates: [] });
const parts = { features: [routes], split: { test: "14 days" }, trainer: training.trainer } as const;
const minutesJob = trainingJob("minutes", { ...parts, label: (row) => row.delay });
const minutes = model("minutes", { owner: "o", risk: "low", training: minutesJob, metrics: [rmse], gates: [] });
const longer = features("longer", flights, (row) => ({ hour: row.date.hour(), distance: row.distance }));
const fartherJob = trainingJob("farther", { ...parts, features: [longer], label: (row) => row.delay.gt(15) });
const farther = model("farther", { owner: "o", risk: "low", training: fartherJob, metrics: [auc], gates: [] });
const listed = [
  ...definitions.filter(({ kind }) => kind !== "endpoint"),
  bigger,
  minutesJob,
  minutes,
  longer,
  fartherJob,
  farther,
];

const arms = { control: late, treatment: bigger };
const asked = { arms, metric: accuracy, minimum: 0.01 } as const;
const feedback = { label: z.boolean(), matures: "1 day" } as const;

/** The flights' project with an experiment on its endpoint, and what else that says. */
function running(changes: object, more: object = {}): Project {
  const tried = { ...experiment("trees", asked), ...changes };
  return project("flights", {
    definitions: [...listed, { ...endpoint("desk", { model: late, feedback }), experiment: tried, ...more }],
  });
}

function specOf(given: Project) {
  const [spec] = resolveProject(given, "local").definitions.filter(({ kind }) => kind === "endpoint");
  return spec?.kind === "endpoint" ? spec.experiment : undefined;
}

describe("an experiment on an endpoint", () => {
  it("has its defaults filled in", () => {
    const spec = specOf(running({}));
    expect(spec).toEqual({
      name: "trees",
      arms: [
        { name: "control", model: "late-arrival", weight: 5000 },
        { name: "treatment", model: "bigger", weight: 5000 },
      ],
      control: "control",
      metric: "accuracy",
      better: "higher",
      per: "unit",
      minimum: 0.01,
      guardrails: [],
      alpha: 0.05,
      power: 0.8,
      window: "1 day",
      atMost: "60 days",
      decide: "recommend",
    });
    expect(experimentSpec.parse(spec)).toEqual(spec);
    const bare = project("flights", { definitions: [...listed, endpoint("desk", { model: late })] });
    expect(specOf(bare)).toBeUndefined();
  });

  it("keeps what it says, in its arms' order", () => {
    const spec = specOf(
      running({
        arms: { small: bigger, today: late, large: bigger },
        control: "today",
        unit: "origin",
        metric: "label",
        better: "lower",
        per: "row",
        guardrails: [
          { metric: accuracy, by: 0.02 },
          { metric: "errors", by: 0.002 },
          { metric: "slow", over: 50, by: 0.01 },
        ],
        allocation: { small: 0.1, today: 0.75, large: 0.15 },
        alpha: 0.01,
        power: 0.9,
        window: "7 days",
        atMost: "28 days",
        decide: "recommend",
      }),
    );
    expect(spec).toMatchObject({
      arms: [
        { name: "small", weight: 1000 },
        { name: "today", weight: 7500 },
        { name: "large", weight: 1500 },
      ],
      control: "today",
      unit: "origin",
      metric: "label",
      better: "lower",
      per: "row",
      guardrails: [
        { metric: "accuracy", better: "higher", by: 0.02 },
        { metric: "errors", better: "lower", by: 0.002 },
        { metric: "slow", better: "lower", over: 50, by: 0.01 },
      ],
      decide: "recommend",
    });
  });

  it("deals all units, and what equal shares leave over to the control", () => {
    const three = specOf(running({ arms: { ...arms, other: bigger } }));
    expect(three?.arms.map(({ weight }) => weight)).toEqual([3334, 3333, 3333]);
  });

  it("counts rows where a metric is a ratio that a unit may not have", () => {
    expect(specOf(running({ metric: recall }))).toMatchObject({ metric: "recall", per: "row" });
  });

  it.each<[string, object, object]>([
    ["one arm", { arms: { control: late } }, { code: "definition-invalid", at: "desk.experiment.arms" }],
    ["a model by its name", { arms: { ...arms, b: "late" } }, { at: "desk.experiment.arms.b" }],
    [
      "a control that is no arm",
      { control: "contrl" },
      { at: "desk.experiment.control", fix: 'did you mean "control"?' },
    ],
    [
      "a control that is not the endpoint's model",
      { control: "treatment" },
      { code: "experiment-unfit", at: "desk.experiment.arms.treatment", expected: 'model "late-arrival"' },
    ],
    [
      "an arm that answers another label",
      { arms: { control: late, treatment: minutes } },
      { code: "experiment-unfit", at: "desk.experiment.arms.treatment", got: "a number", expected: "true or false" },
    ],
    [
      "an arm that is asked otherwise",
      { arms: { control: late, treatment: farther } },
      {
        code: "experiment-unfit",
        at: "desk.experiment.arms.treatment",
        got: "date: timestamp, distance: integer",
        expected: "date: timestamp, origin: string",
      },
    ],
    [
      "an arm by a name that the server gives",
      { arms: { ...arms, canary: bigger } },
      { code: "name-invalid", at: "desk.experiment.arms.canary" },
    ],
    ["an arm of no valid name", { arms: { ...arms, "Big One": bigger } }, { code: "name-invalid" }],
    ["no valid name", { name: "Big trees" }, { code: "name-invalid", at: "desk.experiment.name" }],
    [
      "shares that are not all",
      { allocation: { control: 0.5, treatment: 0.4 } },
      { code: "experiment-unfit", at: "desk.experiment.allocation", got: "0.9 together", expected: "1 together" },
    ],
    [
      "a share of no arm",
      { allocation: { control: 0.5, treatment: 0.5, b: 0.1 } },
      { at: "desk.experiment.allocation.b" },
    ],
    ["no share for an arm", { allocation: { control: 1 } }, { at: "desk.experiment.allocation.treatment" }],
    [
      "a unit that there is not",
      { unit: "orgin" },
      { code: "column-unknown", at: "desk.experiment.unit", fix: 'did you mean "origin"?' },
    ],
    [
      "a unit that no request has",
      { unit: "distance" },
      { code: "experiment-unfit", at: "desk.experiment.unit", what: expect.stringContaining("no part of a request") },
    ],
    ["a unit that is a time", { unit: "date" }, { at: "desk.experiment.unit", expected: "one of origin" }],
    ["a metric of many rows", { metric: auc }, { code: "metric-unfit", at: "desk.experiment.metric" }],
    ["a metric of another label", { metric: mae }, { code: "metric-unfit", at: "desk.experiment.metric" }],
    ["a metric of classes", { metric: topK(2) }, { code: "metric-unfit" }],
    ["a metric by its name", { metric: "accuracy" }, { code: "definition-invalid", at: "desk.experiment.metric" }],
    [
      "a metric that needs no label",
      { metric: "errors" },
      { code: "definition-invalid", at: "desk.experiment.metric" },
    ],
    ["labels of no direction", { metric: "label" }, { code: "experiment-unfit", at: "desk.experiment.better" }],
    ["another direction than the metric's", { better: "lower" }, { at: "desk.experiment.better", fix: "leave it out" }],
    [
      "a ratio for each unit",
      { metric: precision, per: "unit" },
      { code: "experiment-unfit", at: "desk.experiment.per" },
    ],
    ["no smallest difference", { minimum: 0 }, { code: "definition-invalid", at: "desk.experiment.minimum" }],
    ["an alpha of 1", { alpha: 1 }, { code: "definition-invalid", at: "desk.experiment.alpha" }],
    [
      "slow answers of any time",
      { guardrails: [{ metric: "slow", by: 0.01 }] },
      { code: "experiment-unfit", at: "desk.experiment.guardrails[0].over" },
    ],
    [
      "errors over a time",
      { guardrails: [{ metric: "errors", over: 5, by: 0.01 }] },
      { code: "experiment-unfit", at: "desk.experiment.guardrails[0].over" },
    ],
    [
      "a guardrail without its limit",
      { guardrails: [{ metric: accuracy }] },
      { code: "definition-invalid", at: "desk.experiment.guardrails[0].by" },
    ],
    [
      "a guardrail of many rows",
      { guardrails: [{ metric: auc, by: 0.01 }] },
      { code: "metric-unfit", at: "desk.experiment.guardrails[0].metric" },
    ],
    ["an end before its first unit counts", { atMost: "2 days" }, { at: "desk.experiment.atMost" }],
    [
      "a release of the winner where every arm has what is in production",
      { arms: { control: late, again: late }, decide: "promote" },
      { code: "experiment-unfit", at: "desk.experiment.decide", fix: 'use "recommend", or leave it out' },
    ],
    [
      "an unknown option",
      { minmum: 1 },
      { code: "option-unknown", at: "desk.experiment.minmum", fix: 'did you mean "minimum"?' },
    ],
  ])("is refused with %s", (_name, changes, problem) => {
    expect(problemsOf(running(changes))).toEqual([expect.objectContaining(problem)]);
  });

  it("is refused with shares that are finer than units are dealt", () => {
    const problems = problemsOf(running({ allocation: { control: 0.33333, treatment: 0.66667 } }));
    const finer = { code: "experiment-unfit", expected: "steps of 0.0001" };
    expect(problems).toEqual([
      expect.objectContaining({ ...finer, at: "desk.experiment.allocation.control", got: "0.33333" }),
      expect.objectContaining({ ...finer, at: "desk.experiment.allocation.treatment", got: "0.66667" }),
    ]);
  });

  it.each<[string, object, object]>([
    ["takes no labels", { feedback: undefined }, { code: "experiment-unfit", at: "desk.experiment" }],
    [
      "knows labels only of what the model lets happen",
      { feedback: { ...feedback, observed: { when: true } } },
      { code: "experiment-unfit", at: "desk.experiment" },
    ],
    ["is given what is no experiment", { experiment: { arms } }, { code: "definition-invalid", at: "desk.experiment" }],
  ])("is not on an endpoint that %s", (_name, more, problem) => {
    expect(problemsOf(running({}, more))).toEqual([expect.objectContaining(problem)]);
  });

  it("is not on an endpoint whose versions reach callers step by step", () => {
    const rollout = canary({ steps: [5, 100], hold: "10 minutes", abortOn: [errorRate.above(0.01)] });
    expect(problemsOf(running({}, { rollout }))).toEqual([
      expect.objectContaining({ code: "experiment-unfit", at: "desk.rollout", expected: "allAtOnce()" }),
    ]);
  });

  it("is not on an endpoint that logs nothing", () => {
    const codes = problemsOf(running({}, { log: { requests: "none" } })).map(({ code }) => code);
    expect(codes).toContain("experiment-unfit");
  });

  it("needs all of its models in the project", () => {
    const lone = project("flights", {
      definitions: [
        ...listed.filter((one) => one !== bigger),
        endpoint("desk", { model: late, feedback, experiment: experiment("trees", asked) }),
      ],
    });
    expect(problemsOf(lone)).toEqual([
      expect.objectContaining({ code: "definition-unlisted", at: "desk.experiment.arms.treatment" }),
    ]);
  });

  it("may try itself: two arms of one model", () => {
    const same: Record<string, Model> = { control: late, treatment: late };
    expect(specOf(running({ arms: same }))?.arms.map(({ model: name }) => name)).toEqual([late.name, late.name]);
  });
});
